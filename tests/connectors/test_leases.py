"""Several processes could ask one source: one does, another takes over when it is gone, and a zombie does no harm."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from connectors import ledger
from connectors.acceptance import Acceptance
from connectors.cursors import Cursors
from connectors.files.folder import DropFolder
from connectors.leases import LeaseLost, Leases
from connectors.migrations import SERVICE, VERSIONS
from connectors.source import Source
from connectors.sql.agency import UnreadableRow
from connectors.sql.poller import TablePoller
from connectors.tables import CURSORS, LEASES
from recipes.inbound import Item
from runtime.store.engine import Store, StoreUnavailable
from tests.stores import OpenStore, beside

from .conftest import NOW, House, make_channel

TABLE = make_channel(
    "tabel",
    {
        "transport": "sql", "decode": "row", "external_id": "id",
        "settings": {"table": "pengaduan", "key": "id", "batch": 3},
    },
    {"text": "isi"},
)  # fmt: skip
FILES = make_channel("register", {"transport": "files", "decode": "row", "external_id": "id"}, {"text": "isi"})


@dataclass
class Seconds:
    """A process's own seconds, which a test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Process:
    """One process of connectors: its own connections, its own leases."""

    store: Store
    poller: TablePoller
    folder: DropFolder
    leases: Leases
    cursors: Cursors
    seconds: Seconds


@dataclass
class Site:
    """What all processes share."""

    house: House
    store: Store
    agency: sqlite3.Connection
    drop: Path
    make: Callable[..., Process]
    processes: list[Process] = field(default_factory=list)

    def write(self, *keys: int) -> None:
        self.agency.executemany("INSERT INTO pengaduan VALUES (?, 'Air mati')", [(key,) for key in keys])

    async def ids(self) -> list[str]:
        return [self.house.external_id(raw) for raw in await self.house.raws()]

    async def end_leases(self) -> None:
        """As if their time had passed by the database's clock."""
        async with self.store.writing() as connection:
            await connection.execute(update(LEASES).values(expires_at=datetime(2026, 1, 1, tzinfo=UTC)))

    async def token(self, source: str = "tabel-1") -> int:
        async with self.store.reading() as connection:
            token = (await connection.execute(select(LEASES.c.token).where(LEASES.c.source == source))).scalar_one()
        return int(token)


@pytest.fixture
async def site(
    house: House, make_source: Callable[..., Source], tmp_path: Path, open_store: OpenStore
) -> AsyncIterator[Site]:
    store = await open_store(SERVICE, VERSIONS)
    agency = sqlite3.connect(tmp_path / "opd.db", isolation_level=None)
    agency.execute("CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, isi TEXT)")
    drop = tmp_path / "masuk"
    drop.mkdir()
    table = make_source(
        TABLE, id="tabel-1", settings={"database": f"sqlite:///{tmp_path / 'opd.db'}", "interval": 0.02}
    )
    files = make_source(FILES, id="berkas-1")

    def make(acceptance: Acceptance = house.acceptance, *, alone: bool = False, length: float = 30) -> Process:
        own, seconds = beside(store), Seconds()
        leases = Leases(own, lambda: NOW, length=length, alone=alone, monotonic=seconds)
        cursors = Cursors(own, lambda value: house.sealing.blind("row", value), lambda: NOW)
        poller = TablePoller(table, acceptance, cursors, leases, lambda: NOW)
        process = Process(own, poller, DropFolder(drop, files, acceptance, leases), leases, cursors, seconds)
        made.processes.append(process)
        return process

    made = Site(house, store, agency, drop, make)
    yield made
    for process in made.processes:
        await process.poller.close()
        await process.store.close()
    agency.close()


async def test_one_of_two_polls_and_the_other_takes_over_when_it_is_gone(site: Site) -> None:
    first, second = site.make(), site.make()
    site.write(1, 2)
    assert await first.poller.round() == 2
    assert await second.poller.round() is None, "somebody else has it"
    site.write(3)
    assert await second.poller.round() is None
    assert await first.poller.round() == 1
    await site.end_leases()
    second.seconds.now += 30  # it asks only now and then
    site.write(4)
    assert await second.poller.round() == 1
    assert await site.token() == 2
    assert await site.ids() == ["1", "2", "3", "4"]


