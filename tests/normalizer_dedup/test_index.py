"""The candidate index on real databases."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, delete, event, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from normalizer.dedup.index import CandidateIndex, tables
from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.report import Report
from normalizer.dedup.signature import Signer
from tests.stores import OpenStore

Make = Callable[..., Report]

METADATA = MetaData()
TABLES = tables(METADATA)
TEXT = "pohon besar di pinggir jalan sudah miring dan akarnya terangkat"


@pytest.fixture
async def engine(open_store: OpenStore) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine((await open_store()).url)
    async with engine.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def conn(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as conn:
        yield conn


@pytest.fixture
def index() -> CandidateIndex:
    return CandidateIndex(TABLES)


async def test_what_one_process_adds_another_finds(engine: AsyncEngine, make: Make) -> None:
    stored = make("stored", TEXT, who=["a"], at=(-3.29, 102.86), category="pohon", pictures=["p"])
    async with engine.begin() as conn:
        await CandidateIndex(TABLES).add(conn, [stored])
    new = make("new", f"{TEXT} sekali", who=["b"], hours=2)
    async with engine.begin() as conn:
        assert await CandidateIndex(TABLES).candidates(conn, [new]) == {new.complaint_id: [stored]}


async def test_the_index_never_commits(engine: AsyncEngine, index: CandidateIndex, make: Make) -> None:
    async with engine.connect() as conn:
        await index.add(conn, [make("stored", TEXT)])
        await conn.rollback()
    async with engine.connect() as conn:
        assert await index.counts(conn) == {"reports": 0, "keys": 0, "expected_keys": 0}


async def test_candidates_cross_agencies_and_the_most_promising_come_first(
    conn: AsyncConnection, index: CandidateIndex, make: Make
) -> None:
    place = {"region": "16.73.01", "street": "jalan melati", "category": "pohon"}
    stranger = make("stranger", "antre di loket lama sekali")
    words = make("words", TEXT, agency="dinas")
    here = make("here", "dahan patah", **place, agency="kelurahan")
    person = make("person", TEXT, **place, who=["a"], hours=-100)
    await index.add(conn, [stranger, words, here, person])
    new = make("new", TEXT, **place, who=["a"], hours=1)
    found = await index.candidates(conn, [new])
    assert found == {new.complaint_id: [person, words, here]}
    assert await index.candidates(conn, [new], limit_per_report=1) == {new.complaint_id: [person]}


async def test_a_stored_report_is_not_its_own_candidate_and_each_report_has_an_entry(
    conn: AsyncConnection, index: CandidateIndex, make: Make
) -> None:
    one, two = make("one", TEXT), make("two", "sesuatu yang lain sama sekali di sini")
    await index.add(conn, [one])
    assert await index.candidates(conn, [one, two]) == {one.complaint_id: [], two.complaint_id: []}
    assert await index.candidates(conn, []) == {}


@pytest.mark.parametrize(("hours", "found"), [(29 * 24, True), (-29 * 24, True), (40 * 24, False), (-40 * 24, False)])
async def test_only_the_window_is_searched_both_ways(
    conn: AsyncConnection, index: CandidateIndex, make: Make, hours: float, found: bool
) -> None:
    await index.add(conn, [make("stored", TEXT)])
    new = make("new", TEXT, hours=hours)
    assert bool((await index.candidates(conn, [new]))[new.complaint_id]) is found


async def test_a_template_shared_by_thousands_costs_no_more_and_yields_the_most_recent(
    engine: AsyncEngine, make: Make
) -> None:
    index = CandidateIndex(TABLES, rows_per_key=5)
    template = [make(f"t{n}", TEXT, hours=n / 60) for n in range(1500)]
    person = make("person", "hal lain sama sekali", who=["a"], hours=-200)
    async with engine.begin() as conn:
        await index.add(conn, [*template, person])
    new = make("new", TEXT, who=["a"], hours=26)
    async with engine.connect() as conn:
        read = _rows_read if conn.dialect.name == "postgresql" else _thousands_of_steps
        async with read(conn) as cost:
            found = (await index.candidates(conn, [new], limit_per_report=20))[new.complaint_id]
    assert found[0] == person
    assert {report.complaint_id for report in found[1:]} == {report.complaint_id for report in template[-5:]}
    # 17 keys, each cut to 5 rows, instead of 24,000 rows.
    assert cost[0] <= (300 if conn.dialect.name == "postgresql" else 10)


@asynccontextmanager
async def _thousands_of_steps(conn: AsyncConnection) -> AsyncIterator[list[int]]:
    """Counts the steps of SQLite's machine."""
    cost = [0]

    def count(*_: object) -> None:
        cost[0] += 1

    raw = await conn.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.set_progress_handler(count, 1000)
    yield cost
    await raw.driver_connection.set_progress_handler(None, 0)


@asynccontextmanager
async def _rows_read(conn: AsyncConnection) -> AsyncIterator[list[int]]:
    """Counts what PostgreSQL reads within this transaction, of tables and of their indexes."""
    cost = [0]
    yield cost
    tables = "SELECT sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    cost[0] = int((await conn.execute(text(tables))).scalar_one())


