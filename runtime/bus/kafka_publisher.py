"""Publishes to Kafka: durable on all copies when it returns, and never wedged.

A producer with idempotence keeps a sequence number for each partition. A batch that fails for good leaves a hole in
them, and from then on the broker refuses every further batch (OutOfOrderSequenceNumber). So a producer that has failed
once is replaced, and whoever was waiting for it is told that nothing is known: they send again from durable state.
"""

import asyncio
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from runtime.bus.kafka_clients import Clients, stop_producer
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import MAX_RECORD
from runtime.bus.protocol import BusUnavailable, Record

_BATCH = 128 * 1024
"""Bytes of a batch for one partition, before compression."""
_SLICE = 200
"""Records after which others get a turn: serialising them takes a few milliseconds."""
_PAUSE = 0.5
"""Seconds after a failed connection in which nobody tries again."""

_Row = tuple[bytes, bytes, list[tuple[str, bytes]]]


class RecordTooLarge(ValueError):
    """A record is larger than the log takes; sending it again will not help."""


class _Session:
    """One producer, from its start to its first failure."""

    def __init__(self, producer: Any) -> None:  # noqa: ANN401 untyped
        self.producer = producer
        self.failed = asyncio.Event()
        self.reason = ""


class Publisher:
    """Holds one producer at a time."""

    def __init__(self, settings: KafkaSettings, clients: Clients) -> None:
        self._settings = settings
        self._clients = clients
        self._session: _Session | None = None
        self._lock = asyncio.Lock()
        self._not_before = 0.0
        self._why = ""
        self.producers = 0
        """How many producers were made; all but the first replaced a failed one."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records to a topic, named as on Kafka.

        Raises:
            BusUnavailable: nothing is known of the records.
            RecordTooLarge: one is larger than `MAX_RECORD`; none of them was sent.
        """
        rows = [_encode(record) for record in records]
        if not rows:
            return
        session: _Session | None = None
        try:
            async with asyncio.timeout(self._settings.ack_timeout):
                session = await self._current()
                await self._deliver(session, topic, rows)
        except TimeoutError:
            words = f"{self._settings.shown} did not confirm within {self._settings.ack_timeout:g} s"
            self._retire(session, words)
            raise BusUnavailable(f"{words}: whether it has the records is not known") from None
        except KafkaError as error:
            words = f"{self._settings.shown} did not take records: {_told(error)}"
            self._retire(session, words)
            raise BusUnavailable(words) from error

    async def close(self) -> None:
        """Wait for what is on its way, and leave."""
        async with self._lock:
            session, self._session = self._session, None
        if session is not None:
            with suppress(TimeoutError):  # what is not confirmed by then is unknown: its sender sends it again
                async with asyncio.timeout(self._settings.ack_timeout):
                    await session.producer.flush()
            await stop_producer(session.producer)

    async def _deliver(self, session: _Session, topic: str, rows: Sequence[_Row]) -> None:
        producer = session.producer
        numbers = sorted(await producer.partitions_for(topic))
        acks: list[asyncio.Future[Any]] = []
        try:
            for count, (key, value, headers) in enumerate(rows, 1):
                number = numbers[zlib.crc32(key) % len(numbers)]
                acks.append(await producer.send(topic, value, key, number, headers=headers))
                if count % _SLICE == 0:
                    await asyncio.sleep(0)
            everything = asyncio.gather(*acks, return_exceptions=True)
            failed = asyncio.create_task(session.failed.wait())
            first: set[asyncio.Future[Any]] = {everything, failed}
            try:
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            finally:
                failed.cancel()
            if not everything.done():
                raise BusUnavailable(session.reason)
            for outcome in everything.result():
                if isinstance(outcome, BaseException):
                    raise outcome
        finally:
            # Those that nobody waits for any more; the records may still arrive.
            for ack in acks:
                if not ack.done():
                    ack.cancel()
                elif not ack.cancelled():
                    ack.exception()

    async def _current(self) -> _Session:
        async with self._lock:
            if self._session is not None:
                return self._session
            if time.monotonic() < self._not_before:
                raise BusUnavailable(self._why)
            producer = AIOKafkaProducer(
                **self._settings.client(),
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                linger_ms=self._settings.linger * 1000,
                max_batch_size=_BATCH,
                max_request_size=MAX_RECORD,
            )
            self.producers += 1
            try:
                await self._clients.start(producer, stop_producer, self._settings.connect_timeout)
            except (KafkaError, OSError) as error:  # among them TimeoutError
                self._not_before = time.monotonic() + _PAUSE
                self._why = f"{self._settings.shown} cannot be reached: {_told(error)}"
                raise BusUnavailable(self._why) from error
            self._session = _Session(producer)
            return self._session

    def _retire(self, session: _Session | None, reason: str) -> None:
        if session is None or session.failed.is_set():
            return
        session.reason = f"{reason}: whether it has the records is not known"
        session.failed.set()
        if self._session is session:
            self._session = None
        self._clients.leave(stop_producer(session.producer))


def _encode(record: Record) -> _Row:
    row = record.key.encode(), record.value, [(name, text.encode()) for name, text in record.headers.items()]
    size = len(row[0]) + len(row[1]) + sum(len(name) + len(text) for name, text in row[2])
    if size > MAX_RECORD - 1024:
        raise RecordTooLarge(f"a record of {size} bytes is larger than the {MAX_RECORD} bytes that the log takes")
    return row


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__