async def test_many_at_the_same_moment_are_one_owner(site: Site) -> None:
    processes = [site.make() for _ in range(6)]
    site.write(1, 2, 3, 4)
    taken = await asyncio.gather(*(process.poller.round() for process in processes))
    assert sorted(count for count in taken if count is not None) == [4]
    assert await site.token() == 1
    await site.end_leases()
    for process in processes:
        process.seconds.now += 31
    taken = await asyncio.gather(*(process.poller.round() for process in processes))
    assert sorted(count for count in taken if count is not None) == [0]
    assert await site.token() == 2


async def test_a_lease_that_is_renewed_goes_to_nobody(site: Site) -> None:
    first, second = site.make(), site.make()
    await first.poller.round()
    await site.end_leases()
    first.seconds.now += 29
    await first.leases.renew()
    first.seconds.now += 29
    second.seconds.now += 58
    assert await second.poller.round() is None
    assert await first.poller.round() == 0
    assert await site.token() == 1


async def test_a_lease_that_was_given_back_is_free_at_once(site: Site) -> None:
    first, second = site.make(), site.make()
    await first.poller.round()
    await first.leases.release()
    assert await second.poller.round() == 0
    assert await site.token() == 2
    await site.end_leases()
    first.seconds.now += 30
    assert await first.poller.round() == 0
    await second.leases.release()  # it does not know yet that its lease is another's
    assert await site.make().poller.round() is None
    assert await site.token() == 3


async def test_a_lease_ends_by_the_databases_clock(site: Site) -> None:
    """Neither process's own clock has a say; the wait is the lease's real length."""
    first, second = site.make(length=0.3), site.make(length=0.3)
    assert await first.leases.hold("x") is not None
    async with asyncio.timeout(10):
        while await second.leases.hold("x") is None:
            second.seconds.now += 1
            await asyncio.sleep(0.01)
    assert await site.token("x") == 2
    async with site.store.reading() as connection:
        ends = (await connection.execute(select(LEASES.c.expires_at))).scalar_one()
    assert abs((ends - datetime.now(UTC)).total_seconds()) < 30


async def test_whoever_slept_too_long_accepts_nothing_more(site: Site) -> None:
    """It was stopped between reading the table and accepting, and the lease has ended meanwhile."""
    sleeper = site.make()
    site.write(1)
    rows = sleeper.poller._table.rows

    async def slow(keys: Sequence[object]) -> dict[object, bytes | UnreadableRow]:
        found = await rows(keys)
        sleeper.seconds.now += 31
        return found

    sleeper.poller._table.rows = slow  # type: ignore[method-assign]
    with pytest.raises(LeaseLost, match='the lease of source "tabel-1" has ended'):
        await sleeper.poller.round()
    assert await site.ids() == []


class SleepyAcceptance(Acceptance):
    """Lets something happen right after the log's acknowledgement."""

    meanwhile: Callable[[], object]

    async def accept(self, source: Source, items: Sequence[Item], **rest: object) -> object:  # type: ignore[override]
        accepted = await super().accept(source, items, **rest)  # type: ignore[arg-type]
        await self.meanwhile()  # type: ignore[misc]
        return accepted


async def test_a_zombie_cannot_move_the_cursor_and_its_rows_come_twice_under_the_same_ids(site: Site) -> None:
    house = site.house
    sleepy = SleepyAcceptance(house.bus, house.sealing, house.objects, lambda: NOW, house.metrics)  # type: ignore[arg-type]
    zombie, other = site.make(sleepy), site.make()
    site.write(1, 2)

    async def overtaken() -> None:
        await site.end_leases()
        site.write(3)
        assert await other.poller.round() == 3

    sleepy.meanwhile = overtaken
    with pytest.raises(LeaseLost, match="another process has taken"):
        await zombie.poller.round()
    assert (await zombie.cursors.load("tabel-1"))["mark"] == 3
    raws = await house.raws()
    assert len(raws) == 5
    assert len({raw.message_id for raw in raws}) == 3
    found = await ledger.read(site.store)
    assert [check for check in found.checks if not check.holds] == []
    assert found.counts["seen"] == 3
    # By its own seconds it would still have the source; it has learnt better.
    zombie.seconds.now += 10
    assert await zombie.poller.round() is None


async def test_losing_a_table_to_another_process_is_no_fault(site: Site) -> None:
    first, second = site.make(), site.make()
    await first.poller.round()
    await site.end_leases()
    await second.poller.round()
    site.write(1)
    assert await first.poller._rounds.one(), "it found out in the middle"
    assert await first.poller._rounds.one(), "and stands by"
    assert first.poller.problem is None
    assert site.house.registry.get_sample_value("muara_source_failures_total", {"channel": "tabel"}) is None


