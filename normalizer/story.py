"""What became of a message, and of the complaint that it lives in, as the normalizer's tables tell it. Reads only."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.store.engine import Store
from runtime.telemetry.story import Step
from schemas.parts import Verdict

SERVICE = "normalizer"
_JOINED = {
    "conversation": "a piece of the same conversation",
    "reply": "an answer to one of ours, or to its own",
    "edit": "what was written before, corrected",
    "part": "a part of one long message",
    "same_report": "the same report as another",
    "operator": "put together by an operator",
}


@dataclass(frozen=True, slots=True)
class Traced:
    """What an id leads to."""

    messages: tuple[UUID, ...]
    """The message, or all messages of the complaint."""
    complaints: tuple[UUID, ...]
    """The complaint that was asked for, or founded; then those that it was merged into. The last one lives."""
    fate: str
    """Of the message or complaint: complaint, merged, ignored, dead; gathering, settled."""
    steps: tuple[Step, ...]


async def trace(store: Store, subject: UUID) -> Traced | None:
    """The story of a message's or a complaint's id; None when the tables know neither."""
    async with store.reading() as connection:
        message = (await connection.execute(select(t.messages).where(t.messages.c.message_id == subject))).first()
        start = message.complaint_id if message is not None else subject
        chain = await _chain(connection, start) if start is not None else []
        if message is None and not chain:
            return None
        wanted = [subject] if message is not None else await _members(connection, subject)
        complaints = tuple(row.complaint_id for row in chain)
        steps = await _all(connection, wanted, chain)
    fate = message.state if message is not None else chain[0].state
    return Traced(tuple(wanted), complaints, fate, tuple(steps))


async def _chain(connection: AsyncConnection, complaint_id: UUID) -> list[Row[Any]]:
    """A complaint, then what it was merged into, and so on."""
    found: list[Row[Any]] = []
    following: UUID | None = complaint_id
    while following is not None and following not in {row.complaint_id for row in found}:
        statement = select(t.complaints).where(t.complaints.c.complaint_id == following)
        if (row := (await connection.execute(statement)).first()) is None:
            break
        found.append(row)
        following = row.merged_into
    return found


async def _members(connection: AsyncConnection, complaint_id: UUID) -> list[UUID]:
    m = t.messages.c
    statement = select(m.message_id).where(m.complaint_id == complaint_id).order_by(m.received_at, m.message_id)
    return list((await connection.execute(statement)).scalars())


async def _all(connection: AsyncConnection, messages: Sequence[UUID], chain: Sequence[Row[Any]]) -> list[Step]:
    steps: list[Step] = []
    for message in messages:
        steps += await _of_message(connection, message)
    for number, row in enumerate(chain):
        steps += _of_complaint(row, lives_on=number > 0)
    complaints = [row.complaint_id for row in chain]
    return [*steps, *await _heard(connection, complaints), *await _asked(connection, [*messages, *complaints])]


async def _of_message(connection: AsyncConnection, message_id: UUID) -> list[Step]:
    row = (await connection.execute(select(t.messages).where(t.messages.c.message_id == message_id))).one()
    steps = [Step(row.received_at, "connectors", "accepted", f"{row.channel} · {row.source} · message {message_id}")]
    again = select(t.redeliveries.c.offset).where(t.redeliveries.c.message_id == message_id)
    if came := len((await connection.execute(again)).all()):
        steps.append(Step(None, SERVICE, "known again", f"the same message came {came} more time{'s' * (came > 1)}"))
    if row.attempt:
        steps.append(Step(None, SERVICE, "replayed", f"attempt {row.attempt}"))
    for table, what in ((t.ignored, "ignored"), (t.dead_letters, "dead letter"), (t.supporters, "joined")):
        found = (await connection.execute(select(table).where(table.c.message_id == message_id))).first()
        if found is not None:
            words = _JOINED.get(found.reason, found.reason)
            words += f" · complaint {found.complaint_id}" if what == "joined" else ""
            steps.append(Step(getattr(found, "died_at", None), SERVICE, what, words))
    media = t.media.c
    files = select(media.at, media.number, media.applied).where(media.message_id == message_id).order_by(media.at)
    for at, number, applied in await connection.execute(files):
        steps.append(Step(at, SERVICE, "file", f"number {number}: {'attached' if applied else 'not needed any more'}"))
    return steps


def _of_complaint(row: Row[Any], *, lives_on: bool) -> Iterator[Step]:
    name = f"complaint {row.complaint_id}"
    yield Step(row.gathering_since, SERVICE, "lives on in" if lives_on else "complaint", f"{name} · {row.state}")
    if row.settles_at is not None:
        what = "gathers until" if row.state == "gathering" else "is published again"
        yield Step(row.settles_at, SERVICE, what, "more may follow until then" if row.state == "gathering" else "")
    if row.verdict:
        verdict = Verdict.model_validate_json(row.verdict)
        score = f" · score {verdict.score:.2f}" if verdict.score is not None else ""
        target = f" · {verdict.target}" if verdict.target else ""
        unclear = " · unclear: `muara review list`" if row.unclear else ""
        by = f" · by {verdict.version}" if verdict.version else ""
        reasons = f" · {'; '.join(verdict.reasons)}" if verdict.reasons else ""
        words = f"{target}{score}{by}{reasons}{unclear}".strip(" ·")
        yield Step(row.linked_at, SERVICE, f"verdict: {verdict.kind}", words)
    if row.leader is not None:
        yield Step(row.linked_at, SERVICE, "follows", f"complaint {row.leader} leads the same incident")


async def _heard(connection: AsyncConnection, complaints: Collection[UUID]) -> list[Step]:
    s = t.statuses.c
    statement = (
        select(s.at, s.hub, s.kind, s.state, s.applied, s.partition, s.offset)
        .where(s.complaint_id.in_(complaints))
        .order_by(s.at, s.partition, s.offset)
    )
    return [
        Step(at, SERVICE, f"{hub}: {kind}", f"{state or ''}{'' if applied else ' (changes nothing)'}".strip())
        for at, hub, kind, state, applied, _, _ in await connection.execute(statement)
    ]


async def _asked(connection: AsyncConnection, subjects: Collection[UUID]) -> list[Step]:
    c = t.commands.c
    named = [str(subject) for subject in subjects]
    statement = select(c.at, c.action, c.subject, c.origin, c.reason, c.outcome).where(c.subject.in_(named))
    return [
        Step(at, SERVICE, f"operator: {action}", " · ".join(filter(None, (subject, origin, reason, outcome))))
        for at, action, subject, origin, reason, outcome in await connection.execute(statement.order_by(c.at))
    ]
