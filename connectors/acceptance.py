"""The door to the log: what a transport received becomes durable here, before its sender hears that it arrived."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from connectors.activity import Activity
from connectors.metrics import ACCEPTED, DEFECT, RECEIPT, ConnectorMetrics
from connectors.naming import identify, name_of
from connectors.source import Source
from recipes.inbound import Item
from runtime.bus.protocol import Bus, BusUnavailable, Record
from runtime.fault_points import reached
from runtime.objects.protocol import Objects, ObjectsUnavailable
from runtime.sealing.protocol import Sealing, SealingError
from schemas.raw import RawComplaint
from schemas.topics import RAW

INLINE_LIMIT = 256 * 1024
"""Bytes of a payload that still travel in the record itself; larger ones go to the objects first."""


class Overloaded(Exception):
    """Too much is being written already. Nothing of this delivery is; its sender is asked to come again."""


NOT_NOW = (BusUnavailable, ObjectsUnavailable, SealingError, Overloaded)
"""What `accept` raises when it cannot take a delivery now; sending the same again later is harmless."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one transport hands over at once for one source."""

    source: Source
    items: Sequence[Item]
    historical: bool = False
    """From the past: nothing is sent, answered or timed."""
    provenance: Sequence[str | None] | None = None
    """For each item, where in a larger whole it stood, such as `laporan.csv:17`."""
    ordinals: Sequence[int] | None = None
    """For each item, its ordinal among identical ones in that whole; given for rows only."""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is durable now."""

    messages: int
    """Messages on the log, those with a defect among them."""
    receipts: int
    """Counted, not kept."""
    defects: int


class Acceptance:
    """Turns items into raw complaints and publishes all of one request at once."""

    def __init__(
        self,
        bus: Bus,
        sealing: Sealing,
        objects: Objects,
        clock: Callable[[], datetime],
        metrics: ConnectorMetrics,
        *,
        inline_limit: int = INLINE_LIMIT,
        max_in_flight: int = 512,
        timeout: float = 10.0,
        activity: Activity | None = None,
    ) -> None:
        """`max_in_flight` counts deliveries; `timeout` is how long the log may take for one, in seconds.

        `activity` hears of what was accepted, and knows which sources are paused; transports that others call ask it.
        """
        self._bus = bus
        self._sealing = sealing
        self._objects = objects
        self._clock = clock
        self.metrics = metrics
        self.activity = activity or Activity(clock)
        self._inline_limit = inline_limit
        self._max_in_flight = max_in_flight
        self._timeout = timeout
        self._in_flight = 0

    async def accept(
        self,
        source: Source,
        items: Sequence[Item],
        *,
        historical: bool = False,
        provenance: Sequence[str | None] | None = None,
        ordinals: Sequence[int] | None = None,
        traceparent: str | None = None,
    ) -> Accepted:
        """Make one delivery durable. See `accept_all`."""
        return await self.accept_all([Delivery(source, items, historical, provenance, ordinals, traceparent)])

    async def accept_all(self, deliveries: Sequence[Delivery]) -> Accepted:
        """Make deliveries durable, with one publication. When this returns, no crash loses them.

        Raises:
            BusUnavailable: the log did not take them in time.
            ObjectsUnavailable: a large payload could not be stored.
            SealingError: they could not be encrypted.
            Overloaded: too many are being written already.
        """
        begun = time.monotonic()
        with self._gate():
            records = [record for delivery in deliveries for record in await self._records(delivery)]
            if records:
                await self._publish(records)
                reached("connectors.logged")
        took = time.monotonic() - begun
        totals = [self._count(delivery, took) for delivery in deliveries]
        return Accepted(
            messages=sum(t.messages for t in totals),
            receipts=sum(t.receipts for t in totals),
            defects=sum(t.defects for t in totals),
        )

    @contextmanager
    def _gate(self) -> Iterator[None]:
        if self._in_flight >= self._max_in_flight:
            raise Overloaded(f"{self._in_flight} deliveries are waiting for the log")
        self._in_flight += 1
        self.metrics.in_flight.set(self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1
            self.metrics.in_flight.set(self._in_flight)

    async def _publish(self, records: Sequence[Record]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._bus.publish(RAW.name, records)
        except TimeoutError as error:
            raise BusUnavailable(f"the log did not acknowledge within {self._timeout:g} s") from error

    async def _records(self, delivery: Delivery) -> list[Record]:
        received_at = self._clock()
        headers = {"traceparent": delivery.traceparent} if delivery.traceparent else {}
        records = []
        for index, item in enumerate(delivery.items):
            if item.receipt is not None:
                continue
            raw = await self._raw(delivery, index, item, received_at)
            records.append(Record(raw.conversation, raw.model_dump_json().encode(), headers))
        return records

    async def _raw(self, delivery: Delivery, index: int, item: Item, received_at: datetime) -> RawComplaint:
        source = delivery.source
        name = name_of(item, delivery.ordinals[index] if delivery.ordinals else None)
        identity = identify(source, name)
        large = len(item.payload) > self._inline_limit
        subject = str(identity)
        return RawComplaint(
            message_id=identity,
            agency=source.agency,
            channel=source.channel.recipe.channel,
            source=source.id,
            external_id=self._sealing.seal(name.encode(), subject=subject, field="external_id"),
            conversation=self._sealing.blind("conversation", f"{source.id}\x1f{item.sender or subject}"),
            received_at=received_at,
            media_type=item.media_type,
            payload=None if large else self._sealing.seal(item.payload, subject=subject, field="payload"),
            payload_object=await self._objects.put(item.payload) if large else None,
            recipe_hash=source.channel.hash,
            historical=delivery.historical,
            defect=item.defect,
            provenance=delivery.provenance[index] if delivery.provenance else None,
            traceparent=delivery.traceparent,
        )

    def _count(self, delivery: Delivery, took: float) -> Accepted:
        receipts = sum(item.receipt is not None for item in delivery.items)
        defects = sum(item.receipt is None and item.defect is not None for item in delivery.items)
        messages = len(delivery.items) - receipts
        channel = delivery.source.channel.recipe.channel
        self.metrics.durable(channel, delivery.source.id, messages, took)
        self.metrics.received(channel, ACCEPTED, messages - defects)
        self.metrics.received(channel, DEFECT, defects)
        self.metrics.received(channel, RECEIPT, receipts)
        if not delivery.historical:  # what an import brings is no sign of life
            self.activity.took(delivery.source.id, messages)
        return Accepted(messages, receipts, defects)
