"""The transaction of a batch: inbox, outcomes, conversations, events and the log positions, all or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.faults import where
from normalizer.intake.reading import Dead, Incoming
from normalizer.intake.rows import Place, dead_letter, dead_row, died, insert_rows, joining, keep_messages, members
from normalizer.intake.targets import Founder, Target, Targets
from normalizer.parts import Part, open_parts, seal_parts
from normalizer.source import GatherPolicy
from recipes.mapped import Ignored
from runtime.clock import Clock
from runtime.sealing.protocol import Sealing, SealingError
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from runtime.store.statements import chunks, insert_returning_new

log = structlog.get_logger()

_REFUSALS = (StatementError, SealingError, ValueError, OverflowError)
"""What storing can fail with because of what is to be stored: by the database, its driver, or on the way there."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    outcomes: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    """Counts by (channel, outcome)."""
    events: tuple[Outgoing, ...] = ()
    """To publish now that the batch is committed."""


class IntakeWriter:
    """Writes batches."""

    def __init__(self, store: Store, sealing: Sealing, targets: Targets, policy: GatherPolicy, clock: Clock) -> None:
        self._store = store
        self._sealing = sealing
        self._targets = targets
        self._policy = policy
        self._clock = clock

    async def write(self, batch: Sequence[Incoming]) -> Written:
        """Write a batch. One that the database refuses is halved until the culprit stands alone, as a dead letter.

        Raises:
            StoreUnavailable: nothing was written; try again.
            PositionMoved: another instance has these records.
        """
        try:
            async with self._store.writing() as connection:
                return await self._transaction(connection, batch)
        except _REFUSALS as error:
            kind = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
            log.warning("batch_refused", records=len(batch), error=kind, where=where(error))
            if len(batch) > 1:
                half = len(batch) // 2
                return _both(await self.write(batch[:half]), await self.write(batch[half:]))
            if isinstance(batch[0].outcome, Dead):
                raise  # not even the bare record can be kept: that is no fault of its content
            reason = f"it cannot be stored ({kind}): see the log, mend the cause, then replay this"
            return await self.write([died(batch[0], reason)])

    async def _transaction(self, connection: AsyncConnection, batch: Sequence[Incoming]) -> Written:
        now = self._clock()
        # The fence comes first: a zombie shall stumble over the position, not over the rows of who overtook it.
        await t.positions.advance(connection, moves(incoming.record for incoming in batch))
        new = await self._sift(connection, batch)
        work, revived = await self._revive(connection, new)
        dead = [(i, i.outcome) for i in work if isinstance(i.outcome, Dead)]
        ignored = [(i, i.outcome) for i in work if isinstance(i.outcome, Ignored)]
        parts = [(i, i.outcome) for i in work if isinstance(i.outcome, Part)]
        targets = await self._targets.find(connection, parts, now)
        places: dict[UUID, Place] = {i.message_id: ("dead", None) for i, _ in dead}
        places |= {i.message_id: ("ignored", None) for i, _ in ignored}
        places |= {i.message_id: place for target in targets for i, place in members(target)}
        await keep_messages(connection, work, revived, places)
        await insert_rows(connection, t.dead_letters, [dead_row(i, outcome, now) for i, outcome in dead])
        await insert_rows(
            connection, t.ignored, [{"message_id": i.message_id, "reason": o.reason[:64]} for i, o in ignored]
        )
        await self._keep_complaints(connection, targets, now)
        events = [dead_letter(i, outcome, now) for i, outcome in dead]
        events += [request for i, _ in parts for request in i.wanted]
        await t.outbox.write(connection, events)
        outcomes = Counter((i.channel, places[i.message_id][0]) for i in work)
        news = {id(i) for i in new}
        outcomes.update((i.channel, "redelivered") for i in batch if id(i) not in news)
        return Written(outcomes, tuple(events))

    async def _sift(self, connection: AsyncConnection, batch: Sequence[Incoming]) -> list[Incoming]:
        """The records that were not there yet; the others are noted as redeliveries."""
        first: dict[tuple[UUID, int], Incoming] = {}
        for incoming in batch:
            first.setdefault((incoming.message_id, incoming.attempt), incoming)
        rows = [
            {"message_id": m, "attempt": a, "partition": i.record.partition.number, "offset": i.record.offset}
            for (m, a), i in sorted(first.items())
        ]
        inserted = await insert_returning_new(connection, t.inbox, rows, "message_id", "attempt")
        new = [i for key, i in first.items() if key in inserted]
        kept = {id(i) for i in new}
        again = [
            {"partition": i.record.partition.number, "offset": i.record.offset, "message_id": i.message_id}
            for i in batch
            if id(i) not in kept
        ]
        if again:
            await connection.execute(insert(t.redeliveries), again)
        return new

    async def _revive(
        self, connection: AsyncConnection, new: Sequence[Incoming]
    ) -> tuple[list[Incoming], frozenset[UUID]]:
        """What there is to do, and which of it is a dead letter come back. A replay of anything else drops out."""
        replays = sorted({i.message_id for i in new if i.attempt > 0})
        known: dict[UUID, str] = {}
        for ids in chunks(replays):
            rows = await connection.execute(
                select(t.messages.c.message_id, t.messages.c.state)
                .where(t.messages.c.message_id.in_(ids))
                .with_for_update()
            )
            known.update({row.message_id: row.state for row in rows})
        revived = frozenset(message for message, state in known.items() if state == "dead")
        for ids in chunks(sorted(revived)):
            await connection.execute(delete(t.dead_letters).where(t.dead_letters.c.message_id.in_(ids)))
        return [i for i in new if i.message_id not in known or i.message_id in revived], revived

    async def _keep_complaints(self, connection: AsyncConnection, targets: Sequence[Target], now: datetime) -> None:
        founded = [self._complaint_row(target, target.founder, now) for target in targets if target.founder]
        await insert_rows(connection, t.complaints, founded)
        if grown := [self._growth(target, now) for target in targets if target.founder is None]:
            await connection.execute(_GROW, grown)
        await insert_rows(
            connection,
            t.supporters,
            [
                {"message_id": incoming.message_id, "complaint_id": target.complaint_id, "reason": reason}
                for target in targets
                for incoming, _, reason in target.joined
            ],
        )

    def _complaint_row(self, target: Target, founder: Founder, now: datetime) -> dict[str, Any]:
        waits = self._targets.gathers(founder.incoming, founder.part)
        return {
            "complaint_id": target.complaint_id,
            "message_id": founder.part.message_id,
            "state": "gathering",
            "version": 1,
            "revision": 0,
            "agency": founder.incoming.agency,
            "channel": founder.incoming.channel,
            "source": founder.incoming.source,
            "conversation": founder.incoming.conversation,
            "gathering_since": target.gathering_since,
            "first_sent_at": target.first_sent_at,
            "last_sent_at": target.last_sent_at,
            "settles_at": now + self._policy.wait if waits else now,
            "unclear": False,
            "rahasia": False,
            "parts": seal_parts(self._sealing, target.complaint_id, [founder.part, *joining(target)]),
        }

    def _growth(self, target: Target, now: datetime) -> dict[str, Any]:
        before = open_parts(self._sealing, target.complaint_id, target.parts or "")
        latest = target.gathering_since + self._policy.longest
        settles = max(now, min(now + self._policy.wait, latest)) if target.state == "gathering" else now
        return {
            "id_": target.complaint_id,
            "parts_": seal_parts(self._sealing, target.complaint_id, [*before, *joining(target)]),
            "settles_": settles,
            "late_": target.state != "gathering",
            "first_": target.first_sent_at,
            "last_": target.last_sent_at,
        }


_GROW = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(
        parts=bindparam("parts_"),
        settles_at=bindparam("settles_"),
        late=bindparam("late_"),
        first_sent_at=bindparam("first_"),
        last_sent_at=bindparam("last_"),
        version=t.complaints.c.version + 1,
    )
)


def _both(first: Written, second: Written) -> Written:
    return Written(Counter(first.outcomes) + Counter(second.outcomes), first.events + second.events)
