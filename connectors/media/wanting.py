"""Queues the files that messages only name, each once: by the requests for them, which come as soon as a message was
taken in; and by the feed of complaints, so that a file is also fetched where nobody asked for it (a normalizer of an
older version, a source that was configured later).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.media.reviving import revive_some
from connectors.media.tables import BOOKS, JOBS, POSITIONS, job_id
from connectors.source import Source
from runtime.bus.protocol import Received
from runtime.delivery.queue import DeliveryQueue
from runtime.sealing.protocol import Sealing, SealingError
from runtime.store.engine import Store
from runtime.store.positions import moves
from runtime.store.statements import chunks, insert_new
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent, Event, MediaWanted

MEDIA = "media"
"""The kind of these deliveries."""
AnyEvent = TypeVar("AnyEvent", bound=Event)
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

    async def asked(self, records: Sequence[Received]) -> int:
        """Queue what a batch of requests asks for, and anew what an operator wants again; as `write`."""
        events = [event for record in records if (event := _read(record, MediaWanted))]
        again = [each for event in events if event.again for each in self._of(event)]
        return await self._queued(records, [each for event in events for each in self._of(event)], again)

    async def write(self, records: Sequence[Received]) -> int:
        """Queue what a batch of complaint events names; returns how many files are new.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another process has these records.
        """
        found = [
            each for record in records if (event := _read(record, ComplaintEvent)) for each in self._in(event.complaint)
        ]
        return await self._queued(records, found)

    async def _queued(
        self, records: Sequence[Received], found: Sequence[_Wanted], again: Sequence[_Wanted] = ()
    ) -> int:
        wanted = {each.id: each for each in found}
        now = self._clock()
        async with self._store.writing() as connection:
            await POSITIONS.advance(connection, moves(records))
            new = await self._new(connection, wanted)
            await self._queue.add(connection, [self._row(each, now) for each in new])
            await _count(connection, Counter(each.source.id for each in new))
            return len(new) + await self._revived(connection, again, now)

    async def _revived(self, connection: AsyncConnection, again: Sequence[_Wanted], now: datetime) -> int:
        revived = 0
        for source in sorted({each.source.id for each in again}):
            await self._queue.destination(connection, source)
            ids = {each.id for each in again if each.source.id == source}
            revived += await revive_some(connection, source, ids, now)
        return revived

    async def _new(self, connection: AsyncConnection, wanted: Mapping[UUID, _Wanted]) -> list[_Wanted]:
        unknown = wanted.keys() - await _known(connection, wanted)
        # A request and the feed may name a file at the same instant, to two processes: the second looks again.
        for source in sorted({wanted[key].source.id for key in unknown}):
            await self._queue.destination(connection, source)
        known = await _known(connection, unknown)
        return [wanted[key] for key in sorted(unknown) if key not in known]

    def _in(self, complaint: Complaint) -> Iterator[_Wanted]:
        if complaint.historical:
            return
        sources = {each.message_id: each.source for each in complaint.supporters}
        for file in complaint.attachments:
            if file.object is not None or file.reference is None or file.message_id is None or file.number is None:
                continue
            yield from self._one(
                sources.get(file.message_id, complaint.source),
                file.message_id,
                file.number,
                file.media_type,
                reference=file.reference,
                sealed_for=complaint.complaint_id,
            )

    def _of(self, event: MediaWanted) -> Iterator[_Wanted]:
        return self._one(
            event.source,
            event.message_id,
            event.number,
            event.media_type,
            reference=event.reference,
            sealed_for=event.message_id,
        )

    def _one(
        self, name: str, message: UUID, number: int, declared: str | None, *, reference: str, sealed_for: UUID
    ) -> Iterator[_Wanted]:
        source = self._sources.get(name)
        if source is None or source.channel.media is None:
            return
        try:
            opened = self._sealing.open(reference, subject=str(sealed_for), field="reference").decode()
        except SealingError:
            log.error("reference does not open", message=str(message))  # noqa: TRY400 a traceback tells no more
            return
        if source.channel.media.reaches(opened):
            job = Job(message_id=message, number=number, reference=opened, declared=declared)
            yield _Wanted(job_id(message, number), source, job)

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


def _read(record: Received, kind: type[AnyEvent]) -> AnyEvent | None:
    try:
        return kind.model_validate_json(record.value)
    except ValidationError as error:
        log.error(  # noqa: TRY400 a traceback would quote what was written
            "event_unreadable",
            topic=record.partition.topic,
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None
