"""`python -m benchmarks.growth [SIZES]`: what a message costs when ten thousand, a million, five million are stored.

One database for each size, all on one PostgreSQL, grown from the same real rows. The same new messages go through all
of them in turn, so that whatever else the machine does strikes each alike; a figure is the median of the ratios to the
first size, round by round. Last line: `growth: at_10k=1.00 at_1m=… at_5m=…`.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]

import dispatcher.story
import normalizer.story
import portal.story
from benchmarks import machine, results, traffic
from benchmarks.growth_history import Loaded, grow
from benchmarks.own_database import copy_of, own_database
from benchmarks.services import servers
from benchmarks.stepped import Works, works
from recipes.inbound import Inbound
from runtime.sealing.sealer import KEY_BYTES, Sealer
from runtime.store.engine import Store
from runtime.telemetry import logs
from tools.services.missing import PartMissing

SIZES = ("10k", "1m", "5m")
SEEDS = 1000
"""Messages that are taken through everything first; history is made of the rows they leave."""
BATCH = 200
ROUNDS = 9
_WARM = 2
"""Rounds before the clock counts: pages and plans are fetched once."""
_TRACED = 20
_UNITS = {"k": 1_000, "m": 1_000_000}
STEPS = ("intake", "settle", "plan", "send", "hear", "project")


@dataclass
class Place:
    """One size, and what was measured there."""

    name: str
    works: Works
    database: str
    loaded: Loaded
    rounds: list[dict[str, float]] = field(default_factory=list)
    """Microseconds a message by step, for each round."""
    audit: float = 0.0
    """Seconds."""
    balanced: bool = False
    trace: float = 0.0
    """Milliseconds for the whole story of one complaint."""
    gauges: float = 0.0
    """Milliseconds for the numbers that are shown every few seconds."""
    scanned: Mapping[str, int] = field(default_factory=dict)
    """Tables that were read from end to end while working, with the rows read."""


def main(arguments: Sequence[str]) -> int:
    """Measures; 1 when the books of a size do not balance, 2 when there is no PostgreSQL."""
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "sizes", nargs="*", default=list(SIZES), help="messages stored, such as 10k 1m (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="measured rounds (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="new messages a round (default: %(default)s)")
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="messages that history is made of (default: %(default)s)"
    )
    chosen = parser.parse_args(arguments)
    try:
        sizes = {size: number(size) for size in chosen.sizes}
    except ValueError as error:
        print(f"growth: {error}")
        return 2
    if min(sizes.values()) < chosen.seeds:
        print(f"growth: the smallest size is --seeds, {chosen.seeds}; take a larger size or fewer seeds")
        return 2
    logs.configure(level="error")
    try:
        with servers() as running:
            places = asyncio.run(_measure(running.postgres, sizes, chosen.seeds, chosen.batch, chosen.rounds))
    except PartMissing as part:
        print(f"growth: {part}")
        return 2
    return report(places)


def number(size: str) -> int:
    """`10k`, `1m`, `250000`.

    Raises:
        ValueError: it is none of these.
    """
    digits, unit = (size[:-1], size[-1].lower()) if size[-1:].lower() in _UNITS else (size, "")
    if not digits.isdigit():
        raise ValueError(f"{size!r} is no number of messages: write 10k, 1m or 250000")
    return int(digits) * _UNITS.get(unit, 1)


async def _measure(server: str, sizes: Mapping[str, int], seeds: int, batch: int, rounds: int) -> list[Place]:
    drawn = traffic.deliveries(seeds)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-growth-")))
        address = server.replace("postgresql:", "postgresql+asyncpg:", 1)
        quarry = await stack.enter_async_context(own_database(address))
        _say(f"taking {seeds} messages through everything")
        (folder / "quarry").mkdir()
        await _quarry(folder / "quarry", quarry, drawn)
        places = []
        for name, size in sizes.items():
            url = await stack.enter_async_context(copy_of(address, quarry))
            shutil.copytree(folder / "quarry", folder / name)
            begun = time.monotonic()
            loaded = await grow(url.replace("+asyncpg", ""), size, Sealer(bytes(KEY_BYTES)))
            _say(
                f"{name}: {loaded.messages:,} messages, {loaded.gibibytes:.1f} GiB, in {time.monotonic() - begun:.0f} s"
            )
            store = Store(url)
            stack.push_async_callback(store.close)
            made = await stack.enter_async_context(works(folder / name, store))
            await made.settle()  # reads the tables of rules
            places.append(Place(name, made, url.replace("+asyncpg", ""), loaded))
        await _rounds(places, batch, rounds)
        for place in places:
            await _look(place)
        return places


async def _quarry(folder: Path, url: str, drawn: Sequence[Inbound]) -> None:
    store = Store(url)
    try:
        async with works(folder, store) as made:
            await _through(made, drawn)
    finally:
        await store.close()


async def _through(made: Works, drawn: Sequence[Inbound]) -> dict[str, float]:
    """Microseconds a message by step, from the log to the hub's receipt."""
    await made.accept(drawn)
    spent: dict[str, float] = dict.fromkeys(STEPS, 0.0)
    for name, step in (
        ("intake", made.take_in),
        ("settle", made.settle),
        ("plan", made.plan),
        ("send", made.send),
        ("hear", made.hear),
        ("settle", made.settle),
        ("plan", made.plan),
        ("project", made.project),
    ):
        begun = time.perf_counter()
        await step()
        spent[name] += (time.perf_counter() - begun) / len(drawn) * 1e6
    return spent


