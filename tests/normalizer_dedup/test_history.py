"""Word counts in the database, and keys that grow old, with the normalizer's own tables on both stores."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from normalizer import tables as t
from normalizer.dedup.history import Bounds, History
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge
from normalizer.dedup.weights import load_weights
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.upkeep import Upkeep
from runtime.store.engine import Store
from tests.stores import OpenStore

Make = Callable[..., Report]

WEIGHTS = load_weights()
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
"""When the reports of `make` are sent."""


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store(SERVICE, VERSIONS)


async def written(store: Store, history: History) -> None:
    taken = history.take()
    async with store.writing() as connection:
        await history.write(connection, taken)


async def test_what_all_normalizers_count_makes_words_rare_or_frequent(store: Store, make: Make) -> None:
    history = History(t.words, WEIGHTS)
    judge = Judge()
    keeper = Upkeep(store, history, judge, CandidateIndex(t.dedup))
    history.count([make(f"a{n}", f"jembatan cempedak goyang {n}") for n in range(40)])
    await keeper.write()
    second = History(t.words, WEIGHTS)
    second.count([make(f"b{n}", "jembatan keropos") for n in range(60)])
    await written(store, second)
    assert (history.waiting, second.waiting) == (0, 0)
    await keeper.round()
    async with store.reading() as connection:
        rarity = await second.read(connection)
    assert rarity.documents == 100
    assert rarity.of("jembatan") < rarity.of("cempedak") < rarity.of("belimbing") == pytest.approx(1.0, abs=0.01)
    assert judge.version == f"{WEIGHTS.version}+100"


async def test_the_vocabulary_is_bounded_and_old_counts_fade(store: Store, make: Make) -> None:
    history = History(t.words, WEIGHTS, bounds=Bounds(words=40, documents=100))
    history.count([make(f"r{n}", f"jembatan kataseloroh{chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(90)])
    await written(store, history)
    async with store.reading() as connection:
        counts = (await connection.execute(select(t.words.c.documents).order_by(t.words.c.documents))).scalars().all()
    assert len(counts) <= 40
    assert counts[-2:] == [90, 90]
    history.count([make(f"s{n}", "jembatan") for n in range(20)])
    await written(store, history)
    async with store.reading() as connection:
        assert (await history.read(connection)).documents == 55


async def test_what_cannot_be_written_is_kept(make: Make) -> None:
    history = History(t.words, WEIGHTS)
    history.count([make("one", "jembatan goyang")])
    taken = history.take()
    history.count([make("two", "jembatan keropos")])
    history.give_back(taken)
    assert history.waiting == 2


async def test_old_reports_lose_their_keys_and_the_sums_still_agree(store: Store, make: Make) -> None:
    clock = [NOW]
    index = CandidateIndex(t.dedup, clock=lambda: clock[0])
    keeper = Upkeep(store, History(t.words, WEIGHTS), Judge(), index)
    text = "pohon besar di pinggir jalan sudah miring dan akarnya terangkat"
    async with store.writing() as connection:
        await index.add(connection, [make("old", text), make("imported", text, hours=-24 * 400)])
        before = await index.counts(connection)
    await keeper.round()
    async with store.reading() as connection:
        # What was sent last year but stored today is found by what is imported beside it.
        assert await index.counts(connection) == before
    clock[0] = NOW + timedelta(days=61)
    async with store.writing() as connection:
        await index.add(connection, [make("new", text, hours=24 * 61)])
    while await keeper.round():
        pass  # until it has nothing left to do
    async with store.writing() as connection:
        counts = await index.counts(connection)
        assert counts["reports"] == 3
        assert 0 < counts["keys"] == counts["expected_keys"] < before["keys"]
        again = make("again", text, hours=24 * 61 + 1)
        found = await index.candidates(connection, [again])
        assert [each.complaint_id for each in found[again.complaint_id]] == [make("new", text).complaint_id]
        # Evidence that comes late brings the keys back.
        await index.replace(connection, [make("old", f"{text} sekali")])
        assert (await index.counts(connection))["keys"] > counts["keys"]
