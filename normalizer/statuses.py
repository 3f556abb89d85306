"""What hubs say, from `complaints.statuses` into the complaints: receipts and states, each a new revision."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from runtime.store.statements import chunks
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent, StatusEvent
from schemas.identity import event_id
from schemas.parts import HubReceipt, State, Status
from schemas.topics import COMPLAINTS

log = structlog.get_logger()


ANSWERS: frozenset[State] = frozenset(
    {"on_hold", "not_our_authority", "archived", "in_progress", "agency_responded", "closed"}
)
"""States in which somebody has looked at a complaint and said something; that it was passed on says nothing yet."""


class StatusWriter:
    """Applies status events."""

    def __init__(self, store: Store, clock: Clock, answered: Callable[[str, float], None] | None = None) -> None:
        """`answered` hears of the first answer to each complaint: which hub, and seconds since it was accepted."""
        self._store = store
        self._clock = clock
        self._answered = answered

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Apply a batch, in order; returns the complaint events to publish.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        events = [(record, _read(record)) for record in records]
        async with self._store.writing() as connection:
            await t.positions.advance(connection, moves(records))
            complaints = await _lock(connection, {e.complaint_id for _, e in events if e is not None})
            changed: dict[UUID, Complaint] = {}
            history, outgoing = [], []
            for record, event in events:
                now = self._clock()
                before = complaints.get(event.complaint_id) if event is not None else None
                after = apply(before, event) if before is not None and event is not None else None
                if after is not None and event is not None:
                    after = after.model_copy(update={"revision": after.revision + 1, "updated_at": now})
                    complaints[event.complaint_id] = changed[event.complaint_id] = after
                    outgoing.append(_event(after, event.hub, now))
                history.append(_history(record, event, applied=after is not None, now=now))
            rows = [
                {"id_": complaint_id, "revision_": document.revision, "document_": document.model_dump_json()}
                for complaint_id, document in changed.items()
            ]
            if rows:
                await connection.execute(_PUBLISH, rows)
            await t.outbox.write(connection, outgoing)
            first = await _first_answers(connection, [event for _, event in events if event is not None], complaints)
            await connection.execute(insert(t.statuses), history)
        if self._answered is not None:
            for hub, seconds in first:
                self._answered(hub, seconds)
        return outgoing


def apply(complaint: Complaint, event: StatusEvent) -> Complaint | None:
    """The complaint after an event; None when the event says nothing new or is older than what is known."""
    if event.kind == "receipt":
        others = tuple(r for r in complaint.hub_receipts if r.hub not in (event.hub, "*"))
        receipt = HubReceipt(
            hub=event.hub, tracking_id=event.tracking_id, url=event.url, delivered_at=event.at, adopted=event.adopted
        )
        if receipt in complaint.hub_receipts:
            return None
        return complaint.model_copy(update={"hub_receipts": (*others, receipt)})
    known = complaint.status
    # Never backwards in time; what we say ourselves until a hub speaks does not count.
    if event.state is None or (known.hub is not None and known.since is not None and _older(event, known, known.since)):
        return None
    status = Status(state=event.state, words=event.words, hub=event.hub, since=event.at)
    return None if status == known else complaint.model_copy(update={"status": status})


_RANKS: dict[State, int] = {
    "received": 0, "on_hold": 1, "disposed": 2, "in_progress": 3, "agency_responded": 4, "reporter_replied": 5,
    "closed": 6, "auto_closed": 6, "archived": 6, "not_our_authority": 6, "reopened": 7,
}  # fmt: skip
"""Which of two states that a hub dates to the same moment is the later one: some date by the day."""


def _older(event: StatusEvent, known: Status, since: datetime) -> bool:
    if event.at != since:
        return event.at < since
    return event.state is not None and _RANKS[event.state] < _RANKS[known.state]


def _event(document: Complaint, hub: str, now: datetime) -> Outgoing:
    event = ComplaintEvent(
        event_id=event_id(document.complaint_id, "complaint", document.revision),
        occurred_at=now,
        origin=hub,
        complaint=document,
    )
    return Outgoing(COMPLAINTS.name, str(document.complaint_id), event.model_dump_json().encode())


_PUBLISH = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(revision=bindparam("revision_"), document=bindparam("document_"))
)


async def _first_answers(
    connection: AsyncConnection, events: Sequence[StatusEvent], complaints: Mapping[UUID, Complaint]
) -> list[tuple[str, float]]:
    """Hub and seconds since acceptance, for complaints that these events answer and none before them did."""
    first: dict[UUID, StatusEvent] = {}
    for event in events:
        complaint = complaints.get(event.complaint_id)
        if event.state in ANSWERS and complaint is not None and not complaint.historical:
            first.setdefault(event.complaint_id, event)
    known = await _answered_before(connection, first)
    return [
        (event.hub, max((event.at - complaints[key].received_at).total_seconds(), 0.0))
        for key, event in first.items()
        if key not in known
    ]


async def _answered_before(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    s = t.statuses.c
    found: set[UUID] = set()
    for some in chunks(sorted(ids)):
        rows = await connection.execute(select(s.complaint_id).where(s.complaint_id.in_(some), s.state.in_(ANSWERS)))
        found.update(rows.scalars())
    return found


def _read(record: Received) -> StatusEvent | None:
    try:
        return StatusEvent.model_validate_json(record.value)
    except ValidationError as error:
        log.error(  # noqa: TRY400 a traceback would quote what was written
            "status_unreadable",
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None


async def _lock(connection: AsyncConnection, ids: set[UUID]) -> dict[UUID, Complaint]:
    c = t.complaints.c
    found: dict[UUID, Complaint] = {}
    for some in chunks(sorted(ids)):
        rows = await connection.execute(
            select(c.complaint_id, c.document)
            .where(c.complaint_id.in_(some), c.document.is_not(None))
            .order_by(c.complaint_id)
            .with_for_update()
        )
        found.update({row.complaint_id: Complaint.model_validate_json(row.document) for row in rows})
    return found


def _history(record: Received, event: StatusEvent | None, *, applied: bool, now: datetime) -> dict[str, Any]:
    return {
        "partition": record.partition.number,
        "offset": record.offset,
        "event_id": event.event_id if event else UUID(int=0),
        "complaint_id": event.complaint_id if event else UUID(int=0),
        "hub": event.hub if event else "unreadable",
        "kind": event.kind if event else "unreadable",
        "state": event.state if event else None,
        "at": event.at if event else now,
        "applied": applied,
    }
