"""What operators ask of the dispatcher's tables. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.rendering import CREATE
from runtime.delivery.outcomes import State
from runtime.store.engine import Store
from runtime.store.statements import chunks
from schemas.complaint import Complaint


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """A delivery that a hub refused, or whose fate nobody can tell."""

    delivery_id: UUID
    complaint_id: UUID
    hub: str
    channel: str
    agency: str
    attempts: int
    reason: str
    since: datetime


async def waiting_for_a_person(
    store: Store, limit: int = 100, *, states: Sequence[State] = ("rejected", "parked")
) -> list[RefusedDelivery]:
    """The newest deliveries that go on only when a person says how."""
    d, c = t.deliveries.c, t.complaints.c
    statement = (
        select(
            d.delivery_id, d.subject_id, d.destination, c.document, d.attempts, d.state, d.reason,
            func.coalesce(d.finished_at, d.created_at).label("since"),
        )
        .join(t.complaints, c.complaint_id == d.subject_id)
        .where(d.state.in_(states))
        .order_by(func.coalesce(d.finished_at, d.created_at).desc(), d.delivery_id)
        .limit(limit)
    )  # fmt: skip
    async with store.reading() as connection:
        rows = (await connection.execute(statement)).all()
    found = []
    for row in rows:
        complaint = Complaint.model_validate_json(row.document)
        found.append(
            RefusedDelivery(
                delivery_id=row.delivery_id,
                complaint_id=row.subject_id,
                hub=row.destination,
                channel=complaint.channel,
                agency=complaint.agency,
                attempts=row.attempts,
                reason=f"{row.state}: {row.reason or 'no reason was given'}",
                since=row.since,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one delivery."""

    delivery_id: UUID
    complaint_id: UUID
    hub: str
    kind: str
    state: State
    attempts: int
    reason: str | None
    since: datetime
    request: str | None
    """What was sent, sealed (subject: the delivery's id, field: request)."""
    answer: str | None
    """What came back last, sealed likewise (field: answer)."""


_EVIDENCE = (
    t.deliveries.c.delivery_id, t.deliveries.c.subject_id, t.deliveries.c.destination, t.deliveries.c.kind,
    t.deliveries.c.state, t.deliveries.c.attempts, t.deliveries.c.reason,
    func.coalesce(t.deliveries.c.finished_at, t.deliveries.c.created_at), t.deliveries.c.request, t.deliveries.c.answer,
)  # fmt: skip


async def evidence(store: Store, delivery_id: UUID) -> Evidence | None:
    """One delivery."""
    async with store.reading() as connection:
        statement = select(*_EVIDENCE).where(t.deliveries.c.delivery_id == delivery_id)
        row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _evidence(row)


async def first_deliveries(store: Store, hub: str, complaints: Collection[UUID]) -> dict[UUID, Evidence]:
    """By complaint: the delivery of the complaint itself to a hub."""
    d = t.deliveries.c
    found: dict[UUID, Evidence] = {}
    async with store.reading() as connection:
        for some in chunks(sorted(complaints)):
            statement = select(*_EVIDENCE).where(d.destination == hub, d.kind == CREATE, d.subject_id.in_(some))
            found |= {row.subject_id: _evidence(row) for row in await connection.execute(statement)}
    return found


def _evidence(row: Any) -> Evidence:  # noqa: ANN401 a row
    return Evidence(*row)


async def doubled(connection: AsyncConnection) -> int:
    """Complaints of which a hub has more than one report, by the receipts that it gave."""
    d = t.deliveries.c
    several = (
        select(d.subject_id)
        .where(d.kind == CREATE, d.state == "delivered")
        .group_by(d.subject_id, d.destination)
        .having(func.count() > 1)
        .subquery()
    )
    return int((await connection.execute(select(func.count()).select_from(several))).scalar_one())


@dataclass(frozen=True, slots=True)
class HubState:
    """How things stand with one hub."""

    hub: str
    halted: str | None
    """Why nothing goes there; None when it does."""
    deliveries: Mapping[str, int]
    """Of all kinds, by state."""


async def hubs(store: Store) -> list[HubState]:
    """Every hub that the dispatcher knows."""
    h, d = t.hubs.c, t.deliveries.c
    async with store.reading() as connection:
        rows = (await connection.execute(select(h.destination, h.stopped, h.paused).order_by(h.destination))).all()
        counted = await connection.execute(
            select(d.destination, d.state, func.count()).group_by(d.destination, d.state).order_by(d.state)
        )
        states: dict[str, dict[str, int]] = {}
        for hub, state, number in counted:
            states.setdefault(hub, {})[state] = number
    return [
        HubState(
            row.destination,
            f"stopped: {row.stopped}" if row.stopped else f"paused: {row.paused}" if row.paused else None,
            states.get(row.destination, {}),
        )
        for row in rows
    ]


async def known(store: Store, ids: Collection[UUID]) -> set[UUID]:
    """Which of some ids are those of deliveries, or of complaints that have one."""
    d = t.deliveries.c
    found: set[UUID] = set()
    async with store.reading() as connection:
        for some in chunks(sorted(ids)):
            for column in (d.delivery_id, d.subject_id):
                found.update((await connection.execute(select(column).where(column.in_(some)))).scalars())
    return found


async def taken(store: Store, hub: str, tracking_ids: Collection[str], subject: UUID) -> set[str]:
    """Which of a hub's numbers belong to other complaints than this one."""
    d = t.deliveries.c
    found: set[str] = set()
    async with store.reading() as connection:
        for some in chunks(sorted(tracking_ids)):
            rows = await connection.execute(
                select(d.receipt).where(d.destination == hub, d.receipt.in_(some), d.subject_id != subject)
            )
            found.update(row.receipt for row in rows)
    return found
