"""What operators ask of the normalizer, from `complaints.commands`. Each is noted with what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from schemas.events import Command
from schemas.parts import Verdict
from schemas.raw import RawComplaint
from schemas.topics import RAW

log = structlog.get_logger()

Handler = Callable[[AsyncConnection, Command, UUID, datetime], Awaitable[tuple[str, Sequence[Outgoing]]]]


class CommandWriter:
    """Obeys commands."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, Handler] = {
            "replay": _replay,
            "discard": _discard,
            "merge": _merge,
            "link": _link,
            "dismiss": _dismiss,
            "undo": _undo,
        }

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Obey a batch, in order; returns what is to be published.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        outgoing: list[Outgoing] = []
        async with self._store.writing() as connection:
            for record in records:
                now = self._clock()
                command = _read(record)
                outcome, events = await self._obey(connection, command, now)
                outgoing += events
                await connection.execute(insert(t.commands), [_history(record, command, outcome, now)])
            await t.outbox.write(connection, outgoing)
            await t.positions.advance(connection, moves(records))
        return outgoing

    async def _obey(
        self, connection: AsyncConnection, command: Command | None, now: datetime
    ) -> tuple[str, Sequence[Outgoing]]:
        if command is None:
            return "unreadable", ()
        handler = self._handlers.get(command.action)
        if handler is None:
            return "not for the normalizer", ()
        try:
            subject = UUID(command.subject)
        except ValueError:
            return "the subject is no id", ()
        return await handler(connection, command, subject, now)