async def test_thousands_with_one_date_are_cut_too(conn: AsyncConnection, make: Make) -> None:
    index = CandidateIndex(TABLES, rows_per_key=5)
    await index.add(conn, [make(f"t{n}", TEXT) for n in range(300)])
    new = make("new", TEXT)
    assert len((await index.candidates(conn, [new]))[new.complaint_id]) == 5


async def test_a_batch_costs_two_statements(engine: AsyncEngine, index: CandidateIndex, make: Make) -> None:
    stored = [make(f"s{n}", f"{TEXT} {n}", who=[f"p{n}"], hours=n) for n in range(100)]
    async with engine.begin() as conn:
        await index.add(conn, stored)
        statements: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        new = [make(f"n{n}", f"{TEXT} {n}", who=[f"p{n}"], hours=n + 1) for n in range(100)]
        found = await index.candidates(conn, new)
    assert len(statements) == 2
    assert all(found[report.complaint_id][0] == stored[n] for n, report in enumerate(new))


async def test_remove_and_replace_leave_nothing_behind(
    conn: AsyncConnection, index: CandidateIndex, make: Make
) -> None:
    one, two = make("one", TEXT, who=["a"], pictures=["p"]), make("two", TEXT, who=["b"])
    await index.add(conn, [one, two])
    await index.remove(conn, [one.complaint_id, make("unknown").complaint_id])
    before = await index.counts(conn)
    assert before["reports"] == 1
    assert before["keys"] == before["expected_keys"] == 17
    moved = make("two", "sekarang teks yang lain sama sekali", who=["b", "c"], hours=5)
    await index.replace(conn, [make("two", "belum selesai"), moved, make("three", who=["z"])])
    after = await index.counts(conn)
    assert after["reports"] == 2
    assert after["keys"] == after["expected_keys"] == 19
    assert (await index.candidates(conn, [make("x", TEXT)]))[make("x").complaint_id] == []
    assert (await index.candidates(conn, [make("x", who=["c"])]))[make("x").complaint_id] == [moved]


async def test_adding_again_changes_nothing(conn: AsyncConnection, index: CandidateIndex, make: Make) -> None:
    one = make("one", TEXT, who=["a"])
    await index.add(conn, [one, one])
    before = await index.counts(conn)
    await index.add(conn, [make("one", "teks yang berubah sama sekali", who=["b"])])
    assert await index.counts(conn) == before
    assert (await index.candidates(conn, [make("x", who=["a"])]))[make("x").complaint_id] == [one]


async def test_one_row_deleted_or_copied_in_either_table_shows(
    conn: AsyncConnection, index: CandidateIndex, make: Make
) -> None:
    await index.add(conn, [make("one", TEXT, who=["a"]), make("two", TEXT)])
    await conn.commit()
    sound = await index.counts(conn)
    assert sound["keys"] == sound["expected_keys"]
    report = dict((await conn.execute(select(TABLES.reports).limit(1))).mappings().one())
    key = dict((await conn.execute(select(TABLES.keys).limit(1))).mappings().one())
    damages = [
        delete(TABLES.reports).where(TABLES.reports.c.complaint_id == report["complaint_id"]),
        insert(TABLES.reports).values(report | {"complaint_id": "another"}),
        delete(TABLES.keys).where(TABLES.keys.c.key == key["key"], TABLES.keys.c.complaint_id == key["complaint_id"]),
        insert(TABLES.keys).values(key | {"complaint_id": "another"}),
    ]
    for damage in damages:
        assert (await conn.execute(damage)).rowcount == 1
        counts = await index.counts(conn)
        assert counts["keys"] != counts["expected_keys"], str(damage)
        await conn.rollback()
    assert await index.counts(conn) == sound


async def test_keys_of_an_older_version_are_made_anew(conn: AsyncConnection, index: CandidateIndex, make: Make) -> None:
    older = CandidateIndex(TABLES, keys=KeyMaker(Signer(seed=1)))
    stored = [make(f"s{n}", f"{TEXT} {n}") for n in range(5)]
    await older.add(conn, stored)
    new = make("new", TEXT)
    assert (await index.candidates(conn, [new]))[new.complaint_id] == []
    assert [await index.refresh(conn, limit=3) for _ in range(3)] == [3, 2, 0]
    assert len((await index.candidates(conn, [new]))[new.complaint_id]) == 5
    counts = await index.counts(conn)
    assert counts["keys"] == counts["expected_keys"]


async def test_many_reports_are_handled_in_chunks(conn: AsyncConnection, make: Make) -> None:
    index = CandidateIndex(TABLES, window=timedelta(days=400))
    reports = [make(f"r{n}", who=[f"p{n}"], hours=n) for n in range(4500)]
    await index.add(conn, reports)
    found = await index.candidates(conn, [make(f"n{n}", who=[f"p{n}"], hours=n) for n in range(4500)])
    assert [found[make(f"n{n}").complaint_id] for n in (0, 4499)] == [[reports[0]], [reports[4499]]]
    await index.remove(conn, [report.complaint_id for report in reports])
    assert await index.counts(conn) == {"reports": 0, "keys": 0, "expected_keys": 0}


async def test_a_damaged_row_is_told(conn: AsyncConnection, index: CandidateIndex, make: Make) -> None:
    await index.add(conn, [make("one", who=["a"])])
    await conn.execute(update(TABLES.reports).values(features="{"))
    with pytest.raises(ValueError, match="rebuild the index"):
        await index.candidates(conn, [make("two", who=["a"])])
