"""Candidates: does the index find the true partner in a long history, and how much must be judged for it?"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.quality.candidates_background import PER_CITY, Background, cities
from benchmarks.quality.report import Part, Table
from benchmarks.quality.score import share
from muara.dedup.pairs import Side
from muara.dedup.reading import Reader
from normalizer import tables as t
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.report import Report
from normalizer.migrations import SERVICE, VERSIONS
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from sandbox.pairs import desk
from sandbox.pairs.drawing import draw
from sandbox.pairs.vocabulary import load
from tools.services.missing import PartMissing
from tools.services.postgres import PostgresServer

_Any = TypeVar("_Any")
_FEWEST_CITIES = 13
"""All that pairs are drawn from."""
_BOTH = 200_000
"""Longer histories are stored in SQLite alone: what is found is the same, and only the time of it another."""
_TOGETHER = 100
"""Messages looked up at a time, as one round of settling does."""
_STORED = 2000
"""Reports stored in one transaction."""
_TARGET = "recall ≥ 0.97, mean ≤ 10, p99 ≤ 50, at 1,000,000 stored"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A true pair: the first is stored, the second comes in."""

    label: desk.Label
    family: str
    stored: Report
    coming: Report


@dataclass(frozen=True, slots=True)
class Found:
    """What looking up showed, at one size on one database."""

    database: str
    hits: Counter[str]
    """Of the pairs, by label and by family."""
    asked: Counter[str]
    candidates: Sequence[int]
    """For each ordinary message how many."""
    microseconds: float
    """Of one ordinary message's look-up, in rounds of a hundred."""
    stored: int = 0
    per_second: float = 0.0
    """Reports stored."""


def measure(folder: Path, sizes: Sequence[int], *, pairs: int, probes: int, seed: int) -> Part:
    """Stores histories of these sizes, smallest first, and looks duplicates and ordinary messages up in each.

    Both databases are given the same history; without PostgreSQL the table says so, and SQLite is measured alone.
    """
    duplicates = list(_duplicates(pairs, seed))
    urls, missing = [f"sqlite+aiosqlite:///{folder / 'candidates.db'}"], ""
    folder.chmod(0o711)  # a server that runs as another user enters it
    with ExitStack() as stack:
        try:
            server = PostgresServer.make(folder / "postgres")
            server.start()
            stack.callback(server.stop)
            urls.append(server.url.replace("postgresql://", "postgresql+asyncpg://", 1))
        except PartMissing as error:
            missing = f" PostgreSQL was not to be had: {error}"
        found = asyncio.run(_on(urls, sizes, duplicates, probes, seed))
    last = next(each for each in reversed(found) if each.database == "sqlite")
    return Part(
        [_sizes(found, len(duplicates), probes, missing), _families(last)],
        {"candidates_recall": f"{_all(last.hits) / max(1, _all(last.asked)):.4f}"},
    )


def _duplicates(count: int, seed: int) -> Iterator[Duplicate]:
    """True pairs of the held-back set, understood as the pipeline would."""
    # Of each agency its own: whoever complains to a city names its kelurahan without the city.
    readers = {city.code: Reader(home=city.code) for city in load("held-back").places.cities}
    true = (pair for pair in draw("held-back", count * 2, seed) if pair.label != "different")
    for number, pair in enumerate(islice(true, count)):
        sides = [
            Side(side.text, side.place, None, side.at, side.reporter)
            for side in sorted((pair.a, pair.b), key=lambda side: side.at)
        ]
        city = pair.a.city
        reports = [
            replace(readers[city].report(side, f"{number}/{end}"), agency=city)
            for side, end in zip(sides, "ab", strict=True)
        ]
        yield Duplicate(pair.label, pair.family, *reports)


