"""The rows and events that a batch leaves behind."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.intake.reading import Dead, Incoming
from normalizer.intake.targets import Target
from normalizer.parts import Part
from runtime.store.outbox import Outgoing
from schemas.events import DeadLetter
from schemas.identity import event_id
from schemas.topics import DEAD

Place = tuple[str, UUID | None]
"""A message's state, and its complaint."""

_RECALL = (
    update(t.messages)
    .where(t.messages.c.message_id == bindparam("id_"))
    .values(state=bindparam("state_"), attempt=bindparam("attempt_"), complaint_id=bindparam("complaint_"))
)


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, if there are any."""
    if rows:
        await connection.execute(insert(table), rows)


async def keep_messages(
    connection: AsyncConnection, work: Sequence[Incoming], revived: frozenset[UUID], places: Mapping[UUID, Place]
) -> None:
    """One row a message: a new one, or that of a dead letter which came back."""
    fresh = [
        {
            "message_id": i.message_id,
            "state": places[i.message_id][0],
            "complaint_id": places[i.message_id][1],
            "attempt": i.attempt,
            "requested_attempt": i.attempt,
            "agency": i.agency,
            "channel": i.channel,
            "source": i.source,
            "received_at": i.received_at,
            "raw": i.stored,
        }
        for i in work
        if i.message_id not in revived
    ]
    await insert_rows(connection, t.messages, fresh)
    again = [
        {
            "id_": i.message_id,
            "attempt_": i.attempt,
            "state_": places[i.message_id][0],
            "complaint_": places[i.message_id][1],
        }
        for i in work
        if i.message_id in revived
    ]
    if again:
        await connection.execute(_RECALL, again)


def members(target: Target) -> list[tuple[Incoming, Place]]:
    """The messages of this batch that belong to a complaint, and what that makes of each."""
    founder = [(target.founder.incoming, ("complaint", target.complaint_id))] if target.founder is not None else []
    return [*founder, *((incoming, ("merged", target.complaint_id)) for incoming, _, _ in target.joined)]


def joining(target: Target) -> list[Part]:
    """What is added to a complaint, each part with the reason why."""
    return [dataclasses.replace(part, reason=reason) for _, part, reason in target.joined]


def died(incoming: Incoming, reason: str) -> Incoming:
    """The same record as a dead letter."""
    return dataclasses.replace(incoming, outcome=Dead(reason))


def dead_row(incoming: Incoming, outcome: Dead, now: datetime) -> dict[str, Any]:
    """A dead letter as a row."""
    return {
        "message_id": incoming.message_id,
        "reason": outcome.reason,
        "provenance": incoming.provenance,
        "died_at": now,
    }


def dead_letter(incoming: Incoming, outcome: Dead, now: datetime) -> Outgoing:
    """A dead letter as an event."""
    event = DeadLetter(
        event_id=event_id(incoming.message_id, "dead", incoming.attempt),
        occurred_at=now,
        origin="normalizer",
        stage="normalizer",
        subject=incoming.message_id,
        attempt=incoming.attempt,
        agency=incoming.agency,
        channel=incoming.channel,
        source=incoming.source,
        reason=outcome.reason,
        provenance=incoming.provenance,
        payload=incoming.payload,
    )
    return Outgoing(DEAD.name, str(incoming.message_id), event.model_dump_json().encode())
