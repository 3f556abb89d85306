"""A complaint that cannot be settled steps aside, so that the others go on: as dead letters, or until later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.faults import where
from runtime.sealing.protocol import SealingError
from runtime.store.outbox import Outgoing
from schemas.events import DeadLetter
from schemas.identity import event_id
from schemas.raw import RawComplaint
from schemas.topics import DEAD

_LATER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Aside:
    """What was set aside."""

    channel: str
    outcome: str
    """`dead`: its messages are dead letters; `put off`: it is tried again later."""
    events: Sequence[Outgoing] = ()


async def set_aside(connection: AsyncConnection, complaint_id: UUID, error: Exception, now: datetime) -> Aside | None:
    """Set a complaint aside that cannot be settled; None when it is not due any more.

    One that was never published goes back to be dead letters, which a replay brings again. One that was, or that this
    key does not open, stays as it is and is tried again in ten minutes: it is not lost, and it shows as unsettled.
    """
    c = t.complaints.c
    due = (
        select(c.complaint_id, c.channel, c.revision, c.state)
        .where(c.complaint_id == complaint_id, c.settles_at <= now)
        .with_for_update()
    )
    row = (await connection.execute(due)).one_or_none()
    if row is None:
        return None
    repeats = select(func.count()).select_from(t.complaints).where(c.merged_into == row.complaint_id)
    is_alone = (await connection.execute(repeats)).scalar_one() == 0
    if row.revision or row.state != "gathering" or not is_alone or isinstance(error, SealingError):
        later = update(t.complaints).where(c.complaint_id == row.complaint_id)
        await connection.execute(later.values(settles_at=now + _LATER))
        return Aside(row.channel, "put off")
    return Aside(row.channel, "dead", await _bury(connection, row.complaint_id, where(error), now))


async def _bury(connection: AsyncConnection, complaint_id: UUID, fault: str, now: datetime) -> Sequence[Outgoing]:
    m = t.messages.c
    reason = f"the complaint could not be understood ({fault}): mend the cause, then replay this"
    rows = (
        await connection.execute(
            select(m.message_id, m.attempt, m.agency, m.channel, m.source, m.raw).where(m.complaint_id == complaint_id)
        )
    ).all()
    events = [_dead_letter(row, reason, now) for row in rows]
    dead = [
        {"message_id": event.subject, "reason": reason, "provenance": event.provenance, "died_at": now}
        for event in events
    ]
    await connection.execute(insert(t.dead_letters), dead)
    await connection.execute(delete(t.supporters).where(t.supporters.c.complaint_id == complaint_id))
    await connection.execute(delete(t.complaints).where(t.complaints.c.complaint_id == complaint_id))
    await connection.execute(
        update(t.messages).where(m.complaint_id == complaint_id).values(state="dead", complaint_id=None)
    )
    outgoing = [Outgoing(DEAD.name, str(event.subject), event.model_dump_json().encode()) for event in events]
    await t.outbox.write(connection, outgoing)
    return outgoing


def _dead_letter(row: Any, reason: str, now: datetime) -> DeadLetter:  # noqa: ANN401 a row
    try:
        raw = RawComplaint.model_validate_json(row.raw)
    except ValidationError:  # an older record, from before its schema changed: the table still has it whole
        raw = None
    return DeadLetter(
        event_id=event_id(row.message_id, "dead", row.attempt),
        occurred_at=now,
        origin="normalizer",
        stage="normalizer",
        subject=row.message_id,
        attempt=row.attempt,
        agency=row.agency,
        channel=row.channel,
        source=row.source,
        reason=reason,
        provenance=raw.provenance if raw else None,
        payload=raw.payload if raw else None,
    )
