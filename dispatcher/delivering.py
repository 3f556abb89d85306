"""The dispatcher as owner of its deliveries: what they say, and what follows when they end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import attaching
from dispatcher import tables as t
from dispatcher.hub import Hub
from dispatcher.metrics import DispatcherMetrics
from dispatcher.publishing import Publisher
from dispatcher.receipts import receipt_event
from dispatcher.rendering import ATTACH, CREATE, Renderer
from runtime.clock import Clock
from runtime.delivery.outcomes import Delivery
from runtime.delivery.queue import Change, DeliveryQueue
from runtime.delivery.worker import Rendered, Unrenderable
from runtime.store.outbox import Outgoing
from runtime.store.statements import chunks
from schemas.complaint import Complaint
from schemas.events import DeadLetter
from schemas.identity import event_id
from schemas.topics import DEAD

log = structlog.get_logger()


class Deliverer:
    """Owns the deliveries to one hub."""

    def __init__(
        self,
        name: str,
        hub: Hub,
        *,
        queue: DeliveryQueue,
        renderer: Renderer,
        publisher: Publisher,
        metrics: DispatcherMetrics,
        clock: Clock,
        notice: Callable[[], None],
    ) -> None:
        """`notice` is called after something was recorded that is no delivery, so that people hear of it soon."""
        self._notice = notice
        self._name = name
        self._hub = hub
        self._queue = queue
        self._renderer = renderer
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock
        self._events: list[Outgoing] = []

    async def render(
        self, connection: AsyncConnection, deliveries: Sequence[Delivery]
    ) -> Mapping[UUID, Rendered | Unrenderable]:
        """Render from the newest revision of each complaint."""
        complaints = await _documents(connection, [each.subject_id for each in deliveries])
        targets = [c.merged_into for c in complaints.values() if c.merged_into is not None]
        receipts = await self._receipts(connection, [*complaints, *targets])
        files = await attaching.objects(connection, [each.delivery_id for each in deliveries if each.kind == ATTACH])
        found: dict[UUID, Rendered | Unrenderable] = {}
        for each in deliveries:
            complaint = complaints.get(each.subject_id)
            if complaint is None:
                found[each.delivery_id] = Unrenderable("its complaint is not in the dispatcher's tables")
                continue
            merged = receipts.get(complaint.merged_into) if complaint.merged_into else None
            found[each.delivery_id] = self._renderer.render(
                complaint,
                self._hub,
                each,
                receipts.get(each.subject_id),
                merged,
                attachment=files.get(each.delivery_id),
            )
        return found

    async def ended(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        """Receipts and dead letters, into the outbox of the same transaction."""
        self._events = []
        over = [change for change in changes if change.state in ("delivered", "rejected", "parked")]
        if not over:
            return
        now = self._clock()
        complaints = await _documents(connection, [change.delivery.subject_id for change in over])
        for change in over:
            complaint = complaints.get(change.delivery.subject_id)
            if complaint is None:
                log.error("complaint_missing", delivery=str(change.delivery.delivery_id))
                continue
            if change.state == "delivered":
                if change.delivery.kind == CREATE:
                    self._metrics.delivered(complaint.channel, complaint.received_at, now)
                    self._events.append(_receipt(change, now))
            else:
                self._events.append(_dead_letter(change, complaint, now))
        if self._hub.profile.model.attach is not None:
            created = [c.delivery.subject_id for c in over if c.state == "delivered" and c.delivery.kind == CREATE]
            standing = [complaints[subject] for subject in created if subject in complaints]
            # Whoever let the report go has let its attachments go.
            await attaching.add_missing(connection, self._queue, self._name, self._hub, standing, mode="send", now=now)
        refused = [c.delivery.subject_id for c in over if c.state == "rejected" and c.delivery.kind == CREATE]
        await self._queue.supersede(
            connection, self._name, refused, now, "the hub refused the complaint itself; a replay says it all"
        )
        await t.outbox.write(connection, self._events)

    async def recorded(self, changes: Sequence[Change]) -> None:
        """Publish what was written."""
        if any(change.state != "delivered" for change in changes):
            self._notice()
        events, self._events = self._events, []
        await self._publisher.publish(events)

    async def _receipts(self, connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, str]:
        d = t.deliveries.c
        found: dict[UUID, str] = {}
        for some in chunks(sorted(set(ids))):
            rows = await connection.execute(
                select(d.subject_id, d.receipt).where(
                    d.subject_id.in_(some), d.destination == self._name, d.kind == CREATE, d.receipt.is_not(None)
                )
            )
            found.update({row.subject_id: row.receipt for row in rows})
        return found


async def _documents(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Complaint]:
    c = t.complaints.c
    found: dict[UUID, Complaint] = {}
    for some in chunks(sorted(set(ids))):
        rows: Any = await connection.execute(select(c.complaint_id, c.document).where(c.complaint_id.in_(some)))
        found.update({row.complaint_id: Complaint.model_validate_json(row.document) for row in rows})
    return found


def _receipt(change: Change, now: datetime) -> Outgoing:
    delivery = change.delivery
    return receipt_event(
        delivery.subject_id, delivery.destination, change.receipt or "", url=change.url, at=now, now=now
    )


def _dead_letter(change: Change, complaint: Complaint, now: datetime) -> Outgoing:
    delivery = change.delivery
    event = DeadLetter(
        event_id=event_id(delivery.delivery_id, "dead", f"{change.attempts}:{now.isoformat()}"),
        occurred_at=now,
        origin=delivery.destination,
        stage="dispatcher",
        subject=delivery.delivery_id,
        attempt=change.attempts,
        agency=complaint.agency,
        channel=complaint.channel,
        source=delivery.destination,
        reason=change.reason or "the hub gave no reason",
        provenance=f"complaint {complaint.complaint_id}, {delivery.kind}, {change.state}",
        payload=delivery.request,
    )
    return Outgoing(DEAD.name, str(delivery.delivery_id), event.model_dump_json().encode())
