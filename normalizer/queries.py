"""What operators ask of the normalizer's tables. Reads only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.store.engine import Store
from schemas.complaint import Complaint


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """What became of one channel's messages."""

    channel: str
    received: int
    complaints: int
    merged: int
    ignored: Mapping[str, int]
    """By reason."""
    dead: int
    redelivered: int


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """One dead letter."""

    message_id: UUID
    channel: str
    source: str
    agency: str
    attempt: int
    reason: str
    provenance: str | None
    died_at: datetime
    raw: bytes = field(repr=False, default=b"")
    """The record as it was accepted, its payload sealed."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What became of one message."""

    message_id: UUID
    channel: str
    state: str
    reason: str | None
    """Why it was ignored."""
    complaint_id: UUID | None
    """The complaint in which it lives."""
    leader: UUID | None
    """The complaint that leads that one's incident."""
    raw: bytes = field(repr=False)


async def by_channel(store: Store) -> list[ChannelCount]:
    """One row a channel, busiest first."""
    m = t.messages.c
    async with store.reading() as connection:
        states: Counter[tuple[str, str]] = Counter()
        for channel, state, count in await connection.execute(
            select(m.channel, m.state, func.count()).group_by(m.channel, m.state)
        ):
            states[channel, state] = count
        reasons: dict[str, Counter[str]] = {}
        for channel, reason, count in await connection.execute(
            select(m.channel, t.ignored.c.reason, func.count())
            .join(t.ignored, t.ignored.c.message_id == m.message_id)
            .group_by(m.channel, t.ignored.c.reason)
        ):
            reasons.setdefault(channel, Counter())[reason] = count
        counted = await connection.execute(
            select(m.channel, func.count())
            .join(t.redeliveries, t.redeliveries.c.message_id == m.message_id)
            .group_by(m.channel)
        )
        again: dict[str, int] = {row[0]: row[1] for row in counted}
    found = [
        ChannelCount(
            channel=channel,
            received=sum(count for (name, _), count in states.items() if name == channel),
            complaints=states[channel, "complaint"],
            merged=states[channel, "merged"],
            ignored=reasons.get(channel, {}),
            dead=states[channel, "dead"],
            redelivered=again.get(channel, 0),
        )
        for channel in {name for name, _ in states}
    ]
    return sorted(found, key=lambda row: (-row.received, row.channel))


async def dead_letters(store: Store, limit: int = 100) -> list[DeadLetterRow]:
    """The newest dead letters."""
    return await _dead(store, limit=limit)


async def dead_letter(store: Store, message_id: UUID) -> DeadLetterRow | None:
    """One dead letter."""
    found = await _dead(store, message_id=message_id, limit=1)
    return found[0] if found else None


async def _dead(store: Store, *, limit: int, message_id: UUID | None = None) -> list[DeadLetterRow]:
    m, d = t.messages.c, t.dead_letters.c
    statement = (
        select(m.message_id, m.channel, m.source, m.agency, m.attempt, d.reason, d.provenance, d.died_at, m.raw)
        .join(t.dead_letters, d.message_id == m.message_id)
        .order_by(d.died_at.desc(), m.message_id)
        .limit(limit)
    )
    if message_id is not None:
        statement = statement.where(m.message_id == message_id)
    async with store.reading() as connection:
        return [DeadLetterRow(*row) for row in await connection.execute(statement)]


async def unclear(store: Store, limit: int = 100) -> list[Complaint]:
    """Complaints that may be duplicates, for a person to decide: oldest first."""
    c = t.complaints.c
    statement = (
        select(c.document)
        .where(c.unclear.is_(True), c.document.is_not(None))
        .order_by(c.gathering_since, c.complaint_id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return [Complaint.model_validate_json(document) for (document,) in await connection.execute(statement)]


async def uncategorised(store: Store, limit: int = 100) -> list[Complaint]:
    """Published complaints that no category was certain enough for: newest first. What is `rahasia` is left out."""
    c = t.complaints.c
    statement = (
        select(c.document)
        .where(c.document.like('%"category":null%'), c.state == "settled", c.rahasia.is_(False))
        .order_by(c.gathering_since.desc(), c.complaint_id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return [Complaint.model_validate_json(document) for (document,) in await connection.execute(statement)]


async def complaint(store: Store, complaint_id: UUID) -> Complaint | None:
    """The last published state of a complaint."""
    async with store.reading() as connection:
        statement = select(t.complaints.c.document).where(t.complaints.c.complaint_id == complaint_id)
        document = (await connection.execute(statement)).scalar_one_or_none()
    return Complaint.model_validate_json(document) if document else None


async def messages(store: Store) -> Sequence[MessageRow]:
    """Every message, with the complaint in which it lives today."""
    m, c = t.messages.c, t.complaints.c
    async with store.reading() as connection:
        merged = await _pairs(connection, select(c.complaint_id, c.merged_into).where(c.merged_into.is_not(None)))
        leaders = await _pairs(connection, select(c.complaint_id, c.leader).where(c.leader.is_not(None)))
        reasons = await _pairs(connection, select(t.ignored.c.message_id, t.ignored.c.reason))
        rows = (await connection.execute(select(m.message_id, m.channel, m.state, m.complaint_id, m.raw))).all()
    found = []
    for row in rows:
        home = row.complaint_id
        while home in merged:
            home = merged[home]
        reason, leader = reasons.get(row.message_id), leaders.get(home)
        found.append(MessageRow(row.message_id, row.channel, row.state, reason, home, leader, row.raw))
    return found


async def _pairs(connection: AsyncConnection, statement: Select[tuple[UUID, Any]]) -> dict[UUID, Any]:
    return {row[0]: row[1] for row in await connection.execute(statement)}
