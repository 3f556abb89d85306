"""The unit of work on PostgreSQL: one moment for readers, time-outs, restarts, troubles in words."""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from runtime import postgres
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.migrate import migrate, versions_of
from runtime.store.statements import insert_returning_new
from tests.stores import beside, on_server
from tools.services.places import free_ports
from tools.services.postgres import PostgresServer

from .conftest import metadata, things, typed

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def address(postgres: str) -> str:
    return postgres.replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    async with store.writing() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


async def count(store: Store) -> int:
    async with store.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(things))).scalar_one())


async def add(store: Store, *ids: int) -> None:
    async with store.writing() as connection:
        await connection.execute(insert(things), [{"id": each, "name": "x"} for each in ids])


async def test_a_unit_of_work_is_whole_or_did_not_happen(store: Store) -> None:
    await add(store, 1)
    with pytest.raises(IntegrityError):
        await add(store, 2, 1)
    assert await count(store) == 1


async def test_a_reader_sees_one_moment_and_a_writer_what_is_committed(store: Store) -> None:
    statement = select(func.count()).select_from(things)
    async with asyncio.timeout(30), store.reading() as reader, beside(store).writing() as writer:
        assert (await reader.execute(statement)).scalar_one() == 0
        assert (await writer.execute(statement)).scalar_one() == 0
        await asyncio.create_task(add(store, 1))
        assert (await reader.execute(statement)).scalar_one() == 0
        assert (await writer.execute(statement)).scalar_one() == 1


async def test_reading_changes_nothing(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="read-only"):
        async with store.reading() as connection:
            await connection.execute(insert(things).values(id=1, name="x"))
    await add(store, 2)
    assert await count(store) == 1


async def test_nobody_waits_for_ever(store: Store) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "tcp_keepalives_idle")
    async with store.writing() as connection:
        found = [(await connection.execute(text(f"SHOW {name}"))).scalar_one() for name in names]
    assert found == ["1min", "20s", "1min", "30"]


async def test_a_unit_of_work_inside_another_is_refused_at_once(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside another one"):
        async with store.writing():
            await add(store, 1)
    await add(store, 2)
    assert await count(store) == 1


async def test_a_cancelled_unit_of_work_is_undone_and_hands_back_what_it_held(store: Store) -> None:
    for number in range(12):  # more than there are connections
        inside = asyncio.Event()

        async def work(number: int = number, inside: asyncio.Event = inside) -> None:
            async with store.writing() as connection:
                await connection.execute(insert(things).values(id=number, name="x"))
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(30):
        await add(store, 1)
    assert await count(store) == 1


VALUES = [
    ("nothing where something must be", {"id": 5, "name": None}),
    ("longer than the column", {"id": 5, "name": "Budi Santoso " * 9}),
    ("NUL", {"id": 5, "name": "Budi Santoso\0"}),
    ("half a character", {"id": 5, "name": "Budi Santoso \ud83d"}),
    ("another type", {"id": "Budi Santoso", "name": "x"}),
]


@pytest.mark.parametrize("values", [values for _, values in VALUES], ids=[name for name, _ in VALUES])
async def test_what_is_refused_is_a_fault_of_the_data_and_shows_none(store: Store, values: dict[str, object]) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with store.writing() as connection:
            await connection.execute(insert(things), [values])
    assert "Budi" not in "".join(traceback.format_exception(caught.value))
    await add(store, 1)


async def test_a_wrong_statement_is_no_trouble_of_the_database(store: Store) -> None:
    with pytest.raises(ProgrammingError, match="syntax error"):
        async with store.writing() as connection:
            await connection.execute(text("SELECT FROM WHERE"))


async def test_only_new_rows_go_in_and_come_back_though_others_write_them_too(store: Store) -> None:
    rows = [{"id": number, "name": "x"} for number in range(3000)]

    async def one() -> set[tuple[object, ...]]:
        async with store.writing() as connection:
            return await insert_returning_new(connection, things, rows, "id")

    async with asyncio.timeout(30):
        found = await asyncio.gather(*(one() for _ in range(4)))
    assert sorted(row for each in found for row in each) == [(number,) for number in range(3000)]


async def test_two_that_lock_each_others_rows_end_and_one_is_told_to_try_again(store: Store) -> None:
    await add(store, 1, 2)
    barrier = asyncio.Barrier(2)

    async def lock(*ids: int) -> None:
        async with store.writing() as connection:
            for each in ids:
                await connection.execute(select(things).where(things.c.id == each).with_for_update())
                if each == ids[0]:
                    await barrier.wait()

    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)
    (told,) = [each for each in outcomes if each is not None]
    assert isinstance(told, StoreUnavailable)
    assert "another transaction was in the way: it is tried again" in str(told)


async def test_more_units_of_work_than_connections_wait_for_their_turn_but_not_for_ever(address: str) -> None:
    store = Store(address, pool_size=2, patience=0.2)
    async with asyncio.timeout(30):
        await asyncio.gather(*(asyncio.create_task(_breathe(store)) for _ in range(6)))
        async with store.reading(), store.reading():
            with pytest.raises(StoreUnavailable, match="all connections to the database are in use"):
                await asyncio.create_task(_breathe(store))
    await store.close()