async def test_one_looks_into_a_folder(site: Site) -> None:
    first, second = site.make(), site.make()
    (site.drop / "a.csv").write_text("id,isi\n1,x\n", encoding="utf-8")
    for _ in range(2):
        assert await second.folder.look() in (0, 1)
        assert await first.folder.look() is None
    assert (site.drop / "done" / "a.csv").exists()
    assert await site.ids() == ["1"]


async def test_an_import_ends_with_its_lease_and_the_next_owner_finishes_it(site: Site) -> None:
    first, second = site.make(), site.make()
    lines = "".join(f"{n},x\n" for n in range(1200))
    (site.drop / "a.csv").write_text(f"id,isi\n{lines}", encoding="utf-8")
    await first.folder.look()
    accept = site.house.acceptance.accept

    async def slow(*args: object, **rest: object) -> object:
        first.seconds.now += 20
        return await accept(*args, **rest)  # type: ignore[arg-type]

    first.folder._acceptance.accept = slow  # type: ignore[assignment,method-assign]
    with pytest.raises(LeaseLost):
        await first.folder.look()
    assert len(await site.ids()) == 1000, "two batches, and no third one"
    await site.end_leases()
    second.seconds.now += 30
    assert await second.folder.look() == 1
    assert len(set(await site.ids())) == 1200
    assert (site.drop / "done" / "a.csv").exists()


async def test_a_process_that_is_alone_starts_at_once_after_a_crash_and_writes_nothing_for_it(site: Site) -> None:
    await site.make(alone=True).poller.round()
    again = site.make(alone=True)
    assert await again.poller.round() == 0
    again.seconds.now += 1_000_000
    assert await again.poller.round() == 0, "it never ends by itself"
    assert await site.token() == 2
    await again.leases.run(asyncio.Event())  # returns: there is nothing to renew


async def test_renewal_goes_on_while_the_database_is_away_for_a_moment(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, stopping = site.make(length=0.03), asyncio.Event()
    assert await process.leases.hold("x") is not None
    calls = 0
    renew = process.leases.renew

    async def sometimes() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise StoreUnavailable("the server stops or starts")
        await renew()
        stopping.set()

    monkeypatch.setattr(process.leases, "renew", sometimes)
    async with asyncio.timeout(10):
        await process.leases.run(stopping)
    assert calls == 3


@pytest.mark.parametrize("table", ["connectors_cursors", "connectors_leases", "connectors_seen"])
async def test_a_row_gone_or_copied_is_noticed(site: Site, table: str) -> None:
    process = site.make()
    site.write(1, 2, 3)
    await process.poller.round()
    await process.folder.look()
    assert all(check.holds for check in (await ledger.read(site.store)).checks)
    columns = {
        "connectors_cursors": "state, updated_at, token", "connectors_leases": "owner, token, expires_at",
        "connectors_seen": "key",
    }[table]  # fmt: skip
    row = "source = 'tabel-1'"
    if table == "connectors_seen":
        row += " AND key = (SELECT max(key) FROM connectors_seen)"
    copy = f"INSERT INTO {table} (source, {columns}) SELECT 'lain', {columns} FROM {table} WHERE {row}"
    for sabotage, mend in (
        (copy, f"DELETE FROM {table} WHERE source = 'lain'"),
        (f"DELETE FROM {table} WHERE {row}", None),
    ):
        async with site.store.writing() as connection:
            assert (await connection.execute(text(sabotage))).rowcount == 1
        assert not all(check.holds for check in (await ledger.read(site.store)).checks)
        if mend is not None:
            async with site.store.writing() as connection:
                await connection.execute(text(mend))


async def test_what_was_there_before_leases_goes_on(site: Site) -> None:
    """A cursor of an earlier version has no token yet."""
    async with site.store.writing() as connection:
        await connection.execute(
            text(
                "INSERT INTO connectors_cursors (source, state, updated_at)"
                ' VALUES (\'tabel-1\', \'{"mark": 2, "swept_at": "2026-11-24T03:00:00+00:00", "seen": 0}\','
                " '2026-11-24 03:00:00+00:00')"
            )
        )
    process = site.make()
    cursor = await process.cursors.load("tabel-1")
    assert cursor["mark"] == 2
    site.write(5000)
    assert await process.poller.round() == 1
    assert (await process.cursors.load("tabel-1"))["mark"] == 5000
    async with site.store.reading() as connection:
        assert (await connection.execute(select(CURSORS.c.token))).scalar_one() == 1
