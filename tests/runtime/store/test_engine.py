"""The unit of work: all or nothing, one writer in turn, readers beside it, words when the database is in the way."""

# ruff: noqa: ASYNC240 - a test may wait for a file

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from runtime.store.engine import Store, StoreUnavailable

from .conftest import store_at, things


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


async def test_an_error_of_the_data_shows_no_data(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with store.writing() as connection:
            await connection.execute(insert(things), [{"id": 1, "name": "Budi"}, {"id": 1, "name": "Budi"}])
    assert "Budi" not in str(caught.value)


async def test_settings_survive_power_cuts(store: Store) -> None:
    async with store.writing() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000, "foreign_keys": 1}


async def test_many_writers_that_read_first_all_get_their_turn(store: Store, path: Path) -> None:
    await add(store, 0)
    other = store_at(path)  # as another process would: with a lock of its own

    async def raise_it(each: Store) -> None:
        async with each.writing() as connection:
            highest = (await connection.execute(select(func.max(things.c.id)))).scalar_one()
            await asyncio.sleep(0)
            await connection.execute(insert(things).values(id=highest + 1, name="x"))

    await asyncio.gather(*(raise_it(each) for each in [store, other] * 20))
    assert await count(store) == 41
    await other.close()


async def test_a_reader_sees_one_moment_and_waits_for_no_writer(store: Store) -> None:
    await add(store, 1)
    statement = select(func.count()).select_from(things)
    async with asyncio.timeout(30), store.reading() as reader:
        assert (await reader.execute(statement)).scalar_one() == 1
        async with store.writing() as writer:
            await writer.execute(insert(things).values(id=2, name="x"))
            assert (await reader.execute(statement)).scalar_one() == 1
            assert await count(store) == 1
        assert (await reader.execute(statement)).scalar_one() == 1
    assert await count(store) == 2


async def test_reading_changes_nothing(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="readonly"):
        async with store.reading() as connection:
            await connection.execute(insert(things).values(id=1, name="x"))
    await add(store, 2)
    assert await count(store) == 1


async def test_a_unit_of_work_inside_another_is_refused_at_once(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside another one"):
        async with store.writing():
            await add(store, 1)
    await add(store, 2)
    assert await count(store) == 1


async def test_a_cancelled_unit_of_work_is_undone_and_hands_back_what_it_held(store: Store) -> None:
    for number in range(40):  # more than there are connections
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


async def test_cancelled_while_waiting_for_another_process(store: Store, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    task = asyncio.create_task(add(store, 1))
    await asyncio.sleep(0.05)
    task.cancel()
    other.execute("ROLLBACK")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add(store, 2)
    assert await count(store) == 1


async def test_a_full_disk(store: Store) -> None:
    await add(store, 1)
    async with store.writing() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(StoreUnavailable, match=r"store\.db: the disk is full: free some space"):
        await add(store, *range(10, 3000))
    async with store.writing() as connection:
        await connection.execute(text("PRAGMA max_page_count=1000000"))
        await connection.execute(insert(things).values(id=2, name="x"))
    assert await count(store) == 2


async def test_another_process_that_does_not_let_go(store: Store, path: Path) -> None:
    impatient = store_at(path, patience=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=r"store\.db: another process holds it"):
        await add(impatient, 1)
    assert await count(impatient) == 0
    other.execute("ROLLBACK")
    other.close()
    await add(impatient, 1)
    await impatient.close()


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    store = store_at(tmp_path / "data" / "store.db")
    with pytest.raises(StoreUnavailable, match="the folder is missing or may not be entered: make it"):
        await count(store)
    (tmp_path / "data").mkdir()
    async with store.writing() as connection:
        await connection.run_sync(things.metadata.create_all)
    assert await count(store) == 0
    await store.close()


async def test_something_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"bukan basis data " * 500)
    store = store_at(path)
    with pytest.raises(StoreUnavailable, match="damaged or is something else: restore it"):
        await count(store)
    await store.close()


async def test_a_database_without_our_tables(path: Path) -> None:
    store = store_at(path)
    with pytest.raises(StoreUnavailable, match="not one of Muara's, or was emptied"):
        await count(store)
    await store.close()


async def test_a_wrong_statement_is_no_trouble_of_the_database(store: Store) -> None:
    with pytest.raises(OperationalError, match="malformed JSON"):
        async with store.writing() as connection:
            await connection.execute(text("SELECT json('{')"))


async def test_a_store_that_was_deleted_between_two_runs(store: Store, path: Path) -> None:
    await store.close()
    path.unlink()
    again = store_at(path)
    words = r"store\.db is gone, but was here before: .*backup.*delete .*store\.db\.id: everything is then read"
    with pytest.raises(StoreUnavailable, match=words):
        await count(again)
    assert not path.exists()
    path.with_name("store.db.id").unlink()
    async with again.writing() as connection:
        await connection.run_sync(things.metadata.create_all)
    assert await count(again) == 0
    await again.close()


async def test_a_store_that_is_deleted_while_in_use(store: Store, path: Path) -> None:
    away = path.with_name("elsewhere.db")
    path.rename(away)
    with pytest.raises(StoreUnavailable, match="was removed or replaced while Muara uses it"):
        await add(store, 1)
    away.rename(path)
    await add(store, 2)


async def test_a_store_restored_from_its_backup(store: Store, path: Path, tmp_path: Path) -> None:
    await add(store, 1)
    await store.close()
    backup = shutil.copy(path, tmp_path / "backup.db")
    path.unlink()
    shutil.copy(backup, path)
    again = store_at(path)
    assert await count(again) == 1
    await again.close()


FAILING = """
import asyncio, sys
from runtime.store.engine import Store
async def main():
    async with Store("sqlite+aiosqlite:///" + sys.argv[1]).writing():
        pass
asyncio.run(main())
"""


@pytest.mark.parametrize("trouble", ["no folder", "no database", "gone"])
def test_a_process_whose_store_does_not_open_ends_by_itself(path: Path, trouble: str) -> None:
    if trouble == "no folder":
        path = path.parent / "missing" / "store.db"
    elif trouble == "no database":
        path.write_bytes(b"bukan basis data " * 500)
    else:
        path.with_name("store.db.id").write_text("5\n")
    child = subprocess.run(
        [sys.executable, "-c", FAILING, str(path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert child.returncode == 1
    assert child.stderr.rstrip().splitlines()[-1].startswith("runtime.store.engine.StoreUnavailable")
