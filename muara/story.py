"""The whole story of one message or complaint, put together from every service's tables, the log and the spool."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from pydantic import BaseModel, ValidationError

import connectors.media.story
import dispatcher.story
import normalizer.story
import normalizer.tables
import portal.story
from connectors.media.migrations import SERVICE as MEDIA
from muara.ground import Books, begun
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Bus, Gap, Partition, Received
from runtime.telemetry.story import Step
from schemas.topics import RAW

_PAGE = 1000
_PATIENCE = 5.0
"""Seconds without a record after which the unread part of the log counts as looked through."""


@dataclass(frozen=True, slots=True)
class Story:
    """What became of it."""

    subject: UUID
    fate: str
    """In a few words."""
    messages: Sequence[UUID]
    complaints: Sequence[UUID]
    """The last one lives; those before were merged into it."""
    steps: Sequence[Step]


class _Envelope(BaseModel):
    message_id: UUID
    received_at: datetime
    channel: str
    source: str


async def tell(books: Books, subject: UUID) -> Story | None:
    """The story of a message's or a complaint's id; None when nobody knows it.

    Raises:
        StoreUnavailable: the tables cannot be read.
        BusUnavailable: the log cannot be read, where it has to be searched.
    """
    traced = await normalizer.story.trace(books.store, subject)
    if traced is None:
        return await _unread(books, subject)
    steps = list(traced.steps)
    if await begun(books.store, MEDIA):
        steps += await connectors.media.story.trace(books.store, traced.messages)
    steps += await portal.story.trace(books.store, traced.complaints)
    sent, hubs = await dispatcher.story.trace(books.store, traced.complaints)
    fate = _fate(traced, hubs)
    return Story(subject, fate, traced.messages, traced.complaints, _ordered([*steps, *sent]))


def _fate(traced: normalizer.story.Traced, hubs: Sequence[str]) -> str:
    words = [traced.fate]
    if len(traced.complaints) > 1:
        words.append(f"lives on in {traced.complaints[-1]}")
    return " · ".join([*words, *hubs])


def _ordered(steps: Sequence[Step]) -> list[Step]:
    """By time; what has none stays behind what it was told after."""
    placed: list[tuple[datetime, int, Step]] = []
    latest = datetime.min.replace(tzinfo=UTC)
    for number, step in enumerate(steps):
        latest = step.at or latest
        placed.append((latest, number, step))
    return [step for _, _, step in sorted(placed, key=lambda each: each[:2])]


async def _unread(books: Books, subject: UUID) -> Story | None:
    """A message that was accepted, and that the normalizer has not read yet: it is on the log, or in the spool."""
    async with books.store.reading() as connection:
        read = {
            place: at
            for place, at in (await normalizer.tables.positions.read(connection)).items()
            if place.topic == RAW.name
        }
    found = await _search(books.bus, read, subject)
    where = "on the log, not read by the normalizer yet: `muara lag`"
    if found is None and books.home.spool.exists():
        async with _spool(books) as spool:
            found = await _search(spool, await spool.starts(RAW.name), subject)
        where = "in the spool of this machine, not on the log yet: `muara lag`"
    if found is None:
        return None
    steps = [
        Step(found.received_at, "connectors", "accepted", f"{found.channel} · {found.source} · message {subject}"),
        Step(None, "connectors", "waits", where),
    ]
    return Story(subject, "in flight", (subject,), (), steps)


@asynccontextmanager
async def _spool(books: Books) -> AsyncIterator[EmbeddedBus]:
    spool = await EmbeddedBus.open(books.home.spool, [])
    try:
        yield spool
    finally:
        await spool.close()


async def _search(bus: Bus, read: dict[Partition, int], subject: UUID) -> _Envelope | None:
    """Read what is unread, as a group of our own, and look for a message."""
    sign = str(subject).encode()
    starts, ends = await bus.starts(RAW.name), await bus.ends(RAW.name)
    reached = {place: max(read.get(place, 0), start) for place, start in starts.items()}

    async def places(asked: object) -> dict[Partition, int]:
        del asked
        return dict(reached)

    async def passed(gap: Gap) -> None:
        reached[gap.partition] = gap.start

    if all(reached[place] >= end for place, end in ends.items()):
        return None
    consumer = await bus.subscribe(f"muara.trace.{uuid4()}", [RAW.name], places, passed)
    try:
        while any(reached[place] < end for place, end in ends.items()):
            page = await consumer.poll(_PAGE, _PATIENCE)
            if not page:
                return None
            for place, records in page.items():
                for record in records:
                    reached[place] = record.offset + 1
                    # Only what holds the id at all is read: there may be a million others.
                    if sign in record.value and (found := _envelope(record)) and found.message_id == subject:
                        return found
    finally:
        await consumer.close()
    return None


def _envelope(record: Received) -> _Envelope | None:
    try:
        return _Envelope.model_validate_json(record.value)
    except ValidationError:
        return None
