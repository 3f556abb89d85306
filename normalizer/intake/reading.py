"""Reads raw records: opens, maps and names the outcome of each. Nothing is written here, and nothing stops the rest."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid5

import structlog
from pydantic import ValidationError

from normalizer.faults import where
from normalizer.intake.contents import with_contents
from normalizer.parts import Part, part_of, storable
from normalizer.source import SourceView
from normalizer.wanted import requests
from recipes.mail.limits import MailError
from recipes.mapped import Ignored, MappingError
from runtime.bus.protocol import Received
from runtime.objects.protocol import ObjectMissing, Objects, ObjectsUnavailable
from runtime.sealing.protocol import Sealing, SealingError
from runtime.store.outbox import Outgoing
from schemas.identity import NAMESPACE
from schemas.raw import RawComplaint

_SLICE = 0.02
"""Seconds of work after which others get their turn: heartbeats and health checks share this thread."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dead:
    """The message cannot be understood; `reason` says why and what may help."""

    reason: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record, read."""

    record: Received
    message_id: UUID
    attempt: int
    agency: str
    channel: str
    source: str
    conversation: str
    received_at: datetime
    stored: bytes
    """The record's value, kept so that it can be replayed."""
    outcome: Part | Ignored | Dead
    provenance: str | None = None
    payload: str | None = None
    """The original, still sealed."""
    wanted: tuple[Outgoing, ...] = ()
    """Requests for the files that it only names."""


class RawReader:
    """Maps records by the recipes of their sources."""

    def __init__(self, sources: Mapping[str, SourceView], sealing: Sealing, objects: Objects) -> None:
        self._sources = sources
        self._sealing = sealing
        self._objects = objects

    async def read(self, records: Iterable[Received]) -> list[Incoming]:
        """One `Incoming` a record, in order.

        Raises:
            ObjectsUnavailable: attachments cannot be stored now; try the batch again.
        """
        incoming = []
        turn = time.monotonic()
        for record in records:
            incoming.append(await self._read_one(record))
            if time.monotonic() - turn > _SLICE:
                await asyncio.sleep(0)
                turn = time.monotonic()
        return incoming

    async def _read_one(self, record: Received) -> Incoming:
        try:
            raw = RawComplaint.model_validate_json(record.value)
        except ValidationError as error:
            return self._unreadable(record, error)
        outcome = await self._outcome(raw)
        return Incoming(
            record=record,
            message_id=raw.message_id,
            attempt=raw.attempt,
            agency=raw.agency,
            channel=raw.channel,
            source=raw.source,
            conversation=storable(raw.conversation)[:64],
            received_at=raw.received_at,
            stored=record.value,
            provenance=storable(raw.provenance),
            payload=raw.payload,
            outcome=outcome,
            wanted=requests(outcome, self._sources, self._sealing) if isinstance(outcome, Part) else (),
        )

    def _unreadable(self, record: Received, error: ValidationError) -> Incoming:
        name = f"unreadable|{record.partition.topic}|{record.partition.number}|{record.offset}"
        message_id = uuid5(NAMESPACE, name)
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)[:3]
        )
        return Incoming(
            record=record,
            message_id=message_id,
            attempt=0,
            agency="unknown",
            channel="unknown",
            source="unknown",
            conversation=str(message_id),
            received_at=datetime.fromtimestamp(record.published_at, tz=UTC),
            stored=self._sealing.seal(record.value, subject=str(message_id), field="unreadable").encode(),
            outcome=Dead(
                f"a record on complaints.raw is no raw complaint ({problems}): whoever published it must be mended"
            ),
        )

    async def _outcome(self, raw: RawComplaint) -> Part | Ignored | Dead:
        if raw.defect is not None:
            return Dead(storable(raw.defect))
        source = self._sources.get(raw.source)
        if source is None:
            return Dead(f"source {raw.source!r} is not configured: add it to muara.yaml, then replay this")
        try:
            payload = await self._payload(raw)
            mapped = source.channel.map(payload, raw.media_type, zone=source.zone, source_settings=source.settings)
            if isinstance(mapped, Ignored):
                return storable(mapped)
            held = {
                number: partial(
                    source.channel.attachment_content,
                    payload,
                    raw.media_type,
                    file.part,
                    zone=source.zone,
                    source_settings=source.settings,
                )
                for number, file in enumerate(mapped.attachments)
                if file.part is not None
            }
            return await with_contents(part_of(raw, mapped, ()), held, self._objects)
        except (MappingError, MailError, SealingError, ObjectMissing) as error:
            return Dead(storable(str(error)))
        except ObjectsUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 a fault of ours or of a recipe must not hold up everybody behind it
            # No traceback: its last line quotes what the citizen wrote.
            log.error(  # noqa: TRY400
                "mapping_failed", message_id=str(raw.message_id), channel=raw.channel, error=where(error)
            )
            return Dead(
                f"the recipe {raw.channel} failed with {type(error).__name__}: mend the recipe, then replay this"
            )

    async def _payload(self, raw: RawComplaint) -> bytes:
        if raw.payload is not None:
            return self._sealing.open(raw.payload, subject=str(raw.message_id), field="payload")
        return await self._objects.get(raw.payload_object or "")
