"""How services read: each batch once, its positions with it, whoever else reads and whatever breaks."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Received, Record
from runtime.store.engine import Store
from runtime.store.positions import moves
from runtime.store.reader import LogReader

from .conftest import positions, things

TOPIC = "keluhan"


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[EmbeddedBus]:
    opened = await EmbeddedBus.open(tmp_path / "log.db", [TOPIC])
    await opened.publish(TOPIC, [Record("k", f"{n}".encode()) for n in range(5)])
    yield opened
    await opened.close()


class Writer:
    """Writes each record as a row, with its positions."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.broken = 0

    async def __call__(self, records: Sequence[Received]) -> int:
        async with self.store.writing() as connection:
            rows = [{"id": record.offset, "name": record.value.decode()} for record in records]
            await connection.execute(insert(things), rows)
            if self.broken:
                self.broken -= 1
                raise ValueError("a culprit in the batch")
            await positions.advance(connection, moves(records))
        return len(records)

    async def written(self) -> list[str]:
        async with self.store.reading() as connection:
            return list((await connection.execute(select(things.c.name).order_by(things.c.id))).scalars())


async def test_a_batch_is_taken_once_and_its_writer_is_heard(bus: EmbeddedBus, store: Store) -> None:
    reader, write = LogReader[int](bus, "g", TOPIC, positions, store, most=3, wait=0.01), Writer(store)
    first, second = await reader.take(write), await reader.take(write)
    assert first is not None
    assert second is not None
    assert (first.written, len(second.records)) == (3, 2)
    assert await reader.take(write) is None
    await reader.close()
    # Another process goes on where the tables say, not where the group stood.
    again = LogReader[int](bus, "other", TOPIC, positions, store, wait=0.01)
    assert await again.take(write) is None
    assert await write.written() == ["0", "1", "2", "3", "4"]
    await again.close()


async def test_what_breaks_is_heard_and_the_batch_comes_again(bus: EmbeddedBus, store: Store) -> None:
    reader, write = LogReader[int](bus, "g", TOPIC, positions, store, wait=0.01), Writer(store)
    write.broken = 1
    with pytest.raises(ValueError, match="a culprit"):
        await reader.take(write)
    assert await write.written() == []
    taken = await reader.take(write)
    assert taken is not None
    assert (taken.written, await write.written()) == (5, ["0", "1", "2", "3", "4"])
    await reader.close()


async def test_whoever_was_overtaken_writes_nothing_and_goes_on_behind(bus: EmbeddedBus, store: Store) -> None:
    reader, write = LogReader[int](bus, "g", TOPIC, positions, store, wait=0.01), Writer(store)

    async def overtaken(records: Sequence[Received]) -> int:
        await write(records[:2])  # another process, a moment earlier
        async with store.writing() as connection:
            await positions.advance(connection, moves(records))
        raise AssertionError("a zombie wrote")

    assert await reader.take(overtaken) is None
    assert await write.written() == ["0", "1"]
    taken = await reader.take(write)
    assert taken is not None
    assert [record.value for record in taken.records] == [b"2", b"3", b"4"]
    await reader.close()