async def _rounds(places: Sequence[Place], batch: int, rounds: int) -> None:
    for turn in range(_WARM + rounds):
        if turn == _WARM:
            for place in places:
                place.scanned = await _scans(place.database)
        drawn = traffic.deliveries(batch, seed=traffic.SEED + 100 + turn)
        first = turn % len(places)
        for place in (*places[first:], *places[:first]):
            spent = await _through(place.works, drawn)
            if turn >= _WARM:
                place.rounds.append(spent)
        _say(f"round {turn + 1} of {_WARM + rounds}")
    for place in places:
        before, after = place.scanned, await _scans(place.database)
        read = {table: rows - before.get(table, 0) for table, rows in after.items()}
        place.scanned = {table: rows for table, rows in read.items() if rows > place.loaded.messages * _WHOLE}


_WHOLE = 0.5
"""Rows read one after the other, as a share of the messages, from which a table counts as read from end to end."""


async def _scans(database: str) -> dict[str, int]:
    """Rows that were read from tables without an index, so far."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        rows = await connection.fetch("SELECT relname, seq_tup_read FROM pg_stat_user_tables")
        return {row["relname"]: row["seq_tup_read"] for row in rows}
    finally:
        await connection.close()


async def _look(place: Place) -> None:
    """What is asked of the tables from time to time."""
    made = place.works
    begun = time.perf_counter()
    books = [await made.normalizer.ledger(), await made.dispatcher.ledger(), await made.portal.ledger()]
    place.audit = time.perf_counter() - begun
    wrong = [check.name for book in books for check in book.checks if not check.holds]
    place.balanced = not wrong
    for check in wrong:
        _say(f"{place.name}: the ledger fails: {check}")
    connection = await asyncpg.connect(place.database)
    try:
        rows = await connection.fetch(
            "SELECT message_id FROM normalizer_messages WHERE state = 'complaint' ORDER BY message_id LIMIT $1", _TRACED
        )
    finally:
        await connection.close()
    took = []
    for row in rows:
        begun = time.perf_counter()
        traced = await normalizer.story.trace(made.store, UUID(row["message_id"]))
        assert traced is not None  # noqa: S101 it was just there
        await portal.story.trace(made.store, traced.complaints)
        await dispatcher.story.trace(made.store, traced.complaints)
        took.append((time.perf_counter() - begun) * 1000)
    place.trace = statistics.median(took)
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        await made.show()
        took.append((time.perf_counter() - begun) * 1000)
    place.gauges = statistics.median(took)


def report(places: Sequence[Place]) -> int:
    """The table, what was found, and the last line; 1 when some books do not balance."""
    first = places[0]
    print(f"growth: {machine.in_words(machine.describe())}")
    print("microseconds a message, median of the rounds; in brackets the ratio to the first size, round by round")
    print(f"  {'step':<10}" + "".join(f"{place.name:>20}" for place in places))
    for step in STEPS:
        cells = [f"{_median(p, step):>12.0f} ({_ratio(p, first, (step,)).median:4.2f})" for p in places]
        print(f"  {step:<10}" + "".join(f"{cell:>20}" for cell in cells))
    print(f"  {'all':<10}" + "".join(f"{sum(_median(p, s) for s in STEPS):>12.0f} {'':>7}" for p in places))
    for words, figures in (
        ("audit, s", [place.audit for place in places]),
        ("trace, ms", [place.trace for place in places]),
        ("gauges, ms", [place.gauges for place in places]),
        ("GiB", [place.loaded.gibibytes for place in places]),
    ):
        print(f"  {words:<10}" + "".join(f"{figure:>12.2f} {'':>7}" for figure in figures))
    for place in places:
        for table, rows in place.scanned.items():
            print(f"growth: {place.name}: read from end to end while working: {table} ({rows:,} rows)")
    ratios = {f"at_{place.name}": _ratio(place, first, STEPS) for place in places}
    results.keep("growth", {"machine": machine.describe(), **_kept(places, ratios)})
    print("growth: " + " ".join(f"{name}={ratio.median:.2f}" for name, ratio in ratios.items()))
    return 0 if all(place.balanced for place in places) else 1


def _kept(places: Sequence[Place], ratios: Mapping[str, results.Measured]) -> dict[str, object]:
    return {
        "ratios": {name: ratio.to_json() for name, ratio in ratios.items()},
        "sizes": {
            place.name: {
                "messages": place.loaded.messages,
                "gibibytes": round(place.loaded.gibibytes, 2),
                "microseconds": {step: round(_median(place, step)) for step in STEPS},
                "audit_seconds": round(place.audit, 2),
                "trace_ms": round(place.trace, 1),
                "gauges_ms": round(place.gauges, 1),
                "balanced": place.balanced,
            }
            for place in places
        },
    }


def _median(place: Place, step: str) -> float:
    return statistics.median(spent[step] for spent in place.rounds)


def _ratio(place: Place, first: Place, steps: Sequence[str]) -> results.Measured:
    mine = results.Measured.of([sum(spent[step] for step in steps) for spent in place.rounds])
    return mine.over(results.Measured.of([sum(spent[step] for step in steps) for spent in first.rounds]))


def _say(words: str) -> None:
    print(f"growth: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
