"""What a person decides of duplicates: merge, link, dismiss, undo. The next round of settling publishes it.

The ledger balances after each: who is merged away is out of the index in the same transaction, and the founder's
message changes its state there and then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.dedup.index import CandidateIndex
from normalizer.settling import parted
from normalizer.splitting import Splitter
from runtime.store.outbox import Outgoing
from schemas.events import Command
from schemas.parts import Verdict

Outcome = tuple[str, Sequence[Outgoing]]
"""What came of it, in words, and what is to be published at once."""


class Verdicts:
    """Handlers of commands, within the caller's transaction."""

    def __init__(self, index: CandidateIndex, splitter: Splitter) -> None:
        self._index = index
        self._splitter = splitter

    async def merge(self, connection: AsyncConnection, command: Command, subject: UUID, now: datetime) -> Outcome:
        """Two complaints are the same report: the subject lives on in the target."""
        pair = await _pair(connection, command, subject)
        if isinstance(pair, str):
            return pair, ()
        case, target = pair
        verdict = _by_operator("merged", target.complaint_id)
        leader = target.leader
        if leader == subject:  # the follower now stands for both, and leads
            leader = None
            await _set(connection, target.complaint_id, now, leader=None, linked_at=None)
        alone = {"leader": None, "linked_at": None}
        await _decide(connection, subject, now, verdict, state="merged", merged_into=target.complaint_id, **alone)
        await _hand_over(connection, subject, leader or target.complaint_id, now)
        for changed in {target.complaint_id, leader, case.leader} - {None}:
            await _set(connection, changed, now)
        await self._index.remove(connection, [subject])
        joined = {"message_id": case.message_id, "complaint_id": target.complaint_id, "reason": "operator"}
        await connection.execute(insert(t.supporters), [joined])
        await parted.join(connection, subject, target.complaint_id)
        await _message(connection, case.message_id, "merged")
        return f"merged into {target.complaint_id}", ()

    async def link(self, connection: AsyncConnection, command: Command, subject: UUID, now: datetime) -> Outcome:
        """Two complaints are about the same incident: the subject follows the target, or whom that follows."""
        pair = await _pair(connection, command, subject)
        if isinstance(pair, str):
            return pair, ()
        case, target = pair
        leader = target.leader or target.complaint_id
        if leader == subject:
            return "it leads the other already", ()
        await _decide(connection, subject, now, _by_operator("linked", leader), leader=leader, linked_at=now)
        await _hand_over(connection, subject, leader, now)
        for changed in {leader, case.leader} - {None}:
            await _set(connection, changed, now)
        for joined in {leader, target.complaint_id}:
            await parted.join(connection, subject, joined)
        return f"linked to {leader}", ()

    async def dismiss(self, connection: AsyncConnection, command: Command, subject: UUID, now: datetime) -> Outcome:
        """An unclear case is a complaint of its own."""
        del command
        case = await _case(connection, subject)
        if case is None:
            return "no such complaint here", ()
        if not case.unclear:
            return "it is not an unclear case", ()
        await _decide(connection, subject, now, _by_operator("new"))
        if (resembled := Verdict.model_validate_json(case.verdict or "{}").target) is not None:
            await parted.part(connection, subject, resembled, now)
        return "stands alone", ()

    async def undo(self, connection: AsyncConnection, command: Command, subject: UUID, now: datetime) -> Outcome:
        """Take a merge or a link back: the complaint stands alone again, with those who followed it before.

        Of a message: take it out of the complaint that it joined, to be one of its own.
        """
        case = await _case(connection, subject)
        if case is None:
            founded = await self._splitter.split(connection, subject, now)
            return (founded, ()) if isinstance(founded, str) else await self.undo(connection, command, founded, now)
        if case.state == "merged":
            # It settles anew, but is not compared again: a person has decided.
            await _decide(connection, subject, now, _by_operator("new"), state="gathering", merged_into=None)
            await _set(connection, case.merged_into, now)
            await connection.execute(delete(t.supporters).where(t.supporters.c.message_id == case.message_id))
            await _message(connection, case.message_id, "complaint")
            await parted.part(connection, subject, case.merged_into, now)
            if (head := await _case(connection, case.merged_into)) is not None:
                leader = head.leader or head.complaint_id
                await _give_back(connection, subject, leader, now)
                await _set(connection, leader, now)
            return "merge undone", ()
        if case.leader is not None:
            await _decide(connection, subject, now, _by_operator("new"), leader=None, linked_at=None)
            await _set(connection, case.leader, now)
            await _give_back(connection, subject, case.leader, now)
            await parted.part(connection, subject, case.leader, now)
            return "link undone", ()
        return "there is nothing to undo", ()


def _by_operator(kind: str, target: UUID | None = None) -> Verdict:
    return Verdict.model_validate({"kind": kind, "target": target, "reasons": ("operator",), "version": "operator"})


async def _case(connection: AsyncConnection, complaint_id: UUID) -> Any | None:  # noqa: ANN401 a row
    statement = select(t.complaints).where(t.complaints.c.complaint_id == complaint_id).with_for_update()
    return (await connection.execute(statement)).one_or_none()


async def _pair(connection: AsyncConnection, command: Command, subject: UUID) -> tuple[Any, Any] | str:
    try:
        target_id = UUID(command.target or "")
    except ValueError:
        return "the target is no id"
    if target_id == subject:
        return "a complaint cannot join itself"
    rows = {}
    for each in sorted((subject, target_id)):
        row = await _case(connection, each)
        if row is None:
            return f"no complaint {each} here"
        if row.state != "settled":
            return f"complaint {each} is {row.state}"
        rows[each] = row
    return rows[subject], rows[target_id]


async def _decide(
    connection: AsyncConnection, complaint_id: UUID, now: datetime, verdict: Verdict, **values: object
) -> None:
    await _set(connection, complaint_id, now, verdict=verdict.model_dump_json(), unclear=False, **values)


async def _set(connection: AsyncConnection, complaint_id: UUID | None, now: datetime, **values: object) -> None:
    """Change a row, and let the next round publish it."""
    await connection.execute(
        update(t.complaints)
        .where(t.complaints.c.complaint_id == complaint_id)
        .values(settles_at=now, version=t.complaints.c.version + 1, **values)
    )


async def _hand_over(connection: AsyncConnection, old: UUID, new: UUID, now: datetime) -> None:
    """Those who followed one complaint follow another. Their verdicts still name the first."""
    await connection.execute(
        update(t.complaints)
        .where(t.complaints.c.leader == old)
        .values(leader=new, settles_at=now, version=t.complaints.c.version + 1)
    )


async def _give_back(connection: AsyncConnection, old: UUID, new: UUID, now: datetime) -> None:
    """Undo `_hand_over`: by their verdicts it is known who followed whom."""
    c = t.complaints.c
    rows = await connection.execute(select(c.complaint_id, c.verdict).where(c.leader == new).order_by(c.complaint_id))
    for row in rows.all():
        verdict = Verdict.model_validate_json(row.verdict or "{}")
        if verdict.kind == "linked" and verdict.target == old:
            await _set(connection, row.complaint_id, now, leader=old)


async def _message(connection: AsyncConnection, message_id: UUID, state: str) -> None:
    await connection.execute(update(t.messages).where(t.messages.c.message_id == message_id).values(state=state))
