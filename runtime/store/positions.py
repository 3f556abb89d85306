"""How far a service has come on the log, kept in its own database with what it made of the records.

Advanced by compare-and-set in the same transaction: a second instance that believes it owns the partition (a zombie)
finds another position than it read from, and its whole batch is undone.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.bus.protocol import Gap, OnGap, Partition, Received
from runtime.store.engine import Store
from runtime.store.statements import insert_new
from runtime.store.types import Moment


class PositionMoved(Exception):
    """Another instance has processed these records: drop the batch and read again from the stored positions."""


def moves(records: Iterable[Received]) -> dict[Partition, tuple[int, int]]:
    """From where to where a batch of records, whole and in order, moves the positions."""
    found: dict[Partition, tuple[int, int]] = {}
    for record in records:
        start, _ = found.get(record.partition, (record.offset, 0))
        found[record.partition] = (start, record.offset + 1)
    return found


class PositionTable:
    """The positions of one service, one row a partition; and what the log lost before this service had read it."""

    def __init__(self, metadata: MetaData, service: str) -> None:
        self.table = Table(
            f"{service}_positions",
            metadata,
            Column("topic", String(64), primary_key=True),
            Column("partition", Integer, primary_key=True),
            Column("position", BigInteger, nullable=False),
        )
        self.losses = Table(
            f"{service}_losses",
            metadata,
            Column("topic", String(64), primary_key=True),
            Column("partition", Integer, primary_key=True),
            Column("position", BigInteger, primary_key=True),
            Column("start", BigInteger, nullable=False),
            Column("noticed_at", Moment, nullable=False),
        )

    async def read(
        self, connection: AsyncConnection, partitions: Collection[Partition] | None = None
    ) -> dict[Partition, int]:
        """The next offset of each partition that has been read from; of all when none are named."""
        rows = await connection.execute(select(self.table))
        known = {Partition(row.topic, row.partition): row.position for row in rows}
        return known if partitions is None else {p: known[p] for p in partitions if p in known}

    async def advance(self, connection: AsyncConnection, moves: Mapping[Partition, tuple[int, int]]) -> None:
        """Move partitions from one position to the next.

        Raises:
            PositionMoved: one does not stand where the batch began.
        """
        for partition, (start, end) in sorted(moves.items()):
            if start == 0:
                await connection.execute(
                    insert_new(connection, self.table),
                    [{"topic": partition.topic, "partition": partition.number, "position": 0}],
                )
            result = await connection.execute(
                update(self.table)
                .where(
                    self.table.c.topic == partition.topic,
                    self.table.c.partition == partition.number,
                    self.table.c.position == start,
                )
                .values(position=end)
            )
            if result.rowcount != 1:
                raise PositionMoved(f"{partition.topic}/{partition.number} no longer stands at {start}")

    async def begin(self, connection: AsyncConnection, starts: Mapping[Partition, int]) -> bool:
        """Stand at the first records kept of a topic, `starts`, where nobody of this service has ever read from it:
        what was removed before was never this service's to read, so it is no loss. Returns whether it was so.

        From then on each partition has its row, also one without records: what is removed unread is a loss. Partitions
        that the topic got later are read from their first record ever.
        """
        known = await self.read(connection)
        first = not any(partition.topic == place.topic for partition in known for place in starts)
        rows = [
            {"topic": place.topic, "partition": place.number, "position": start if first else 0}
            for place, start in sorted(starts.items())
            if place not in known
        ]
        if rows:
            await connection.execute(insert_new(connection, self.table), rows)
        return first

    async def total(self, connection: AsyncConnection, topic: str) -> int:
        """Sum of the positions of a topic: how many of its records were processed."""
        statement = select(func.coalesce(func.sum(self.table.c.position), 0)).where(self.table.c.topic == topic)
        return int((await connection.execute(statement)).scalar_one())

    async def lost(self, connection: AsyncConnection, topic: str) -> int:
        """Records of a topic that the log dropped before they were read."""
        gone = func.coalesce(func.sum(self.losses.c.start - self.losses.c.position), 0)
        return int((await connection.execute(select(gone).where(self.losses.c.topic == topic))).scalar_one())

    def on_gap(self, store: Store) -> OnGap:
        """Records a gap as a loss and moves the position past it, in one unit of work."""

        async def record(gap: Gap) -> None:
            async with store.writing() as connection:
                await self.advance(connection, {gap.partition: (gap.position, gap.start)})
                row = {"topic": gap.partition.topic, "partition": gap.partition.number, "position": gap.position}
                await connection.execute(
                    insert(self.losses), [row | {"start": gap.start, "noticed_at": datetime.now(UTC)}]
                )

        return record

    def source(self, store: Store) -> "_Source":
        """The positions as a consumer asks for them."""
        return _Source(self, store)


class _Source:
    def __init__(self, table: PositionTable, store: Store) -> None:
        self._table = table
        self._store = store

    async def __call__(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        async with self._store.reading() as connection:
            return await self._table.read(connection, partitions)