async def _on(
    urls: Sequence[str], sizes: Sequence[int], duplicates: Sequence[Duplicate], probes: int, seed: int
) -> list[Found]:
    opened = stores = [Store(url) for url in urls]
    background, index = Background(seed), CandidateIndex(t.dedup)
    found: list[Found] = []
    try:
        for store in stores:
            await migrate(store, SERVICE, VERSIONS)
            await _stored(store, index, [each.stored for each in duplicates])
        stored = 0
        for size in sizes:
            if size > _BOTH:
                stores = stores[:1]
            among, spent = cities(max(_FEWEST_CITIES, size // PER_CITY)), [0.0] * len(stores)
            for some in _chunks(background.reports(size - stored, among), _STORED):
                for number, store in enumerate(stores):
                    spent[number] += await _stored(store, index, some)
            ordinary = list(background.reports(probes, among))
            for store, seconds in zip(stores, spent, strict=True):
                await _settled(store)
                async with store.reading() as connection:
                    seen = await _looked_up(connection, index, duplicates, ordinary)
                found.append(replace(seen, stored=size, per_second=(size - stored) / seconds))
            stored = size
    finally:
        for store in opened:
            await store.close()
    return found


async def _stored(store: Store, index: CandidateIndex, reports: Sequence[Report]) -> float:
    """Stores them in one transaction; the seconds that it took."""
    began = time.perf_counter()
    async with store.writing() as connection:
        await index.add(connection, reports)
    return time.perf_counter() - began


async def _settled(store: Store) -> None:
    """What a server does by itself in quiet hours."""
    if store.dialect == "postgresql":
        async with store.writing() as connection:
            await connection.execute(text("ANALYZE"))


async def _looked_up(
    connection: AsyncConnection, index: CandidateIndex, duplicates: Sequence[Duplicate], ordinary: Sequence[Report]
) -> Found:
    counts: list[int] = []
    began = time.perf_counter()
    for some in _chunks(ordinary, _TOGETHER):
        counts += [len(each) for each in (await index.candidates(connection, some)).values()]
    spent = time.perf_counter() - began
    hits: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for pairs in _chunks(duplicates, _TOGETHER):
        candidates = await index.candidates(connection, [each.coming for each in pairs])
        for each in pairs:
            known = {report.complaint_id for report in candidates[each.coming.complaint_id]}
            for name in (each.label, each.family):
                asked[name] += 1
                hits[name] += each.stored.complaint_id in known
    return Found(connection.dialect.name, hits, asked, counts, spent / len(ordinary) * 1e6)


def _chunks(things: Iterable[_Any], size: int) -> Iterator[list[_Any]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _all(counts: Counter[str]) -> int:
    return counts["same_report"] + counts["same_incident"]


def _sizes(found: Sequence[Found], pairs: int, probes: int, missing: str) -> Table:
    rows = []
    for each in found:
        shares = [
            share("candidates", "recall", hits, asked)
            for hits, asked in (
                (_all(each.hits), _all(each.asked)),
                *((each.hits[label], each.asked[label]) for label in ("same_report", "same_incident")),
            )
        ]
        counts = sorted(each.candidates)
        rows.append(
            [
                each.database,
                f"{each.stored:,}",
                f"{shares[0].value:.3f} ({shares[0].low:.3f}-{shares[0].high:.3f})",
                *(f"{one.value:.3f}" for one in shares[1:]),
                f"{sum(counts) / len(counts):.1f}",
                str(counts[int(len(counts) * 0.5)]),
                str(counts[int(len(counts) * 0.99)]),
                f"{each.microseconds:,.0f}",
                f"{each.per_second:,.0f}",
            ]
        )
    columns = (
        "database", "stored", "recall (95 %)", "same report", "same incident",
        "mean", "median", "p99", "µs a message", "stored a second",
    )  # fmt: skip
    return Table(
        "Candidates",
        columns,
        rows,
        f"Target: {_TARGET}. {pairs:,} true held-back pairs among a history of one year, {PER_CITY:,} complaints a city"
        f" and year (thirteen cities at least); the numbers of candidates are those of {probes:,} ordinary messages."
        f" The history knows its places. It is drawn from fifty troubles, so its texts resemble each other more than"
        f" people's do: the numbers of candidates are too high rather than too low.{missing}",
    )


def _families(last: Found) -> Table:
    families = [name for name in last.asked if name not in {"same_report", "same_incident"}]
    rows = [
        [name, str(last.asked[name]), f"{last.hits[name] / last.asked[name]:.3f}"]
        for name in sorted(families, key=lambda name: (last.hits[name] / last.asked[name], name))
    ]
    return Table(
        f"Candidates: by construction, at {last.stored:,} in {last.database}", ("family", "pairs", "recall"), rows
    )
