"""The log as one SQLite file, for one machine. Survives `kill -9` and power loss: WAL with `synchronous=FULL`.

Publishers of one moment share one transaction (group commit), so that each pays a fraction of the disk's flush. Other
processes may publish into the same file; consumers find their records by looking again.
"""

import asyncio
import json
import sqlite3
import time
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path

import aiosqlite

from runtime.bus.protocol import BusUnavailable, Gap, OnGap, Partition, Positions, Received, Record
from runtime.sqlite import explain

_SCHEMA = """
CREATE TABLE IF NOT EXISTS partitions (
    topic TEXT NOT NULL, number INTEGER NOT NULL, start_offset INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    topic TEXT NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    headers TEXT NOT NULL, published_at REAL NOT NULL, UNIQUE (topic, number, offset)
);
"""
_FAULTS = """
SELECT topic, number, coalesce(kept, 0), coalesce(next_offset - start_offset, 0)
FROM (SELECT topic, number, count(*) AS kept FROM records GROUP BY topic, number)
FULL OUTER JOIN partitions USING (topic, number)
WHERE coalesce(kept, 0) <> coalesce(next_offset - start_offset, 0)
   OR number >= (SELECT count(*) FROM partitions AS others WHERE others.topic = partitions.topic)
"""
_LOOK_AGAIN = 0.1
"""Seconds after which a waiting consumer looks for what another process published."""


