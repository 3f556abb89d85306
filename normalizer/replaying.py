"""Dead letters, by an operator's command: once more, or given up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.store.outbox import Outgoing
from schemas.events import Command
from schemas.raw import RawComplaint
from schemas.topics import RAW


async def replay(
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


async def discard(
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