async def _replay(
    connection: AsyncConnection, command: Command, message_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """Send a dead letter through once more, as a new attempt of the same message. Asked twice, it goes once."""
    del command, now
    c = t.messages.c
    row = (
        await connection.execute(
            select(c.state, c.attempt, c.requested_attempt, c.raw, c.channel)
            .where(c.message_id == message_id)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return "no such message here", ()
    if row.state != "dead":
        return f"not a dead letter: it is {row.state}", ()
    if row.requested_attempt > row.attempt:
        return "already on its way", ()
    try:
        raw = RawComplaint.model_validate_json(row.raw)
    except ValidationError:
        return "it never was a raw complaint: whoever published it must send it anew", ()
    attempt = row.attempt + 1
    await connection.execute(update(t.messages).where(c.message_id == message_id).values(requested_attempt=attempt))
    again = raw.model_copy(update={"attempt": attempt})
    return f"attempt {attempt}", [Outgoing(RAW.name, raw.conversation, again.model_dump_json().encode())]


async def _discard(
    connection: AsyncConnection, command: Command, message_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """Give a dead letter up, for a reason: it counts as ignored from now on."""
    del command, now
    gone = await connection.execute(delete(t.dead_letters).where(t.dead_letters.c.message_id == message_id))
    if gone.rowcount != 1:
        return "no such dead letter here", ()
    await connection.execute(insert(t.ignored), [{"message_id": message_id, "reason": "discarded"}])
    await connection.execute(update(t.messages).where(t.messages.c.message_id == message_id).values(state="ignored"))
    return "discarded", ()


async def _merge(
    connection: AsyncConnection, command: Command, complaint_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """A person says that two complaints are the same report."""
    pair = await _pair(connection, command, complaint_id)
    if isinstance(pair, str):
        return pair, ()
    case, target = pair
    verdict = Verdict(kind="merged", target=target.complaint_id, reasons=("operator",), version="operator")
    await _decide(connection, case.complaint_id, now, state="merged", merged_into=target.complaint_id, verdict=verdict)
    # Those who followed it follow the complaint in which it lives on.
    await connection.execute(
        update(t.complaints)
        .where(t.complaints.c.leader == case.complaint_id)
        .values(leader=target.complaint_id, settles_at=now)
    )
    await _due(connection, target.complaint_id, now)
    await connection.execute(
        insert(t.supporters),
        [{"message_id": case.message_id, "complaint_id": target.complaint_id, "reason": "operator"}],
    )
    await connection.execute(
        update(t.messages).where(t.messages.c.message_id == case.message_id).values(state="merged")
    )
    return f"merged into {target.complaint_id}", ()


async def _link(
    connection: AsyncConnection, command: Command, complaint_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """A person says that two complaints are about the same incident."""
    pair = await _pair(connection, command, complaint_id)
    if isinstance(pair, str):
        return pair, ()
    case, target = pair
    leader = target.leader or target.complaint_id
    if leader == case.complaint_id:
        return "it leads the other already", ()
    verdict = Verdict(kind="linked", target=leader, reasons=("operator",), version="operator")
    await _decide(connection, case.complaint_id, now, leader=leader, linked_at=now, verdict=verdict)
    await _due(connection, leader, now)
    return f"linked to {leader}", ()


async def _dismiss(
    connection: AsyncConnection, command: Command, complaint_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """A person says that an unclear case is a complaint of its own."""
    del command
    case = await _case(connection, complaint_id)
    if case is None:
        return "no such complaint here", ()
    if not case.unclear:
        return "it is not an unclear case", ()
    verdict = Verdict(kind="new", reasons=("operator",), version="operator")
    await _decide(connection, complaint_id, now, verdict=verdict)
    return "stands alone", ()


async def _undo(
    connection: AsyncConnection, command: Command, complaint_id: UUID, now: datetime
) -> tuple[str, Sequence[Outgoing]]:
    """Take a merge or a link back: the complaint stands alone again."""
    del command
    case = await _case(connection, complaint_id)
    if case is None:
        return "no such complaint here", ()
    verdict = Verdict(kind="new", reasons=("operator",), version="operator")
    if case.state == "merged":
        # It settles anew, but is not compared again: a person has decided.
        await _decide(connection, complaint_id, now, state="gathering", merged_into=None, verdict=verdict)
        await _due(connection, case.merged_into, now)
        await connection.execute(delete(t.supporters).where(t.supporters.c.message_id == case.message_id))
        await connection.execute(
            update(t.messages).where(t.messages.c.message_id == case.message_id).values(state="complaint")
        )
        return "merge undone", ()
    if case.leader is not None:
        await _decide(connection, complaint_id, now, leader=None, linked_at=None, verdict=verdict)
        await _due(connection, case.leader, now)
        return "link undone", ()
    return "there is nothing to undo", ()


async def _case(connection: AsyncConnection, complaint_id: UUID) -> Any | None:  # noqa: ANN401 a row
    statement = select(t.complaints).where(t.complaints.c.complaint_id == complaint_id).with_for_update()
    return (await connection.execute(statement)).one_or_none()


async def _pair(connection: AsyncConnection, command: Command, complaint_id: UUID) -> tuple[Any, Any] | str:
    try:
        target_id = UUID(command.target or "")
    except ValueError:
        return "the target is no id"
    if target_id == complaint_id:
        return "a complaint cannot join itself"
    rows = {}
    for each in sorted((complaint_id, target_id)):
        row = await _case(connection, each)
        if row is None:
            return f"no complaint {each} here"
        if row.state != "settled":
            return f"complaint {each} is {row.state}"
        rows[each] = row
    return rows[complaint_id], rows[target_id]


async def _decide(
    connection: AsyncConnection, complaint_id: UUID, now: datetime, *, verdict: Verdict, **values: object
) -> None:
    """Note a person's verdict; the next round of settling publishes it."""
    await connection.execute(
        update(t.complaints)
        .where(t.complaints.c.complaint_id == complaint_id)
        .values(
            verdict=verdict.model_dump_json(),
            unclear=False,
            settles_at=now,
            version=t.complaints.c.version + 1,
            **values,
        )
    )


async def _due(connection: AsyncConnection, complaint_id: UUID, now: datetime) -> None:
    await connection.execute(
        update(t.complaints)
        .where(t.complaints.c.complaint_id == complaint_id)
        .values(settles_at=now, version=t.complaints.c.version + 1)
    )


def _read(record: Received) -> Command | None:
    try:
        return Command.model_validate_json(record.value)
    except ValidationError:
        log.exception("command_unreadable", partition=record.partition.number, offset=record.offset)
        return None


def _history(record: Received, command: Command | None, outcome: str, now: datetime) -> dict[str, Any]:
    return {
        "partition": record.partition.number,
        "offset": record.offset,
        "event_id": command.event_id if command else UUID(int=0),
        "action": command.action if command else "unreadable",
        "subject": command.subject if command else "",
        "origin": command.origin if command else "unknown",
        "reason": command.reason if command else None,
        "outcome": outcome,
        "at": now,
    }
