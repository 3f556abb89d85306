"""Reads the feed of complaints, and queues what they only name: each file once, whatever revisions say of it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.media.tables import BOOKS, JOBS, POSITIONS
from connectors.source import Source
from runtime.bus.protocol import Received
from runtime.delivery.queue import DeliveryQueue
from runtime.sealing.protocol import Sealing, SealingError
from runtime.store.engine import Store
from runtime.store.positions import moves
from runtime.store.statements import chunks, insert_new
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent

MEDIA = "media"
"""The kind of these deliveries."""
log = structlog.get_logger("muara.connectors.media")


class Job(BaseModel):
    """What is to be fetched; kept sealed."""

    message_id: UUID
    number: int
    reference: str
    declared: str | None = None
    """The media type that the channel tells."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    id: UUID
    source: Source
    job: Job


class Wanting:
    """Queues jobs."""

    def __init__(
        self,
        store: Store,
        sealing: Sealing,
        queue: DeliveryQueue,
        sources: Mapping[str, Source],
        clock: Callable[[], datetime],
    ) -> None:
        """`sources`: those whose files can be fetched."""
        self._store = store
        self._sealing = sealing
        self._queue = queue
        self._sources = sources
        self._clock = clock

    async def write(self, records: Sequence[Received]) -> int:
        """Queue what a batch of complaint events names; returns how many files are new.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another process has these records.
        """
        wanted = {each.id: each for record in records if (event := _read(record)) for each in self._in(event.complaint)}
        now = self._clock()
        async with self._store.writing() as connection:
            await POSITIONS.advance(connection, moves(records))
            known = await _known(connection, wanted)
            new = [each for key, each in sorted(wanted.items()) if key not in known]
            await self._queue.add(connection, [self._row(each, now) for each in new])
            await _count(connection, Counter(each.source.id for each in new))
        return len(new)

    def _in(self, complaint: Complaint) -> Iterator[_Wanted]:
        if complaint.historical:
            return
        sources = {each.message_id: each.source for each in complaint.supporters}
        for file in complaint.attachments:
            if file.object is not None or file.reference is None or file.message_id is None or file.number is None:
                continue
            source = self._sources.get(sources.get(file.message_id, complaint.source))
            if source is None or source.channel.media is None:
                continue
            try:
                reference = self._sealing.open(
                    file.reference, subject=str(complaint.complaint_id), field="reference"
                ).decode()
            except SealingError:
                log.error("reference does not open", complaint=str(complaint.complaint_id))  # noqa: TRY400
                continue
            if source.channel.media.reaches(reference):
                job = Job(message_id=file.message_id, number=file.number, reference=reference, declared=file.media_type)
                yield _Wanted(uuid5(file.message_id, f"media|{file.number}"), source, job)

    def _row(self, wanted: _Wanted, now: datetime) -> dict[str, Any]:
        job = wanted.job.model_dump_json().encode()
        return {
            "delivery_id": wanted.id,
            "subject_id": wanted.id,  # files wait for no other
            "destination": wanted.source.id,
            "kind": MEDIA,
            "sequence": 1,
            "state": "pending",
            "request": self._sealing.seal(job, subject=str(wanted.id), field="request"),
            "created_at": now,
            "share": wanted.source.agency,
            "urgent": False,
        }


async def _known(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for some in chunks(sorted(ids)):
        rows = await connection.execute(select(JOBS.c.delivery_id).where(JOBS.c.delivery_id.in_(some)))
        found.update(rows.scalars())
    return found


async def _count(connection: AsyncConnection, new: Mapping[str, int]) -> None:
    for source, number in sorted(new.items()):
        await connection.execute(insert_new(connection, BOOKS), [{"source": source, "wanted": 0, "ended": 0}])
        await connection.execute(update(BOOKS).where(BOOKS.c.source == source).values(wanted=BOOKS.c.wanted + number))


def _read(record: Received) -> ComplaintEvent | None:
    try:
        return ComplaintEvent.model_validate_json(record.value)
    except ValidationError as error:
        log.error(  # noqa: TRY400 a traceback would quote what was written
            "complaint_unreadable",
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None
