"""Files that were fetched after acceptance: they come to the message that named them, as a new revision."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.parts import Part, open_parts, seal_parts
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.positions import moves
from runtime.store.statements import chunks
from schemas.events import MediaEvent

log = structlog.get_logger()


class MediaWriter:
    """Takes what was fetched, from `complaints.media`. Each record is noted with what came of it."""

    def __init__(self, store: Store, sealing: Sealing, clock: Clock) -> None:
        self._store = store
        self._sealing = sealing
        self._clock = clock

    async def write(self, records: Sequence[Received]) -> None:
        """Take a batch, in order; the complaints are due to be published again.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        events = [(record, _read(record)) for record in records]
        async with self._store.writing() as connection:
            await t.positions.advance(connection, moves(records))
            owners = await _owners(connection, {event.message_id for _, event in events if event})
            complaints = await _lock(connection, set(owners.values()))
            parts = {key: open_parts(self._sealing, key, row.parts) for key, row in complaints.items()}
            changed: set[UUID] = set()
            located: set[UUID] = set()
            history = []
            now = self._clock()
            for record, event in events:
                applied = False
                owner = owners.get(event.message_id) if event else None
                if event is not None and owner is not None and owner in parts:
                    after = [with_media(p, event) if p.message_id == event.message_id else p for p in parts[owner]]
                    applied = after != parts[owner]
                    located |= {owner} if any(map(_located, parts[owner], after)) else set()
                    parts[owner] = after
                    changed |= {owner} if applied else set()
                history.append(_history(record, event, applied=applied, now=now))
            rows = [
                {
                    "id_": key,
                    "parts_": seal_parts(self._sealing, key, parts[key]),
                    # What still gathers settles when it would have.
                    "settles_": complaints[key].settles_at if complaints[key].state == "gathering" else now,
                    # Where a photo was taken may bring it together with others, or apart.
                    "late_": complaints[key].late or (key in located and complaints[key].state != "gathering"),
                }
                for key in sorted(changed)
            ]
            if rows:
                await connection.execute(_GROW, rows)
            await connection.execute(insert(t.media), history)


def with_media(part: Part, event: MediaEvent) -> Part:
    """The part with the content of one of its attachments; the same part where it has none such, or has it already."""
    attachments = list(part.mapped.attachments)
    if event.number >= len(attachments):
        return part
    objects: list[str | None] = list(part.objects or [None] * len(attachments))
    if objects[event.number] is not None:
        return part
    objects[event.number] = event.object
    given = attachments[event.number]
    attachments[event.number] = dataclasses.replace(given, media_type=event.media_type, size=event.size)
    photo = part.photo
    if photo is None and event.latitude is not None and event.longitude is not None:
        photo = (event.latitude, event.longitude)
    mapped = dataclasses.replace(part.mapped, attachments=tuple(attachments))
    return dataclasses.replace(part, mapped=mapped, objects=tuple(objects), photo=photo)


def _located(before: Part, after: Part) -> bool:
    return before.photo != after.photo


_GROW = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(
        parts=bindparam("parts_"),
        settles_at=bindparam("settles_"),
        late=bindparam("late_"),
        version=t.complaints.c.version + 1,
    )
)


async def _owners(connection: AsyncConnection, messages: Collection[UUID]) -> dict[UUID, UUID]:
    """The complaint that holds each message, for those that have one."""
    m = t.messages.c
    found: dict[UUID, UUID] = {}
    for some in chunks(sorted(messages)):
        rows = await connection.execute(
            select(m.message_id, m.complaint_id).where(m.message_id.in_(some), m.complaint_id.is_not(None))
        )
        found.update({row.message_id: row.complaint_id for row in rows})
    return found


async def _lock(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Any]:
    c = t.complaints.c
    found: dict[UUID, Any] = {}
    for some in chunks(sorted(ids)):
        statement = select(c.complaint_id, c.parts, c.state, c.settles_at, c.late).where(c.complaint_id.in_(some))
        rows = await connection.execute(statement.order_by(c.complaint_id).with_for_update())
        found.update({row.complaint_id: row for row in rows})
    return found


def _read(record: Received) -> MediaEvent | None:
    try:
        return MediaEvent.model_validate_json(record.value)
    except ValidationError as error:
        log.error(  # noqa: TRY400 a traceback would quote what was written
            "media_unreadable",
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None


def _history(record: Received, event: MediaEvent | None, *, applied: bool, now: datetime) -> dict[str, Any]:
    return {
        "partition": record.partition.number,
        "offset": record.offset,
        "message_id": event.message_id if event else UUID(int=0),
        "number": event.number if event else 0,
        "object": event.object if event else "",
        "applied": applied,
        "at": now,
    }
