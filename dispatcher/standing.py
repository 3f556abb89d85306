"""Where reports stand, for a hub that lists no changes: its open reports are asked for in rounds, some at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.rendering import CREATE
from recipes.hubs.listings import FoundChange, FoundStanding
from schemas.complaint import Complaint
from schemas.parts import State, Status

_OVER: frozenset[State] = frozenset({"closed", "auto_closed", "archived", "not_our_authority"})
"""Where a hub says this, it is asked no more after a while."""
_REOPENED = timedelta(days=30)
"""So long after its end a report is asked for all the same: the citizen may have come back, and the hub opened it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some reports of a round."""

    known: Mapping[str, Status]
    """The hub's number → what is known of it, for those that are asked for."""
    next: str | None
    """Where the round goes on; None when it is over."""


async def page(connection: AsyncConnection, hub: str, after: str | None, size: int, now: datetime) -> Page:
    """The next reports of a round that stands at `after`."""
    d, c = t.deliveries.c, t.complaints.c
    statement = (
        select(d.delivery_id, d.receipt, c.document)
        .join(t.complaints, c.complaint_id == d.subject_id)
        .where(d.destination == hub, d.kind == CREATE, d.receipt.is_not(None))
        .order_by(d.delivery_id)
        .limit(size)
    )
    begun = _begun(after)
    if begun is not None:
        statement = statement.where(d.delivery_id > begun)
    rows = (await connection.execute(statement)).all()
    statuses = {row.receipt: Complaint.model_validate_json(row.document).status for row in rows}
    known = {number: status for number, status in statuses.items() if not _over(status, hub, now)}
    return Page(known, str(rows[-1].delivery_id) if len(rows) == size else None)


def news(
    found: Sequence[FoundStanding],
    known: Mapping[str, Status],
    hub: str,
    states: Mapping[str, State],
    now: datetime,
) -> list[FoundChange]:
    """What of it is new. A hub that names no time is taken to speak of this moment."""
    fresh = []
    for each in found:
        status = known.get(each.tracking_id)
        if status is None:
            continue
        state = states.get(each.word)
        same = status.hub == hub and status.state == state and status.words == (each.words or each.word)
        older = each.at is not None and status.hub is not None and status.since is not None and status.since > each.at
        if not same and not older:
            at = each.at or now
            change = f"{each.tracking_id}:{each.word}:{at.isoformat()}"
            fresh.append(FoundChange(change, each.tracking_id, None, each.word, each.words, at))
    return fresh


def _over(status: Status, hub: str, now: datetime) -> bool:
    if status.hub != hub or status.state not in _OVER:
        return False
    return status.since is not None and status.since < now - _REOPENED


def _begun(after: str | None) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError:
        return None  # a cursor of another profile: the round begins anew
