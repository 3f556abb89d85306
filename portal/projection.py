"""From the topic `complaints` into the portal's tables, a batch in one transaction.

Numbers of the feed. A reader that has seen number n asks for what comes after n, so number n may become visible only
when all below it are. Numbers drawn from a sequence break that: two transactions can commit in the other order than
they drew, and the reader never sees the lower one. Here every writer first locks the one row of the counter and holds
it until its commit. So numbers are given in the order of commits, also by several portals on one PostgreSQL; a
transaction that is rolled back gives its numbers back, which leaves no gap. On SQLite a writing transaction is alone
anyhow. The price is that batches are written one after the other; a batch is up to 500 records in one transaction.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal import tables as t
from portal.subjects import subject
from portal.views import shown
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.positions import moves
from runtime.store.statements import chunks, insert_new, upsert
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent

log = structlog.get_logger()

_SLICE = 100
"""Events that are read before others get a turn: some milliseconds."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    appeared: int
    """Entries that the feed gained."""
    passed_over: int
    """Events that were not newer than what is known, or than another of the batch."""
    unreadable: int
    subjects: Sequence[tuple[str, str]] = ()
    """Category and district of each complaint that appeared for the first time, as `portal.subjects` names them."""


@dataclass(slots=True)
class _Change:
    """What a batch says of one complaint."""

    complaint: Complaint
    """The newest revision among the events."""
    events: int = 1
    document: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    revision: int
    events: int
    appearances: int


_NEW = _Known(0, 0, 0)
_CHANGING = ("revision", "seq", "agency", "channel", "state", "events", "appearances", "document")


class Projection:
    """Writes batches."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def write(self, records: Sequence[Received]) -> Written:
        """Write a batch, whole and in order.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        changes, unreadable = await _gather(records)
        async with self._store.writing() as connection:
            last = await _lock(connection)
            known = await _known(connection, list(changes))
            newer = [c for i, c in changes.items() if c.complaint.revision > known.get(i, _NEW).revision]
            older = [c for i, c in changes.items() if c.complaint.revision <= known.get(i, _NEW).revision]
            await self._show(connection, newer, known, last)
            await _count(connection, older)
            if unreadable:
                await connection.execute(insert_new(connection, t.unreadable), unreadable)
            await t.positions.advance(connection, moves(records))
        events = len(records) - len(unreadable)
        seen = [subject(c.complaint) for c in newer if c.complaint.complaint_id not in known]
        return Written(
            appeared=len(newer),
            passed_over=events - len(newer),
            unreadable=len(unreadable),
            subjects=[each for each in seen if each is not None],
        )

    async def _show(
        self, connection: AsyncConnection, changes: Sequence[_Change], known: dict[UUID, _Known], last: int
    ) -> None:
        if not changes:
            return
        now = self._clock()
        rows, entries = [], []
        for seq, change in enumerate(changes, last + 1):
            complaint = change.complaint
            before = known.get(complaint.complaint_id, _NEW)
            shared = {"seq": seq, "complaint_id": complaint.complaint_id, "revision": complaint.revision}
            entries.append(shared | {"appeared_at": now})
            rows.append(
                shared
                | {
                    "agency": complaint.agency,
                    "channel": complaint.channel,
                    "state": complaint.status.state,
                    "events": before.events + change.events,
                    "appearances": before.appearances + 1,
                    "document": change.document,
                }
            )
        await connection.execute(upsert(connection, t.complaints, _CHANGING), rows)
        await connection.execute(insert(t.feed), entries)
        await connection.execute(update(t.counter).where(t.counter.c.id == 1).values(last=last + len(changes)))


async def _gather(records: Sequence[Received]) -> tuple[dict[UUID, _Change], list[dict[str, Any]]]:
    changes: dict[UUID, _Change] = {}
    unreadable: list[dict[str, Any]] = []
    for number, record in enumerate(records, 1):
        complaint = _read(record, unreadable)
        if complaint is not None:
            change = changes.get(complaint.complaint_id)
            if change is None:
                changes[complaint.complaint_id] = _Change(complaint)
            else:
                change.events += 1
                if change.complaint.revision < complaint.revision:
                    change.complaint = complaint
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    for number, change in enumerate(changes.values(), 1):
        change.document = shown(change.complaint)
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    return changes, unreadable


def _read(record: Received, unreadable: list[dict[str, Any]]) -> Complaint | None:
    try:
        return ComplaintEvent.model_validate_json(record.value).complaint
    except ValidationError as error:
        # Where it fails and how, never what was written there; the exception itself would tell.
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        reason = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in problems[:3])
    log.error("complaint_unreadable", partition=record.partition.number, offset=record.offset, reason=reason)
    unreadable.append({"partition": record.partition.number, "offset": record.offset, "reason": reason})
    return None


async def _lock(connection: AsyncConnection) -> int:
    found = await connection.execute(select(t.counter.c.last).where(t.counter.c.id == 1).with_for_update())
    last = found.scalar_one_or_none()
    if last is None:
        raise StoreUnavailable("the feed's counter is gone from the database: restore the database from a backup")
    return int(last)


async def _known(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, _Known]:
    c = t.complaints.c
    found: dict[UUID, _Known] = {}
    for some in chunks(ids):
        rows = await connection.execute(
            select(c.complaint_id, c.revision, c.events, c.appearances).where(c.complaint_id.in_(some))
        )
        found.update({row.complaint_id: _Known(row.revision, row.events, row.appearances) for row in rows})
    return found


async def _count(connection: AsyncConnection, older: Sequence[_Change]) -> None:
    if older:
        rows = [{"id_": change.complaint.complaint_id, "more": change.events} for change in older]
        await connection.execute(_COUNT, rows)


_COUNT = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(events=t.complaints.c.events + bindparam("more"))
)