async def _breathe(store: Store) -> None:
    async with store.reading() as connection:
        await connection.execute(text("SELECT 1"))


async def test_troubles_in_words(store: Store, postgres_server: str, address: str) -> None:
    secret = store.url.password or "-"
    cases = [
        (on_server(postgres_server, "tidak_ada"), "there is no such database on the server: create it"),
        (address.replace(secret, "salah"), "the user or the password is wrong: correct the address"),
        (f"postgresql+asyncpg://x:y@127.0.0.1:{free_ports(1)[0]}/z", "not to be reached .*is it running"),
    ]
    for url, words in cases:
        other = Store(url)
        with pytest.raises(StoreUnavailable, match=words) as caught:
            await count(other)
        assert secret not in str(caught.value)
        await other.close()
    async with store.writing() as connection:
        await connection.run_sync(metadata.drop_all)
    with pytest.raises(StoreUnavailable, match="not Muara's, or were emptied: restore it"):
        await count(store)


async def test_a_server_that_takes_no_writing(store: Store) -> None:
    async with store.writing() as connection:
        name = store.url.database
        await connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    await store.close()
    with pytest.raises(StoreUnavailable, match="takes no writing now: is it a standby"):
        await add(store, 1)


async def test_addresses_as_people_write_them(postgres: str) -> None:
    for form in ("postgres://", "postgresql://", "postgresql+asyncpg://"):
        store = Store(postgres.replace("postgresql://", form) + "?sslmode=disable")
        assert store.dialect == "postgresql"
        await _breathe(store)
        await store.close()


class Answerless:
    """A port that takes connections and says nothing."""

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._keep, "127.0.0.1", 0)
        self._writers: list[asyncio.StreamWriter] = []
        return int(self._server.sockets[0].getsockname()[1])

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await reader.read()

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()


async def test_a_server_that_keeps_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.store.postgres_database.CONNECT_TIMEOUT", 0.2)
    async with Answerless() as port:
        store = Store(f"postgresql+asyncpg://x:y@127.0.0.1:{port}/z")
        with pytest.raises(StoreUnavailable, match="does not answer"):
            await count(store)
        await store.close()


