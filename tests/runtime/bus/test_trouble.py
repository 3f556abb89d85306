"""The embedded log when the disk, the file or another process is in the way: words that help, and nothing worn down."""

# ruff: noqa: ASYNC240 - a test may wait for a file

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import BusUnavailable, LogReplaced

from .conftest import TOPIC, OpenEmbedded, Reader, letters, values


async def pragma(bus: EmbeddedBus, words: str) -> int:
    row = (await bus._writer.run(bus._writer.file._connection.execute, f"PRAGMA {words}")).fetchone()
    return int(row[0]) if row else 0


async def test_a_full_disk(open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters("sebelum"))
    await pragma(bus, f"max_page_count={await pragma(bus, 'page_count') + 3}")
    with pytest.raises(BusUnavailable, match=r"log\.db: the disk is full: free some space"):
        await bus.publish(TOPIC, letters("x" * 100_000))
    assert await bus.faults() == []
    await pragma(bus, "max_page_count=1000000")
    await bus.publish(TOPIC, letters("sesudah"))
    assert values(await (await Reader(bus).begin()).all()) == [b"sebelum", b"sesudah"]


async def test_a_commit_that_fails(open_embedded: OpenEmbedded) -> None:
    """What a deferred constraint refuses, COMMIT refuses, and leaves the transaction open: as a full disk may."""
    bus = await open_embedded()
    connection = bus._writer.file._connection

    def plant() -> None:
        connection.executescript(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
            "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);"
            "CREATE TRIGGER snag AFTER INSERT ON records BEGIN INSERT INTO child VALUES (1); END;"
        )

    await bus._writer.run(plant)
    with pytest.raises(BusUnavailable, match="FOREIGN KEY"):
        await bus.publish(TOPIC, letters("x"))
    await bus._writer.run(connection.execute, "DROP TRIGGER snag")
    await bus.publish(TOPIC, letters("y"))
    assert values(await (await Reader(bus).begin()).all()) == [b"y"]


async def test_a_read_only_file(open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await pragma(bus, "query_only=ON")
    with pytest.raises(BusUnavailable, match="read-only: give this user the right to write"):
        await bus.publish(TOPIC, letters("x"))
    await pragma(bus, "query_only=OFF")
    await bus.publish(TOPIC, letters("y"))


async def test_another_process_that_does_not_let_go(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded(patience=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusUnavailable, match=r"log\.db: another process holds it"):
        await bus.publish(TOPIC, letters("x"))
    assert await (await Reader(bus).begin()).all() == []  # reading goes on
    with pytest.raises(BusUnavailable, match="another process holds it"):
        await EmbeddedBus.open(path, [TOPIC], patience=0.1)
    other.execute("ROLLBACK")
    other.close()
    await bus.publish(TOPIC, letters("y"))


async def test_another_process_that_lets_go_in_time(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded(patience=30)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    publishing = asyncio.create_task(bus.publish(TOPIC, letters("x")))
    await asyncio.sleep(0.05)
    assert not publishing.done()
    other.execute("ROLLBACK")
    other.close()
    await publishing


async def test_something_that_is_no_database(path: Path, open_embedded: OpenEmbedded) -> None:
    path.write_bytes(b"bukan basis data " * 500)
    with pytest.raises(BusUnavailable, match="damaged or is something else: restore it"):
        await open_embedded()
    path.unlink()
    await (await open_embedded()).publish(TOPIC, letters("x"))


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "log.db"
    with pytest.raises(BusUnavailable, match="the folder is missing or may not be entered: make it"):
        await EmbeddedBus.open(path, [TOPIC])
    path.parent.mkdir()
    await (await EmbeddedBus.open(path, [TOPIC])).close()


async def test_a_log_that_was_deleted_between_two_runs(path: Path, open_embedded: OpenEmbedded) -> None:
    await (await open_embedded()).close()
    path.unlink()
    words = r"log\.db is gone, but was here before: .*restore it from its backup.*delete .*log\.db\.id"
    with pytest.raises(LogReplaced, match=words):
        await open_embedded()
    assert not path.exists(), "a refusal makes no empty log"
    path.touch()
    with pytest.raises(LogReplaced, match=words):
        await open_embedded()
    path.with_name("log.db.id").unlink()
    await (await open_embedded()).publish(TOPIC, letters("dari awal"))


async def test_another_log_in_its_place(path: Path, tmp_path: Path, open_embedded: OpenEmbedded) -> None:
    await (await open_embedded()).close()
    (tmp_path / "lain").mkdir()
    await (await EmbeddedBus.open(tmp_path / "lain" / "log.db", [TOPIC])).close()
    shutil.copy(tmp_path / "lain" / "log.db", path)
    with pytest.raises(LogReplaced, match="is not the file that was used here before"):
        await open_embedded()


async def test_a_log_restored_from_its_backup(path: Path, tmp_path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters("disimpan"))
    await bus.close()
    copy = shutil.copy(path, tmp_path / "backup.db")
    path.unlink()
    shutil.copy(copy, path)
    assert values(await (await Reader(await open_embedded()).begin()).all()) == [b"disimpan"]


async def test_a_log_that_is_deleted_while_in_use(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    away = path.with_name("elsewhere.db")
    path.rename(away)
    with pytest.raises(LogReplaced, match="was removed or replaced while Muara uses it: put the same file back"):
        await bus.publish(TOPIC, letters("x"))
    away.rename(path)
    await bus.publish(TOPIC, letters("y"))


FAILING = """
import asyncio, sys
from pathlib import Path
from runtime.bus.embedded import EmbeddedBus
asyncio.run(EmbeddedBus.open(Path(sys.argv[1]), ["keluhan"], patience=0.1))
"""


@pytest.mark.parametrize("trouble", ["no folder", "no database", "locked", "gone"])
def test_a_process_whose_log_does_not_open_ends_by_itself(path: Path, trouble: str) -> None:
    lock: sqlite3.Connection | None = None
    if trouble == "no folder":
        path = path.parent / "missing" / "log.db"
    elif trouble == "no database":
        path.write_bytes(b"bukan basis data " * 500)
    elif trouble == "gone":
        path.with_name("log.db.id").write_text("5\n")
    else:
        lock = sqlite3.connect(path, isolation_level=None)
        lock.execute("PRAGMA journal_mode=WAL")
        lock.execute("BEGIN IMMEDIATE")
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", FAILING, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if lock is not None:
        lock.close()
    assert child.returncode == 1
    assert child.stderr.rstrip().splitlines()[-1].startswith("runtime.bus.protocol.")
    assert "ResourceWarning" not in child.stderr
