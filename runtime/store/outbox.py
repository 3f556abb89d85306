"""Events written in the transaction that caused them, published right after it, deleted once the log has them.

What a crash leaves behind is published by the sweeper. Twice or out of order is harmless: an event is full state with a
revision, or has an id that its consumer knows. So there is no lease, and no reading by `id > last`, which loses rows.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Text, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.bus.protocol import Bus, Record
from runtime.fault_points import reached
from runtime.store.engine import Store
from runtime.store.statements import chunks
from runtime.store.types import Moment, Words

_SWEEP_AFTER = timedelta(seconds=5)
"""Rows younger than this are still on their way from the memory of the process that wrote them."""
_SWEEP_ROWS = 500


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event to publish."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    row: str = field(default_factory=lambda: str(uuid4()))
    """Id of its row in the outbox."""


class Outbox:
    """The outbox of one service."""

    def __init__(self, metadata: MetaData, service: str) -> None:
        self.table = Table(
            f"{service}_outbox",
            metadata,
            Column("id", String(36), primary_key=True),
            Column("topic", String(64), nullable=False),
            Column("key", Words, nullable=False),
            Column("value", LargeBinary, nullable=False),
            Column("written_at", Moment, nullable=False),
            Column("headers", Text),
        )

    async def write(self, connection: AsyncConnection, events: Sequence[Outgoing]) -> None:
        """Inside the unit of work that caused the events."""
        if not events:
            return
        now = datetime.now(UTC)
        rows = [
            {
                "id": e.row,
                "topic": e.topic,
                "key": e.key,
                "value": e.value,
                "written_at": now,
                "headers": json.dumps(dict(e.headers)) if e.headers else None,
            }
            for e in events
        ]
        await connection.execute(insert(self.table), rows)

    async def publish(self, store: Store, bus: Bus, events: Sequence[Outgoing]) -> None:
        """After the commit: to the log, then out of the table.

        Raises:
            BusUnavailable: the rows stay, and the sweeper tries again.
        """
        if not events:
            return
        by_topic: dict[str, list[Outgoing]] = {}
        for event in events:
            by_topic.setdefault(event.topic, []).append(event)
        results = await asyncio.gather(
            *(
                bus.publish(topic, [Record(event.key, event.value, event.headers) for event in group])
                for topic, group in by_topic.items()
            ),
            return_exceptions=True,
        )
        # What one topic took is not sent again because another did not.
        taken = [
            event.row
            for group, result in zip(by_topic.values(), results, strict=True)
            if result is None
            for event in group
        ]
        if taken:
            reached("outbox.published")
            async with store.writing() as connection:
                for rows in chunks(taken):
                    await connection.execute(delete(self.table).where(self.table.c.id.in_(rows)))
            reached("outbox.deleted")
        for result in results:
            if result is not None:
                raise result

    async def sweep(self, store: Store, bus: Bus, *, older_than: timedelta = _SWEEP_AFTER) -> int:
        """Publish what a crash or an absent log left behind. Returns how many events."""
        async with store.reading() as connection:
            rows = await connection.execute(
                select(self.table)
                .where(self.table.c.written_at <= datetime.now(UTC) - older_than)
                .order_by(self.table.c.written_at)
                .limit(_SWEEP_ROWS)
            )
            left = [
                Outgoing(row.topic, row.key, row.value, json.loads(row.headers) if row.headers else {}, row.id)
                for row in rows
            ]
        await self.publish(store, bus, left)
        return len(left)

    async def waiting(self, connection: AsyncConnection) -> int:
        """Events not yet known to be on the log."""
        return int((await connection.execute(select(func.count()).select_from(self.table))).scalar_one())

    async def differing(self, connection: AsyncConnection) -> int:
        """The same, copies counted once: each event has an id of its own inside."""
        o = self.table.c
        different = select(o.topic, o.key, o.value).distinct().subquery()
        return int((await connection.execute(select(func.count()).select_from(different))).scalar_one())