async def test_a_server_that_is_killed_stopped_and_started_while_work_goes_on(
    own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No restart of ours: the next unit of work after the server is back succeeds; what was committed is there."""
    server = own_postgres
    monkeypatch.setattr("runtime.store.postgres_database.COMMAND_TIMEOUT", 1.0)
    monkeypatch.setattr("runtime.store.postgres_database.CONNECT_TIMEOUT", 1.0)
    store = Store(server.url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=4)
    async with store.writing() as connection:
        await connection.run_sync(metadata.create_all)
    acknowledged: set[int] = set()
    troubles: list[str] = []
    fresh = iter(range(1_000_000))
    over = asyncio.Event()

    async def traffic() -> None:
        while not over.is_set():
            number = next(fresh)
            try:
                await add(store, number)
            except StoreUnavailable as error:
                troubles.append(str(error))
                await asyncio.sleep(0.02)
            else:
                acknowledged.add(number)

    async def progress() -> None:
        """Wait for work that was begun after now."""
        latest = next(fresh)
        while not any(number > latest for number in acknowledged):  # noqa: ASYNC110 the server has no event of it
            await asyncio.sleep(0.01)

    async def trouble() -> None:
        before = len(troubles)
        while len(troubles) == before:  # noqa: ASYNC110 the server has no event of it
            await asyncio.sleep(0.01)

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(traffic())
        await progress()
        server.kill()
        await trouble()
        await asyncio.to_thread(server.start)
        await progress()
        await asyncio.to_thread(server.stop)
        await trouble()
        await asyncio.to_thread(server.start)
        await progress()
        processes = await _processes(store, server)
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            await trouble()
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)
        await progress()
        over.set()
    async with store.reading() as connection:
        kept = set((await connection.execute(select(things.c.id))).scalars())
    assert acknowledged <= kept
    assert all(words.startswith(f"127.0.0.1:{server.port}/postgres: ") for words in troubles), set(troubles)
    await store.close()


async def _processes(store: Store, server: PostgresServer) -> list[int]:
    """The server, and the process of each of its connections."""
    async with store.reading() as connection:
        clients = text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        found = (await connection.execute(clients)).scalars()
        written = await asyncio.to_thread((server.folder / "data" / "postmaster.pid").read_text)
        return [*found, int(written.split()[0])]


async def test_an_idle_connection_that_the_server_ended_is_replaced_unnoticed(store: Store, postgres: str) -> None:
    await add(store, 1)
    other = await asyncpg.connect(postgres)
    ended = await other.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()
    assert ended == 1
    await add(store, 2)
    assert await count(store) == 2


async def test_a_connection_that_breaks_within_a_unit_of_work(store: Store, postgres: str) -> None:
    other = await asyncpg.connect(postgres)

    async def work() -> None:
        async with store.writing() as connection:
            await connection.execute(insert(things).values(id=1, name="x"))
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await other.execute("SELECT pg_terminate_backend($1)", pid)
            await connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(StoreUnavailable, match="it is tried again"):
        await work()
    await other.close()
    await add(store, 2)
    assert await count(store) == 1


@pytest.mark.parametrize(
    ("state", "trouble"),
    [("57P01", True), ("53300", True), ("53100", True), ("40P01", True), ("40001", True), ("08006", True),
     ("25006", True), ("55P03", True), ("58030", True), ("42P01", True),
     ("22001", False), ("22021", False), ("23505", False), ("54000", False), ("42601", False), (None, False)],
)  # fmt: skip
def test_whose_fault_an_error_is(state: str | None, trouble: bool) -> None:
    class Error(Exception):
        sqlstate = state

    assert postgres.is_database_fault(Error("x")) is trouble


async def test_a_statement_for_many_rows_has_one_text(store: Store) -> None:
    """Whatever their number: the server plans it once."""
    rows = [{"id": UUID(int=number), "at": START + timedelta(seconds=number)} for number in range(700)]
    async with store.writing() as connection:
        for some in (rows[:1], rows[:300], rows):
            await insert_returning_new(connection, typed, some, "id")
        found = (await connection.execute(select(typed).order_by(typed.c.id))).all()
        prepared = await connection.execute(text("SELECT statement FROM pg_prepared_statements"))
        texts = [words for words in prepared.scalars() if words.startswith("INSERT INTO typed")]
    assert [(row.id, row.at) for row in found] == [(row["id"], row["at"]) for row in rows]
    assert len(texts) == 1


# Migrations

START_ONE = """
import asyncio, sys
from pathlib import Path
from runtime.store.engine import Store
from runtime.store.migrate import migrate

async def main():
    store = Store(sys.argv[1])
    await migrate(store, "uji", Path(sys.argv[2]))
    await store.close()

asyncio.run(main())
"""
REVISION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = {this!r}, {before!r}, None, None

def upgrade() -> None:
    op.execute("{statement}")
"""


def revisions(folder: Path, *statements: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, statement in enumerate(statements, 1):
        before = f"000{number - 1}" if number > 1 else None
        words = REVISION.format(this=f"000{number}", before=before, statement=statement)
        (folder / f"000{number}.py").write_text(words, encoding="utf-8")
    return folder


SLOW = "CREATE TABLE satu AS SELECT 1 AS id, pg_sleep(0.5)::text AS nothing"


async def test_several_processes_start_at_once(address: str, tmp_path: Path) -> None:
    versions = revisions(tmp_path / "versions", SLOW, "INSERT INTO satu VALUES (2)")
    command = [sys.executable, "-c", START_ONE, address, str(versions)]
    children = [await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE) for _ in range(4)]
    for child in children:
        _, errors = await child.communicate()
        assert child.returncode == 0, errors.decode()
    store = Store(address)
    async with store.reading() as connection:
        assert (await connection.execute(text("SELECT id FROM satu ORDER BY id"))).scalars().all() == [1, 2]
    assert await versions_of(store, "uji", versions) == ("0002", "0002")
    await store.close()


async def test_a_migration_that_fails_leaves_nothing_behind(address: str, tmp_path: Path) -> None:
    store = Store(address)
    versions = revisions(tmp_path / "versions", "CREATE TABLE satu (id int)", "INSERT INTO tidak_ada VALUES (1)")
    with pytest.raises(StoreUnavailable, match="tidak_ada"):
        await migrate(store, "uji", versions)
    async with store.reading() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []
    await store.close()


async def test_older_code_starts_beside_newer_tables(address: str, tmp_path: Path) -> None:
    store = Store(address)
    new = revisions(tmp_path / "new", "CREATE TABLE satu (id int)", "ALTER TABLE satu ADD COLUMN baru text")
    old = revisions(tmp_path / "old", "CREATE TABLE satu (id int)")
    await migrate(store, "uji", new)
    await migrate(store, "uji", old)
    assert await versions_of(store, "uji", old) == ("0002", "0001")
    await store.close()


async def test_a_migration_does_not_queue_behind_a_long_statement_for_ever(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.store.migrate._PATIENCE", "100ms")
    store = Store(address)
    await migrate(store, "uji", revisions(tmp_path / "one", "CREATE TABLE satu (id int)"))
    two = revisions(tmp_path / "two", "CREATE TABLE satu (id int)", "ALTER TABLE satu ADD COLUMN baru text")
    async with store.reading() as somebody:
        await somebody.execute(text("SELECT * FROM satu"))
        with pytest.raises(StoreUnavailable, match="holds the same rows for too long"):
            await migrate(store, "uji", two)
    await migrate(store, "uji", two)
    assert await versions_of(store, "uji", two) == ("0002", "0002")
    await store.close()
