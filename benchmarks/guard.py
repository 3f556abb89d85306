"""`python -m benchmarks.guard [--write]`: whether a hundred messages still cost what they may cost.

It counts, and takes no time: statements and transactions of the database, records and bytes on the log, calls of
functions. So a slow machine changes nothing, and what grew is named. `benchmarks/guard_budget.json` says what is
allowed; `--write` renews it for the databases that were counted, and belongs into the commit that needs it.

It counts on a file of its own, and, where MUARA_STORE names a PostgreSQL server, in a database of its own there.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import traffic
from benchmarks.guard_counting import CountingBus, Statements, calls
from benchmarks.own_database import own_database, server
from benchmarks.stepped import PARTITIONS, Works, works
from recipes.inbound import Inbound
from runtime.bus.embedded import EmbeddedBus
from runtime.store.engine import Store
from runtime.telemetry import logs
from schemas.topics import COMPLAINTS, RAW, TOPICS

BUDGET = Path(__file__).with_name("guard_budget.json")
MESSAGES = 100
_WARM = 60
_TOLERANCE: Mapping[str, float] = {"bytes": 0.02, "calls": 0.03}
"""Shares by which a count may exceed its budget, by the first word of its name. Whatever is not named: not at all."""
_FELL = 0.10
"""When a count fell by more than this share, the budget is worth renewing, so that it guards what was won."""


def main(arguments: Sequence[str]) -> int:
    """Counts and compares; the exit code is 1 when something costs more than it may."""
    parser = argparse.ArgumentParser(prog="benchmarks.guard", description=__doc__, allow_abbrev=False)
    parser.add_argument("--write", action="store_true", help="renew the budget by what was counted")
    chosen = parser.parse_args(arguments)
    logs.configure(level="error")
    with tempfile.TemporaryDirectory(prefix="muara-guard-") as folder:
        found = asyncio.run(_count_all(Path(folder)))
    if chosen.write:
        return _write(found)
    return judge(found, json.loads(BUDGET.read_text(encoding="utf-8")))


async def _count_all(folder: Path) -> dict[str, Counter[str]]:
    """The counts, by the kind of database."""
    async with AsyncExitStack() as stack:
        urls = [f"sqlite+aiosqlite:///{folder / 'store.db'}"]
        if (address := server()) is not None:
            urls.append(await stack.enter_async_context(own_database(address)))
        found = {}
        for url in urls:
            store = Store(url)
            place = folder / store.dialect
            place.mkdir()
            found[store.dialect] = await _count(place, store)
        return found


async def _count(folder: Path, store: Store) -> Counter[str]:
    log = await EmbeddedBus.open(folder / "log.db", [topic.name for topic in TOPICS], partitions=PARTITIONS)
    bus = CountingBus(log)
    try:
        async with works(folder, store, bus=bus) as plant:
            deliveries = traffic.deliveries(_WARM + MESSAGES)
            await _through(plant, deliveries[:_WARM], Statements(store))
            bus.records.clear()
            bus.bytes.clear()
            statements = Statements(store)
            counted = await _through(plant, deliveries[_WARM:], statements)
            with calls(counted, "understanding"):
                await plant.understand()
    finally:
        await store.close()
        await log.close()
    counted.update(statements.counts)
    complaints = bus.records[COMPLAINTS.name]
    counted["records_complaints"] = complaints
    counted["bytes_complaint"] = bus.bytes[COMPLAINTS.name] // complaints
    counted["bytes_raw"] = bus.bytes[RAW.name] // bus.records[RAW.name]
    return counted


async def _through(plant: Works, deliveries: Sequence[Inbound], statements: Statements) -> Counter[str]:
    """All steps of a batch; returns the calls. A first batch shows each step its statements, and loads its tables."""
    counted: Counter[str] = Counter()
    with calls(counted, "accept"):
        await plant.accept(deliveries)
    for stage, step in (
        ("intake", plant.take_in),
        ("settle", plant.settle),
        ("dispatch", plant.plan),
        ("portal", plant.project),
    ):
        with statements.counting(stage), calls(counted, stage):
            await step()
    return counted


def judge(found: Mapping[str, Counter[str]], budget: Mapping[str, Mapping[str, int]]) -> int:
    """Holds counts against what is allowed, and says it; 1 when something costs more."""
    dearer: list[str] = []
    fell: list[str] = []
    for dialect, counts in found.items():
        allowed = budget[dialect]
        for name in sorted({*allowed, *counts}):
            count, limit = counts[name], allowed.get(name, 0)
            if count > limit * (1 + _TOLERANCE.get(name.partition("_")[0], 0.0)):
                dearer.append(f"  {dialect}: {_words(name)}: {count}, allowed {limit} ({_change(count, limit)})")
            elif count < limit * (1 - _FELL):
                fell.append(f"{dialect} {name} {_change(count, limit)}")
    which = " and ".join(found)
    if dearer:
        print(f"guard: {MESSAGES} messages cost more than they may on {which}:")
        print(*dearer, sep="\n")
        print(
            "guard: make it cheaper; if it has to cost that much, say why in the commit and renew the budget with it:"
        )
        print("guard:   make guard ARGS=--write")
        return 1
    if fell:
        print(f"guard: cheaper than the budget knows ({', '.join(fell)}): make guard ARGS=--write keeps what was won")
    print(f"guard: {MESSAGES} messages cost no more than they may on {which}: {_summary(found)}")
    return 0


def _summary(found: Mapping[str, Counter[str]]) -> str:
    parts = []
    for dialect, counts in found.items():
        statements = sum(number for name, number in counts.items() if name.startswith("statements"))
        called = sum(counts[name] for name in counts if name.startswith("calls") and name != "calls_understanding")
        parts.append(f"{dialect} {statements} statements, {called // MESSAGES} calls a message")
    return "; ".join(parts)


def _words(name: str) -> str:
    kind, _, stage = name.partition("_")
    return {
        "statements": f"statements of {stage}",
        "executions": f"rows and statements sent by {stage}",
        "transactions": f"transactions of {stage}",
        "records": f"records published on {stage}",
        "bytes": f"bytes a record ({stage})",
        "calls": f"calls of functions in {stage}",
    }[kind]


def _change(count: int, limit: int) -> str:
    return f"{count / limit - 1:+.0%}" if limit else "new"


def _write(found: Mapping[str, Counter[str]]) -> int:
    known = json.loads(BUDGET.read_text(encoding="utf-8")) if BUDGET.exists() else {}
    known |= {dialect: dict(sorted(counts.items())) for dialect, counts in found.items()}
    BUDGET.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"guard: wrote the budget of {' and '.join(found)}: {_summary(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
