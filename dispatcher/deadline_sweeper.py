"""The sweep that says when a deadline is near and when it is missed: each once, whoever sweeps and whatever crashes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update

from dispatcher import tables as t
from dispatcher.deadline_book import DeadlineBook, Place
from dispatcher.metrics import DispatcherMetrics
from dispatcher.publishing import Publisher
from runtime.clock import Clock
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from schemas.events import DeadlineEvent
from schemas.identity import event_id
from schemas.topics import STATUSES

_SOME = 200
_MARGIN = timedelta(hours=1)
"""A receipt is written by another process, whose clock may be behind, and in a transaction that may take a while."""


class DeadlineSweeper:
    """Sweeps the deadlines of all hubs that have any."""

    def __init__(
        self,
        books: Mapping[str, DeadlineBook],
        *,
        store: Store,
        publisher: Publisher,
        metrics: DispatcherMetrics,
        clock: Clock,
    ) -> None:
        self._books = dict(books)
        self._store = store
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock
        self._begun: dict[str, Place] = {}

    async def step(self) -> bool:
        """One sweep; says whether there is more to do at once."""
        more = False
        for name, book in self._books.items():
            now = self._clock()
            left = await book.begin(self._store, self._begun.get(name))
            more = more or left is not None
            self._begun[name] = left or (now - _MARGIN, UUID(int=0))
        return await self._tell() or more

    async def _tell(self) -> bool:
        x, now = t.deadlines.c, self._clock()
        due = (
            select(t.deadlines)
            .where(x.hub.in_(sorted(self._books)), x.next_at <= now)
            .order_by(x.next_at, x.complaint_id)
            .limit(_SOME)
            .with_for_update(skip_locked=True)
        )
        async with self._store.writing() as connection:
            rows = (await connection.execute(due)).all()
            if not rows:
                return False
            # One that was missed while nobody swept is not called near any more.
            told = [(row, "missed" if row.due <= now else "approaching") for row in rows]
            events = [_event(row, standing, now) for row, standing in told]
            await connection.execute(
                _SAID,
                [
                    {
                        "id_": row.complaint_id,
                        "hub_": row.hub,
                        "told_": standing,
                        "next_": None if standing == "missed" else row.due,
                    }
                    for row, standing in told
                ],
            )
            await t.outbox.write(connection, events)
        for row, standing in told:
            self._metrics.deadlines_told.labels(row.hub, row.step, standing).inc()
        await self._publisher.publish(events)
        return len(rows) == _SOME


def _event(row: Row[Any], standing: str, now: datetime) -> Outgoing:
    event = DeadlineEvent.model_validate(
        {
            "event_id": event_id(row.complaint_id, f"deadline:{row.hub}:{row.step}:{standing}", row.due.isoformat()),
            "occurred_at": now,
            "origin": "dispatcher",
            "complaint_id": row.complaint_id,
            "hub": row.hub,
            "tracking_id": row.tracking_id,
            "at": row.due if standing == "missed" else row.next_at,
            "step": row.step,
            "due": row.due,
            "standing": standing,
        }
    )
    return Outgoing(STATUSES.name, str(row.complaint_id), event.model_dump_json().encode())


_SAID = (
    update(t.deadlines)
    .where(t.deadlines.c.complaint_id == bindparam("id_"), t.deadlines.c.hub == bindparam("hub_"))
    .values(told=bindparam("told_"), next_at=bindparam("next_"))
)