class EmbeddedBus:
    """The `Bus` protocol on one file. Make it with `open`."""

    def __init__(
        self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, partitions: Mapping[str, int]
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._partitions = partitions
        self._waiting: list[tuple[str, Sequence[Record], asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._published = asyncio.Event()
        self._closing = False
        self._lock = asyncio.Lock()
        self._task = asyncio.create_task(self._write_forever(), name="embedded-log-writer")

    @classmethod
    async def open(cls, path: Path, topics: Sequence[str], *, partitions: int = 1) -> "EmbeddedBus":
        """Open or make the log. `partitions` counts for topics that do not exist yet.

        Raises:
            BusUnavailable: the file cannot be used; says why and what to do.
        """
        try:
            writer = await _connect(path)
            await writer.executescript(_SCHEMA)
            await _make_topics(writer, topics, partitions)
            reader = await _connect(path)
            rows = await reader.execute_fetchall("SELECT topic, count(*) FROM partitions GROUP BY topic")
        except sqlite3.Error as error:
            raise BusUnavailable(explain(error, path)) from error
        return cls(writer, reader, {topic: int(count) for topic, count in rows})

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records, together with whatever others publish at this moment."""
        if not records:
            return
        if self._closing:
            raise BusUnavailable("the log is closed")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((topic, records, done))
        self._wake.set()
        await done

    async def subscribe(
        self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap
    ) -> "EmbeddedConsumer":
        """One consumer reads all partitions: on one machine there is nobody to share them with."""
        del group  # positions are the consumer's own; the file keeps none
        partitions = [p for topic in topics for p in await self.ends(topic)]
        consumer = EmbeddedConsumer(self, partitions, positions, on_gap)
        await consumer.rewind()
        return consumer

    async def starts(self, topic: str) -> dict[Partition, int]:
        """The first offset kept, of each partition."""
        return {partition: start for partition, (start, _) in (await self._bounds(topic)).items()}

    async def ends(self, topic: str) -> dict[Partition, int]:
        """The next offset, of each partition."""
        return {partition: end for partition, (_, end) in (await self._bounds(topic)).items()}

    async def faults(self) -> list[str]:
        """Holds the records against the bounds of their partitions."""
        try:
            rows = await self._reader.execute_fetchall(_FAULTS)
        except sqlite3.Error as error:
            raise BusUnavailable(explain(error)) from error
        return [f"the log keeps {kept} records of {topic}/{number}, but {told} by its bounds" for topic, number, kept, told in rows]

    async def prune(self, topic: str, before: float, floors: Mapping[Partition, int]) -> int:
        """Forget records published before a moment and below every consumer's position. Returns how many."""
        async with self._lock, _Exclusive(self._writer):
            gone = 0
            for partition, floor in floors.items():
                cursor = await self._writer.execute(
                    "DELETE FROM records WHERE topic = ? AND number = ? AND offset < ? AND published_at < ?",
                    (topic, partition.number, floor, before),
                )
                gone += cursor.rowcount
                await self._writer.execute(
                    "UPDATE partitions SET start_offset = coalesce((SELECT min(offset) FROM records r"
                    " WHERE r.topic = partitions.topic AND r.number = partitions.number), next_offset)"
                    " WHERE topic = ? AND number = ?",
                    (topic, partition.number),
                )
            return gone

    async def close(self) -> None:
        """Write what was handed in, then close the file."""
        self._closing = True
        self._wake.set()
        await self._task
        await self._writer.close()
        await self._reader.close()

    async def fetch(self, partition: Partition, offset: int, limit: int) -> list[Received]:
        """Records of one partition from an offset on."""
        try:
            rows = await self._reader.execute_fetchall(
                "SELECT offset, key, value, headers, published_at FROM records"
                " WHERE topic = ? AND number = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (partition.topic, partition.number, offset, limit),
            )
        except sqlite3.Error as error:
            raise BusUnavailable(explain(error)) from error
        return [Received(partition, r[0], r[1], r[2], json.loads(r[3]) if r[3] else {}, r[4]) for r in rows]

    async def wait_for_news(self, seconds: float) -> None:
        """Return when something may have been published, at the latest after `seconds`."""
        event = self._published
        try:
            await asyncio.wait_for(event.wait(), min(seconds, _LOOK_AGAIN))
        except TimeoutError:
            return

    async def _bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        try:
            rows = await self._reader.execute_fetchall(
                "SELECT number, start_offset, next_offset FROM partitions WHERE topic = ? ORDER BY number", (topic,)
            )
        except sqlite3.Error as error:
            raise BusUnavailable(explain(error)) from error
        return {Partition(topic, int(number)): (int(start), int(end)) for number, start, end in rows}

    async def _write_forever(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            await self._flush()

    async def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            await self._append(batch)
        except sqlite3.Error as error:
            for _, _, done in batch:
                if not done.done():
                    done.set_exception(BusUnavailable(explain(error)))
            return
        for _, _, done in batch:
            if not done.done():
                done.set_result(None)
        self._published.set()
        self._published = asyncio.Event()

    async def _append(self, batch: Sequence[tuple[str, Sequence[Record], Awaitable[None]]]) -> None:
        grouped: dict[Partition, list[Record]] = defaultdict(list)
        for topic, records, _ in batch:
            for record in records:
                grouped[Partition(topic, zlib.crc32(record.key.encode()) % self._partitions[topic])].append(record)
        now = time.time()
        async with self._lock, _Exclusive(self._writer):
            for partition, records in grouped.items():
                cursor = await self._writer.execute(
                    "UPDATE partitions SET next_offset = next_offset + ? WHERE topic = ? AND number = ?"
                    " RETURNING next_offset",
                    (len(records), partition.topic, partition.number),
                )
                row = await cursor.fetchone()
                if row is None:
                    raise sqlite3.DatabaseError(f"the log has no partition {partition.number} of {partition.topic}")
                first = int(row[0]) - len(records)
                await self._writer.executemany(
                    "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            partition.topic,
                            partition.number,
                            first + i,
                            r.key,
                            r.value,
                            json.dumps(dict(r.headers)) if r.headers else "",
                            now,
                        )
                        for i, r in enumerate(records)
                    ],
                )


class _Exclusive:
    """A writing transaction: taken at once (`BEGIN IMMEDIATE`), committed or rolled back at the end."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            await self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            await self._connection.execute("ROLLBACK")


class EmbeddedConsumer:
    """Reads all partitions in turn, from durable positions on."""

    def __init__(
        self,
        bus: EmbeddedBus,
        partitions: Sequence[Partition],
        positions: Positions,
        on_gap: OnGap,
    ) -> None:
        self._bus = bus
        self._partitions = partitions
        self._positions = positions
        self._on_gap = on_gap
        self._next: dict[Partition, int] = {}

    async def poll(self, limit: int, wait: float) -> dict[Partition, list[Received]]:
        """Records of all partitions, at most `limit` together."""
        deadline = time.monotonic() + wait
        while True:
            found: dict[Partition, list[Received]] = {}
            left = limit
            for partition in self._partitions:
                if left > 0 and (records := await self._bus.fetch(partition, self._next[partition], left)):
                    found[partition] = records
                    left -= len(records)
            for partition, records in found.items():
                self._next[partition] = records[-1].offset + 1
            remaining = deadline - time.monotonic()
            if found or remaining <= 0:
                # Whoever was served last is asked first next time, so that a busy partition starves none.
                self._partitions = [*self._partitions[1:], *self._partitions[:1]]
                return found
            await self._bus.wait_for_news(remaining)

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Nothing to do: the consumer's own database has the truth, and nobody else reads for this group."""

    async def rewind(self) -> None:
        """Read again from the durable positions."""
        known = await self._positions(self._partitions)
        for topic in {p.topic for p in self._partitions}:
            for partition, start in (await self._bus.starts(topic)).items():
                position = known.get(partition, 0)
                if start > position:
                    await self._on_gap(Gap(partition, position, start))
                self._next[partition] = max(start, position)

    async def close(self) -> None:
        """Nothing is held."""


async def _make_topics(writer: aiosqlite.Connection, topics: Sequence[str], partitions: int) -> None:
    async with _Exclusive(writer):
        existing = {row[0] for row in await writer.execute_fetchall("SELECT DISTINCT topic FROM partitions")}
        await writer.executemany(
            "INSERT INTO partitions VALUES (?, ?, 0, 0)",
            [(topic, number) for topic in topics if topic not in existing for number in range(partitions)],
        )


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "temp_store=MEMORY"):
        await connection.execute(f"PRAGMA {pragma}")
    return connection
