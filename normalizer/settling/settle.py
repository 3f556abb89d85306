"""The transaction of a round of settling: verdicts, new revisions, their events and the index, all or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.dedup.history import History
from normalizer.dedup.index import CandidateIndex
from normalizer.faults import where
from normalizer.settling.aside import set_aside
from normalizer.settling.cases import Case, head_of, repeats_of
from normalizer.settling.claiming import claim
from normalizer.settling.deciding import Decider, Prepared, Round
from normalizer.settling.documents import Documents, Standing, supporters_of
from normalizer.settling.locking import Locked, lock, stale_in
from normalizer.settling.rivals import Announced, Rivals, raise_versions
from runtime.clock import Clock
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.outbox import Outgoing
from runtime.store.statements import chunks
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent
from schemas.identity import event_id
from schemas.topics import COMPLAINTS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a round."""

    outcomes: Mapping[tuple[str, str], int]
    """Counts by (channel, verdict): new, merged, linked, ignored, again (published anew); dead, put off."""
    events: Sequence[Outgoing]
    postponed: int
    """Complaints that changed while they were being thought about; they are due in the next round."""


class Settler:
    """Settles what is due."""

    def __init__(
        self,
        store: Store,
        decider: Decider,
        documents: Documents,
        rivals: Rivals,
        index: CandidateIndex,
        *,
        clock: Clock,
        history: History | None = None,
    ) -> None:
        """`history` counts the words of what settles."""
        self._store = store
        self._decider = decider
        self._documents = documents
        self._index = index
        self._rivals = rivals
        self._clock = clock
        self._history = history

    async def settle(self, limit: int = 200) -> Settled | None:
        """One round; None when nothing is due. One that fails is halved until the culprit is alone, and steps aside.

        Raises:
            StoreUnavailable: nothing happened; try again.
        """
        taken: list[UUID] = []
        try:
            return await self._round(limit, taken)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 one complaint must not hold up all the others
            log.error("round_failed", complaints=len(taken), error=where(error))  # noqa: TRY400 it may quote a citizen
            if len(taken) == 1:
                return await self._set_aside(taken[0], error)
            return await self.settle(max(1, len(taken) // 2))

    async def _set_aside(self, complaint_id: UUID, error: Exception) -> Settled | None:
        async with self._store.writing() as connection:
            aside = await set_aside(connection, complaint_id, error, self._clock())
        return None if aside is None else Settled(Counter({(aside.channel, aside.outcome): 1}), aside.events, 0)

    async def _round(self, limit: int, taken: list[UUID]) -> Settled | None:
        """One round; fills in what it took. The claims hold as long as `view` does."""
        now = self._clock()
        async with self._store.reading() as view:
            taken += await claim(view, now, limit)
            if not taken:
                return None
            prepared = await self._decider.prepare(view, taken)
            await self._announce(prepared)
            plan = await self._decide(prepared, now)
            async with self._store.writing() as connection:
                return await self._write(connection, plan, now)

    async def _announce(self, prepared: Prepared) -> None:
        """Before anything is compared, and committed by itself: see `rivals`."""
        announced = [Announced(report, prepared.cases[key].version) for key, report in prepared.reports.items()]
        if announced:
            async with self._store.writing() as connection:
                await self._rivals.announce(connection, announced)

    async def _decide(self, prepared: Prepared, now: datetime) -> Round:
        async with self._store.reading() as connection:
            rivals = await self._rivals.find(connection, prepared.reports.values())
            plan = await self._decider.decide(connection, prepared, now)
        plan.compared, plan.rivals = list(prepared.reports.values()), rivals
        return plan

    async def _write(self, connection: AsyncConnection, plan: Round, now: datetime) -> Settled:
        later = await self._rivals.find(connection, plan.compared, plan.rivals)
        rivals = {**plan.rivals, **later}
        locked = await lock(connection, plan.cases.keys() | rivals.keys())
        stale, overtaken = stale_in(plan, locked, rivals)
        await raise_versions(connection, overtaken)
        cases = [case for case in plan.cases.values() if case.complaint_id not in stale]
        await self._drop_ignored(connection, [case for case in cases if case.ignored is not None])
        decided = [case for case in cases if (case.changed or case.due or case.compared) and case.ignored is None]
        await _execute(connection, _DECIDE, [_decided_row(case) for case in decided])
        moved = [case for case in decided if case.merged_into != case.joined]
        await self._leave(connection, [case for case in moved if case.joined is not None])
        await self._join_merged(connection, [case for case in moved if case.merged_into is not None])
        published = [case for case in plan.publish if case.complaint_id not in stale]
        documents = [self._document(case, locked[case.complaint_id], now) for case in published]
        documents += [
            self._tombstone(case, locked[case.complaint_id], head_of(case, plan.cases).complaint_id, now)
            for case in plan.tombstones
            if case.complaint_id not in stale
        ]
        rows = [
            {"id_": d.complaint_id, "revision_": d.revision, "document_": d.model_dump_json(), "rahasia_": d.rahasia}
            for d in documents
        ]
        await _execute(connection, _PUBLISH, rows)
        live = {case.complaint_id for case in published}
        self._count(plan, [case for case in published if case.changed and case.published is None])
        await self._index.replace(connection, [report for key, report in plan.reports.items() if key in live])
        gone = [d.complaint_id for d in documents if d.merged_into is not None or d.rahasia]
        await self._index.remove(connection, gone)
        events = [_event(document, plan.cases[document.complaint_id], now) for document in documents]
        await t.outbox.write(connection, events)
        outcomes = Counter((case.channel, _name(case)) for case in cases if case.changed or case.due)
        return Settled(outcomes, events, len(stale))

    def _count(self, plan: Round, new: Sequence[Case]) -> None:
        if self._history is not None:
            self._history.count(plan.reports[case.complaint_id] for case in new if case.complaint_id in plan.reports)

    def _document(self, case: Case, locked: Locked, now: datetime) -> Complaint:
        assert case.draft is not None  # noqa: S101 everything in `publish` was drafted
        standing = Standing(
            complaint_id=case.complaint_id,
            agency=case.agency,
            channel=case.channel,
            source=case.source,
            supporters=supporters_of(case.parts, repeats_of(case)),
            followers=case.followers,
            leader=case.leader,
            verdict=case.verdict,
        )
        return self._documents.build(case.draft, standing, previous=locked.document, revision=locked.revision, now=now)

    def _tombstone(self, case: Case, locked: Locked, head: UUID, now: datetime) -> Complaint:
        published = locked.document
        if published is not None:
            return published.model_copy(
                update={
                    "merged_into": head,
                    "revision": locked.revision,
                    "updated_at": now,
                    "verdict": case.verdict,
                }
            )
        assert case.draft is not None  # noqa: S101 every repeat of what is published was drafted
        standing = Standing(
            complaint_id=case.complaint_id,
            agency=case.agency,
            channel=case.channel,
            source=case.source,
            supporters=supporters_of(case.parts, ()),
            merged_into=head,
            verdict=case.verdict,
        )
        return self._documents.build(case.draft, standing, previous=None, revision=locked.revision, now=now)

    async def _drop_ignored(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        """They were no complaints: their messages are ignored, each by its reason."""
        rows = [{"message_id": part.message_id, "reason": case.ignored} for case in cases for part in case.parts]
        if not rows:
            return
        await connection.execute(insert(t.ignored), rows)
        for some in chunks([case.complaint_id for case in cases]):
            await connection.execute(delete(t.supporters).where(t.supporters.c.complaint_id.in_(some)))
            await connection.execute(delete(t.complaints).where(t.complaints.c.complaint_id.in_(some)))
        for messages in chunks([row["message_id"] for row in rows]):
            await connection.execute(
                update(t.messages)
                .where(t.messages.c.message_id.in_(messages))
                .values(state="ignored", complaint_id=None)
            )

    async def _leave(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        """What they were merged into is not the same report any more: their founding messages found a complaint."""
        for some in chunks([case.message_id for case in cases]):
            await connection.execute(delete(t.supporters).where(t.supporters.c.message_id.in_(some)))
            await connection.execute(
                update(t.messages).where(t.messages.c.message_id.in_(some)).values(state="complaint")
            )

    async def _join_merged(self, connection: AsyncConnection, cases: Sequence[Case]) -> None:
        """Their founding messages are supporters of the complaint that they joined."""
        rows = [
            {"message_id": case.message_id, "complaint_id": case.merged_into, "reason": "same_report"} for case in cases
        ]
        if not rows:
            return
        await connection.execute(insert(t.supporters), rows)
        for some in chunks([case.message_id for case in cases]):
            await connection.execute(update(t.messages).where(t.messages.c.message_id.in_(some)).values(state="merged"))


_DECIDE = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        merged_into=bindparam("merged_"),
        leader=bindparam("leader_"),
        linked_at=bindparam("linked_"),
        verdict=bindparam("verdict_"),
        unclear=bindparam("unclear_"),
        settles_at=bindparam("settles_"),
        late=bindparam("late_"),
        announced_keys=None,
        announced_report=None,
        version=t.complaints.c.version + 1,
    )
)
_PUBLISH = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(
        revision=bindparam("revision_"),
        document=bindparam("document_"),
        rahasia=bindparam("rahasia_"),
        announced_keys=None,
        announced_report=None,
        # What is published names who belongs to it: another round that has read less must not publish over it.
        version=t.complaints.c.version + 1,
    )
)


async def _execute(connection: AsyncConnection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401
    if rows:
        await connection.execute(statement, rows)


def _decided_row(case: Case) -> dict[str, Any]:
    return {
        "id_": case.complaint_id,
        "state_": case.state,
        "merged_": case.merged_into,
        "leader_": case.leader,
        "linked_": case.linked_at,
        "verdict_": case.verdict.model_dump_json(),
        "unclear_": case.unclear,
        # What was only met on the way, and tells something new itself, has its own turn.
        "settles_": case.settles_at if case.late else None,
        "late_": case.late,
    }


def _event(document: Complaint, case: Case, now: datetime) -> Outgoing:
    event = ComplaintEvent(
        event_id=event_id(document.complaint_id, "complaint", document.revision),
        occurred_at=now,
        origin="normalizer",
        complaint=document,
    )
    trace = next((part.traceparent for part in case.parts if part.traceparent), None)
    headers = {"traceparent": trace} if trace else {}
    return Outgoing(COMPLAINTS.name, str(document.complaint_id), event.model_dump_json().encode(), headers)


def _name(case: Case) -> str:
    if case.ignored is not None:
        return "ignored"
    return case.verdict.kind if case.changed else "again"
