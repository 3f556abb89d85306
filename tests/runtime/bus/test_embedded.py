"""The embedded log under kill -9, beside other processes, and with many publishers."""

# ruff: noqa: ASYNC220, ASYNC240 - a test may wait for a file or a child

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.log_file import Row
from runtime.bus.protocol import BusUnavailable, Gap, LogReplaced, Partition, Received, Record

from .conftest import TOPIC, OpenEmbedded, Reader, letters, values

PLACE = Partition(TOPIC, 0)

PUBLISH_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Record

async def main():
    bus = await EmbeddedBus.open(Path(sys.argv[1]), ["keluhan", "jawaban"])
    for n in range(int(sys.argv[2])):
        await bus.publish("keluhan", [Record("a", b"%d" % n)])
    if sys.argv[3] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    await bus.close()

asyncio.run(main())
"""


def run(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, timeout=60, check=False
    )


async def test_a_record_outlives_kill_9_right_after_publishing(path: Path, open_embedded: OpenEmbedded) -> None:
    child = run(PUBLISH_AND_DIE, path, 20, "die")
    assert child.returncode == -signal.SIGKILL, child.stderr
    bus = await open_embedded()
    assert values(await (await Reader(bus).begin()).all()) == [str(n).encode() for n in range(20)]
    assert await bus.faults() == []
    await bus.publish(TOPIC, letters("lanjut"))


async def test_a_commit_waits_for_the_disk(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    line = bus._writer
    settings = {}
    for name in ("journal_mode", "synchronous", "busy_timeout"):
        settings[name] = (await line.run(line.file._connection.execute, f"PRAGMA {name}")).fetchone()[0]
    assert settings == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}


async def test_a_waiting_consumer_hears_of_another_process(path: Path, open_embedded: OpenEmbedded) -> None:
    reader = await Reader(await open_embedded()).begin()
    polling = asyncio.create_task(reader.poll(wait=60))
    child = await asyncio.to_thread(run, PUBLISH_AND_DIE, path, 1, "live")
    assert child.returncode == 0, child.stderr
    async with asyncio.timeout(30):
        assert values(await polling) == [b"0"]


async def test_news_that_come_while_it_looks_are_not_missed(
    open_embedded: OpenEmbedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.bus.embedded_consumer._LOOK_AGAIN", 3600.0)
    bus = await open_embedded()
    reader = await Reader(bus).begin()
    fetch = bus.fetch
    late = letters("tepat waktu")

    async def fetch_slowly(partition: Partition, offset: int, limit: int) -> list[Received]:
        found = await fetch(partition, offset, limit)
        if late:
            await bus.publish(TOPIC, [late.pop()])
        return found

    monkeypatch.setattr(bus, "fetch", fetch_slowly)
    async with asyncio.timeout(30):
        assert values(await reader.poll(wait=3600)) == [b"tepat waktu"]


async def test_two_processes_make_the_log_at_once(path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", PUBLISH_AND_DIE, str(path), "30", "live"], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for child in children:
        _, errors = await asyncio.to_thread(child.communicate, timeout=60)
        assert child.returncode == 0, errors.decode()
    bus = await EmbeddedBus.open(path, [TOPIC])
    assert await bus.ends(TOPIC) == {PLACE: 90}
    assert await bus.faults() == []
    await bus.close()


async def test_publishers_of_one_moment_share_a_flush(
    open_embedded: OpenEmbedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await open_embedded()
    sizes: list[int] = []
    append = bus._writer.file.append

    def count(rows: Sequence[Row]) -> None:
        sizes.append(len(rows))
        append(rows)

    monkeypatch.setattr(bus._writer.file, "append", count)
    await asyncio.gather(*(bus.publish(TOPIC, letters(n)) for n in range(200)))
    assert sum(sizes) == 200
    assert len(sizes) <= 2


async def test_closing_writes_what_was_handed_in(open_embedded: OpenEmbedded, path: Path) -> None:
    bus = await open_embedded()
    first = asyncio.create_task(bus.publish(TOPIC, letters("a")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the writer has the first in hand when the second comes
    second = asyncio.create_task(bus.publish(TOPIC, letters("b")))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await bus.close()
        await asyncio.gather(first, second)
    assert values(await (await Reader(await open_embedded()).begin()).all()) == [b"a", b"b"]


async def test_a_publisher_that_gives_up_disturbs_nobody(open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    tasks = [asyncio.create_task(bus.publish(TOPIC, letters(n))) for n in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [None] * 5
    await bus.publish(TOPIC, letters("sesudah"))
    found = {int(value) for value in values(await (await Reader(bus).begin()).all())[:-1]}
    assert found >= {1, 3, 5, 7, 9}
    assert await bus.faults() == []


async def test_a_record_that_cannot_be_written_hurts_only_its_publisher(open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    good = asyncio.create_task(bus.publish(TOPIC, letters("baik")))
    with pytest.raises(UnicodeEncodeError):
        await bus.publish(TOPIC, [Record("\ud800", b"x")])
    await good
    await bus.publish(TOPIC, letters("lagi"))
    assert values(await (await Reader(bus).begin()).all()) == [b"baik", b"lagi"]


async def test_a_fault_in_writing_is_told_and_the_next_one_is_written(
    open_embedded: OpenEmbedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await open_embedded()

    def broken(rows: object) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(bus._writer.file, "append", broken)
        with pytest.raises(BusUnavailable, match="no room"):
            await bus.publish(TOPIC, letters("x"))
    await bus.publish(TOPIC, letters("y"))


ALTERATIONS = {
    "a record deleted in the middle": "DELETE FROM records WHERE offset = 2",
    "the first record deleted": "DELETE FROM records WHERE offset = 0",
    "the last record deleted": "DELETE FROM records WHERE offset = 4",
    "a record copied to the end": "INSERT INTO records SELECT topic, number, 5, key, value, headers, published_at"
    " FROM records WHERE offset = 1",
    "a record copied before the start": "INSERT INTO records SELECT topic, number, -1, key, value, headers,"
    " published_at FROM records WHERE offset = 1",
    "a record moved": "UPDATE records SET offset = 9 WHERE offset = 2",
    "a record copied to a topic of nobody": "INSERT INTO records SELECT 'lain', number, 0, key, value, headers,"
    " published_at FROM records WHERE offset = 1",
    "a used partition deleted": "DELETE FROM partitions WHERE topic = 'keluhan' AND next_offset > 0",
    "an unused partition deleted": "DELETE FROM partitions WHERE topic = 'jawaban' AND number = 3",
    "an unused partition copied": "INSERT INTO partitions SELECT topic, 4, siblings, start_offset, next_offset"
    " FROM partitions WHERE topic = 'jawaban' AND number = 3",
    "a used partition copied": "INSERT INTO partitions SELECT topic, 4, siblings, start_offset, next_offset"
    " FROM partitions WHERE next_offset > 0",
    "a partition renumbered": "UPDATE partitions SET number = 7 WHERE topic = 'jawaban' AND number = 3",
}


@pytest.mark.parametrize("statement", ALTERATIONS.values(), ids=ALTERATIONS.keys())
async def test_one_row_more_or_less_is_a_fault(path: Path, open_embedded: OpenEmbedded, statement: str) -> None:
    bus = await open_embedded(partitions=4)
    await bus.publish(TOPIC, letters(*range(5)))
    assert await bus.faults() == []
    alter(path, statement)
    assert len(await bus.faults()) >= 1


def alter(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        changed = connection.execute(statement).rowcount
    connection.close()
    assert changed == 1


async def test_a_hole_at_the_position_is_a_gap_and_stops_nobody(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters(*range(6)))
    alter(path, "DELETE FROM records WHERE offset = 2")
    reader = await Reader(bus).begin()
    assert values(await reader.all()) == [b"0", b"1", b"3", b"4", b"5"]
    assert reader.gaps == [Gap(PLACE, 2, 3)]
    assert reader.positions == {PLACE: 6}


async def test_a_deleted_partition_is_refused_by_name(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    alter(path, "DELETE FROM partitions WHERE topic = 'keluhan'")
    with pytest.raises(BusUnavailable, match="no partition 0 of keluhan any more: restore it"):
        await bus.publish(TOPIC, letters("x"))


async def test_pruning_stops_at_the_floor_and_at_the_moment(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded(partitions=1)
    await bus.publish(TOPIC, letters(*range(3)))
    alter_all(path, "UPDATE records SET published_at = 100")
    await bus.publish(TOPIC, letters(*range(3, 6)))
    assert await bus.prune(TOPIC, 100, {PLACE: 6}) == 0
    assert await bus.prune(TOPIC, 101, {PLACE: 0}) == 0
    assert await bus.prune(TOPIC, 101, {Partition("jawaban", 0): 6}) == 0
    assert await bus.prune(TOPIC, 101, {PLACE: 1}) == 1
    assert await bus.prune(TOPIC, 101, {PLACE: 6}) == 2
    assert (await bus.starts(TOPIC), await bus.ends(TOPIC)) == ({PLACE: 3}, {PLACE: 6})
    assert await bus.prune(TOPIC, float("inf"), {PLACE: 99}) == 3
    assert (await bus.starts(TOPIC), await bus.ends(TOPIC)) == ({PLACE: 6}, {PLACE: 6})
    assert await bus.faults() == []
    await bus.publish(TOPIC, letters("baru"))
    assert await bus.ends(TOPIC) == {PLACE: 7}
    assert values(await (await Reader(bus, positions={PLACE: 6}).begin()).all()) == [b"baru"]


async def test_pruning_takes_more_than_one_slice(open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters(*range(2500)))
    assert await bus.prune(TOPIC, float("inf"), {PLACE: 2400}) == 2400
    assert await bus.starts(TOPIC) == {PLACE: 2400}
    assert await bus.faults() == []


async def test_a_clock_that_was_set_back_leaves_no_hole(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters(*range(6)))
    alter_all(path, "UPDATE records SET published_at = iif(offset < 3, 200, 100)")
    assert await bus.prune(TOPIC, 150, {PLACE: 6}) == 0
    assert await bus.prune(TOPIC, 250, {PLACE: 6}) == 6
    assert await bus.faults() == []


def alter_all(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


async def test_partitions_count_for_new_topics_only(open_embedded: OpenEmbedded) -> None:
    await (await open_embedded([TOPIC], partitions=2)).close()
    bus = await open_embedded([TOPIC, "jawaban"], partitions=3)
    assert len(await bus.ends(TOPIC)) == 2
    assert len(await bus.ends("jawaban")) == 3
    assert await bus.faults() == []


async def test_an_older_copy_of_the_log_is_refused(path: Path, open_embedded: OpenEmbedded) -> None:
    bus = await open_embedded()
    await bus.publish(TOPIC, letters("satu"))
    await bus.close()
    old = path.read_bytes()
    bus = await open_embedded()
    await bus.publish(TOPIC, letters("dua"))
    reader = await Reader(bus).begin()
    await reader.all()
    await bus.close()
    path.write_bytes(old)
    with pytest.raises(LogReplaced, match="ends at 1, but records up to 2 had been read"):
        await Reader(await open_embedded(), positions=reader.positions).begin()
