"""What became of a message, and of the complaint that it lives in, as the normalizer's tables tell it. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.store.engine import Store
from runtime.store.statements import chunks
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


async def beginning_with(store: Store, lowest: UUID, highest: UUID, *, most: int) -> list[tuple[UUID, str]]:
    """Messages and complaints whose ids lie between two, each with what it is; of each kind `most`."""
    m, c = t.messages.c, t.complaints.c
    found: list[tuple[UUID, str]] = []
    async with store.reading() as connection:
        for column, state, what in ((m.message_id, m.state, "message"), (c.complaint_id, c.state, "complaint")):
            statement = select(column, state).where(column.between(lowest, highest)).order_by(column).limit(most)
            found += [(ident, f"{what}, {of}") for ident, of in await connection.execute(statement)]
    return found


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
    for some in chunks(messages):
        steps += await _of_messages(connection, some)
    for number, row in enumerate(chain):
        steps += _of_complaint(row, lives_on=number > 0)
    complaints = [row.complaint_id for row in chain]
    for some in chunks([*messages, *complaints]):
        steps += await _asked(connection, some)
    return [*steps, *await _heard(connection, complaints)]


async def _of_messages(connection: AsyncConnection, messages: Sequence[UUID]) -> list[Step]:
    """All steps of some messages, which fit one IN list."""
    wanted = select(t.messages).where(t.messages.c.message_id.in_(messages))
    rows = {row.message_id: row for row in await connection.execute(wanted)}
    again = select(t.redeliveries.c.message_id).where(t.redeliveries.c.message_id.in_(messages))
    came = Counter((await connection.execute(again)).scalars())
    fates = {
        what: {
            row.message_id: row
            for row in await connection.execute(select(table).where(table.c.message_id.in_(messages)))
        }
        for table, what in ((t.ignored, "ignored"), (t.dead_letters, "dead letter"), (t.supporters, "joined"))
    }
    media = t.media.c
    files: defaultdict[UUID, list[Step]] = defaultdict(list)
    fetched = select(media.message_id, media.at, media.number, media.applied).where(media.message_id.in_(messages))
    for message, at, number, applied in await connection.execute(fetched.order_by(media.at)):
        words = f"number {number}: {'attached' if applied else 'not needed any more'}"
        files[message].append(Step(at, SERVICE, "file", words))
    steps: list[Step] = []
    for message in messages:
        row, times = rows[message], came[message]
        steps.append(
            Step(row.received_at, "connectors", "accepted", f"{row.channel} · {row.source} · message {message}")
        )
        if times:
            steps.append(
                Step(None, SERVICE, "known again", f"the same message came {times} more time{'s' * (times > 1)}")
            )
        if row.attempt:
            steps.append(Step(None, SERVICE, "replayed", f"attempt {row.attempt}"))
        for what, known in fates.items():
            if (found := known.get(message)) is not None:
                words = _JOINED.get(found.reason, found.reason)
                words += f" · complaint {found.complaint_id}" if what == "joined" else ""
                steps.append(Step(getattr(found, "died_at", None), SERVICE, what, words))
        steps += files[message]
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
