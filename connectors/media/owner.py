"""What follows when a file is fetched: the normalizer hears of it, through an outbox of the same transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.media.fetching import Kept
from connectors.media.tables import BOOKS, OUTBOX
from runtime.bus.protocol import Bus, BusUnavailable
from runtime.delivery.outcomes import Delivery
from runtime.delivery.queue import Change
from runtime.delivery.worker import Rendered, Unrenderable
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from schemas.events import MediaEvent
from schemas.identity import event_id
from schemas.topics import MEDIA

_ENDED = ("delivered", "rejected", "parked")
log = structlog.get_logger("muara.connectors.media")


class MediaOwner:
    """Publishes what was fetched."""

    def __init__(self, bus: Bus, store: Store, sealing: Sealing, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._store = store
        self._sealing = sealing
        self._clock = clock
        self._fresh: dict[UUID, Outgoing] = {}

    async def render(
        self, connection: AsyncConnection, deliveries: Sequence[Delivery]
    ) -> Mapping[UUID, Rendered | Unrenderable]:
        """Jobs are whole from the beginning; one that is not has lost what it was about."""
        del connection
        return {each.delivery_id: Unrenderable("what is to be fetched is not known any more") for each in deliveries}

    async def ended(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        """Note ends in the books, and events in the outbox."""
        events = {c.delivery.delivery_id: self._event(c) for c in changes if c.state == "delivered"}
        await OUTBOX.write(connection, list(events.values()))
        self._fresh = events
        for source, number in sorted(Counter(c.delivery.destination for c in changes if c.state in _ENDED).items()):
            await connection.execute(update(BOOKS).where(BOOKS.c.source == source).values(ended=BOOKS.c.ended + number))

    async def recorded(self, changes: Sequence[Change]) -> None:
        """Publish at once; what fails is left to the sweeper."""
        events = [self._fresh[key] for c in changes if (key := c.delivery.delivery_id) in self._fresh]
        self._fresh = {}
        for change in changes:
            if change.state in ("rejected", "parked"):
                log.warning("file not fetched", source=change.delivery.destination, reason=change.reason)
        try:
            await OUTBOX.publish(self._store, self._bus, events)
        except BusUnavailable as away:
            log.warning("fetched files are told later", reason=str(away))

    def _event(self, change: Change) -> Outgoing:
        assert change.answer is not None  # noqa: S101 a fetched file always has one
        subject = str(change.delivery.delivery_id)
        kept = Kept.model_validate_json(self._sealing.open(change.answer, subject=subject, field="answer"))
        event = MediaEvent(
            event_id=event_id(change.delivery.delivery_id, "media", kept.object),
            occurred_at=self._clock(),
            origin="connectors",
            **kept.model_dump(),
        )
        return Outgoing(MEDIA.name, str(kept.message_id), event.model_dump_json().encode())
