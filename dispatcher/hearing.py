"""What a hub told, onto the log: the one way of everything that is polled and everything that is posted to us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.deadline_book import DeadlineBook, Told
from dispatcher.hub import Hub
from dispatcher.metrics import DispatcherMetrics
from dispatcher.publishing import Publisher
from dispatcher.receipts import state_event
from dispatcher.rendering import CREATE
from recipes.hubs.listings import FoundChange
from runtime.clock import Clock
from runtime.fault_points import reached
from runtime.store.outbox import Outgoing
from runtime.store.statements import chunks
from schemas.parts import Step


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of some changes."""

    changes: Sequence[FoundChange]
    owners: Mapping[str, UUID]
    """Tracking id → our complaint, for those that are ours."""
    events: Sequence[Outgoing]
    ended: Sequence[tuple[Step, bool]] = ()
    """Steps that are done now, and whether in time."""

    @property
    def unknown(self) -> int:
        """Changes of reports that are not ours."""
        return sum(1 for each in self.changes if each.tracking_id not in self.owners)


class Hearing:
    """Hears one hub. The same change told twice, over whichever way, is the same event."""

    def __init__(self, name: str, hub: Hub, *, publisher: Publisher, metrics: DispatcherMetrics, clock: Clock) -> None:
        self._name = name
        self._states = hub.profile.model.statuses
        self._book = DeadlineBook(name, hub.deadlines) if hub.deadlines is not None else None
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock

    async def write(self, connection: AsyncConnection, changes: Sequence[FoundChange]) -> Heard:
        """Inside a unit of work, which makes the changes durable together with whatever else it holds."""
        owners = await self.owners(connection, changes)
        now = self._clock()
        events = [
            state_event(owners[each.tracking_id], self._name, each, self._states, now)
            for each in changes
            if each.tracking_id in owners
        ]
        await t.outbox.write(connection, events)
        ended: Sequence[tuple[Step, bool]] = ()
        if self._book is not None:
            told = [
                Told(owners[each.tracking_id], each.tracking_id, state, each.at)
                for each in changes
                if each.tracking_id in owners and (state := self._states.get(each.word)) is not None
            ]
            ended = await self._book.move(connection, told)
        return Heard(changes, owners, events, ended)

    def count(self, heard: Heard) -> None:
        """After the commit."""
        if heard.changes:
            self._metrics.heard.labels(self._name).set(self._clock().timestamp())
        for each in heard.changes:
            known = each.word in self._states
            outcome = (
                "unknown_report" if each.tracking_id not in heard.owners else "applied" if known else "unknown_word"
            )
            self._metrics.statuses.labels(self._name, outcome).inc()
        for step, in_time in heard.ended:
            self._metrics.deadlines_ended.labels(self._name, step, "in_time" if in_time else "late").inc()
        reached("dispatcher.heard")

    async def publish(self, heard: Heard) -> None:
        """What the log does not take now is left to the sweeper."""
        await self._publisher.publish(heard.events)

    async def owners(self, connection: AsyncConnection, changes: Sequence[FoundChange]) -> dict[str, UUID]:
        """Tracking id → complaint: by our receipt, or by our reference where the receipt is still under way."""
        d, r = t.deliveries.c, t.routes.c
        owners: dict[str, UUID] = {}
        for some in chunks(sorted({each.tracking_id for each in changes})):
            rows = await connection.execute(
                select(d.receipt, d.subject_id).where(
                    d.destination == self._name, d.receipt.in_(some), d.kind == CREATE
                )
            )
            owners.update({row.receipt: row.subject_id for row in rows})
        named = {
            reference: each.tracking_id
            for each in changes
            if each.tracking_id not in owners and (reference := _uuid(each.reference)) is not None
        }
        for ids in chunks(sorted(named)):
            rows = await connection.execute(select(r.complaint_id).where(r.hub == self._name, r.complaint_id.in_(ids)))
            owners.update({named[row.complaint_id]: row.complaint_id for row in rows})
        return owners

    async def may_become_known(self, connection: AsyncConnection, changes: Sequence[FoundChange]) -> bool:
        """Whether a report that is not known may be one that is being sent at this moment, and not answered yet."""
        owners = await self.owners(connection, changes)
        if all(each.tracking_id in owners for each in changes):
            return False
        d = t.deliveries.c
        sending = select(d.delivery_id).where(d.destination == self._name, d.state == "leased", d.kind == CREATE)
        return (await connection.execute(sending.limit(1))).first() is not None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
