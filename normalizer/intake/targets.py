"""Which complaint a message belongs to: the one it refers to, the one its conversation is about, or a new one."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.intake.reading import Incoming
from normalizer.parts import Part, Reason
from normalizer.source import GatherPolicy, SourceView
from runtime.store.statements import chunks
from schemas.identity import complaint_id

State = Literal["gathering", "settled", "merged"]


@dataclass(frozen=True, slots=True)
class Founder:
    """The message that begins a complaint."""

    incoming: Incoming
    part: Part


@dataclass(slots=True)
class Target:
    """A complaint that messages of this batch belong to."""

    complaint_id: UUID
    state: State
    conversation: str
    gathering_since: datetime
    first_sent_at: datetime
    last_sent_at: datetime
    parts: str | None
    """Sealed parts as stored; None for a complaint that this batch founds."""
    founder: Founder | None = None
    joined: list[tuple[Incoming, Part, Reason]] = field(default_factory=list)


class Targets:
    """The complaints that a batch touches, found with a few statements."""

    def __init__(self, sources: Mapping[str, SourceView], policy: GatherPolicy) -> None:
        self._sources = sources
        self._policy = policy

    async def find(
        self, connection: AsyncConnection, batch: Sequence[tuple[Incoming, Part]], now: datetime
    ) -> list[Target]:
        """Assign every message of the batch, in order, to a target; returns those that got one."""
        referred = await _complaints_of(connection, {part.refers_to for _, part in batch if part.refers_to})
        talking = {incoming.conversation for incoming, part in batch if self._gathers(incoming, part)}
        sent = [part.sent_at for incoming, part in batch if self._gathers(incoming, part)]
        talks = await _talks(connection, sorted(talking), sent, self._policy.quiet) if sent else set()
        # All in one pass, in the order of their ids: nobody who settles them at the same time waits in a ring.
        by_id = {target.complaint_id: target for target in await _load(connection, talks | set(referred.values()))}
        by_conversation: dict[str, list[Target]] = defaultdict(list)
        for known in by_id.values():
            if known.complaint_id in talks:
                by_conversation[known.conversation].append(known)
        for incoming, part in batch:
            reason, gathers = part.reason, self._gathers(incoming, part)
            owner = referred.get(part.refers_to) if part.refers_to is not None else None
            target = by_id.get(owner) if owner is not None else None
            if target is None and gathers:
                target, reason = self._continued(by_conversation[incoming.conversation], part), "conversation"
            if target is None:
                target = self._found(incoming, part, now)
                by_id[target.complaint_id] = target
                if gathers:
                    by_conversation[incoming.conversation].append(target)
            else:
                target.joined.append((incoming, part, reason if reason != "founder" else "conversation"))
                target.first_sent_at = min(target.first_sent_at, part.sent_at)
                target.last_sent_at = max(target.last_sent_at, part.sent_at)
            referred[incoming.message_id] = target.complaint_id
        return [target for target in by_id.values() if target.founder is not None or target.joined]

    def gathers(self, incoming: Incoming, part: Part) -> bool:
        """Whether pieces of this message's conversation are waited for."""
        return self._gathers(incoming, part)

    def _gathers(self, incoming: Incoming, part: Part) -> bool:
        source = self._sources.get(incoming.source)
        return (
            source is not None
            and source.channel.recipe.receive.gather
            and bool(self._policy.wait)
            and not part.historical
        )

    def _continued(self, targets: Sequence[Target], part: Part) -> Target | None:
        """The complaint of this conversation that a message continues: the one that is still open, then the latest."""
        fitting = [target for target in targets if self._continues(target, part)]
        return max(fitting, key=lambda target: (target.state == "gathering", target.last_sent_at), default=None)

    def _continues(self, target: Target, part: Part) -> bool:
        # By the sender's clock, so that a backlog worked off in a second is split as it would have been live, and
        # what the provider delivers late or out of order still comes to where it belongs.
        first, last = min(target.first_sent_at, part.sent_at), max(target.last_sent_at, part.sent_at)
        pause = max(target.first_sent_at - part.sent_at, part.sent_at - target.last_sent_at)
        return pause <= self._policy.quiet and last - first <= self._policy.longest

    @staticmethod
    def _found(incoming: Incoming, part: Part, now: datetime) -> Target:
        return Target(
            complaint_id=complaint_id(part.message_id),
            state="gathering",
            conversation=incoming.conversation,
            gathering_since=now,
            first_sent_at=part.sent_at,
            last_sent_at=part.sent_at,
            parts=None,
            founder=Founder(incoming, dataclasses.replace(part, reason="founder")),
        )


async def _complaints_of(connection: AsyncConnection, message_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    found: dict[UUID, UUID] = {}
    for ids in chunks(sorted(message_ids)):
        rows = await connection.execute(
            select(t.messages.c.message_id, t.messages.c.complaint_id).where(
                t.messages.c.message_id.in_(ids), t.messages.c.complaint_id.is_not(None)
            )
        )
        found.update({row.message_id: row.complaint_id for row in rows})
    return found


_COLUMNS = (
    t.complaints.c.complaint_id,
    t.complaints.c.state,
    t.complaints.c.conversation,
    t.complaints.c.gathering_since,
    t.complaints.c.first_sent_at,
    t.complaints.c.last_sent_at,
    t.complaints.c.parts,
)


async def _load(connection: AsyncConnection, complaint_ids: Iterable[UUID]) -> list[Target]:
    found: list[Target] = []
    for ids in chunks(sorted(complaint_ids)):
        rows = await connection.execute(
            select(*_COLUMNS)
            .where(t.complaints.c.complaint_id.in_(ids))
            .order_by(t.complaints.c.complaint_id)
            .with_for_update()
        )
        found.extend(Target(*row) for row in rows)
    return found


async def _talks(
    connection: AsyncConnection, conversations: Sequence[str], sent: Sequence[datetime], quiet: timedelta
) -> set[UUID]:
    """Complaints of these conversations that messages sent then may continue, be they settled or not."""
    c = t.complaints.c
    found: set[UUID] = set()
    for some in chunks(conversations):
        rows = await connection.execute(
            select(c.complaint_id).where(
                c.conversation.in_(some), c.last_sent_at >= min(sent) - quiet, c.first_sent_at <= max(sent) + quiet
            )
        )
        found.update(rows.scalars())
    return found
