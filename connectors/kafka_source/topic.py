"""The client that reads an agency's topic. It joins no group, commits nothing and writes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import (  # type: ignore[import-untyped]
    KafkaError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)

from connectors.kafka_source.records import TopicRecord
from runtime.bus.kafka import quieten
from runtime.bus.kafka_clients import Clients, stop_consumer
from runtime.bus.kafka_probe import probe
from runtime.bus.kafka_settings import KafkaSettings

_WAIT_MS = 300
"""How long a look for new records waits for the first one."""
_FETCH = 4 * 1024 * 1024
"""Bytes of one answer, unless a single record is larger; of each partition a quarter."""
_SHOWN = 8


class TopicUnavailable(Exception):
    """The brokers do not give the topic, or cannot be reached; says why, and what to do."""


class OutOfReach(Exception):
    """A position lies outside the topic: what stood there was removed, or the topic was made anew."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a partition holds: offsets from `first`, and before `end`."""

    first: int
    end: int


class AgencyTopic:
    """One topic. Everything raises `TopicUnavailable`."""

    def __init__(self, settings: KafkaSettings, topic: str, batch: int) -> None:
        """`batch`: records that are given at once."""
        self._settings = settings
        self._topic = topic
        self._batch = batch
        self._clients = Clients()
        self._consumer: Any = None
        self._partitions = set[int]()

    @property
    def is_open(self) -> bool:
        """Whether it is connected."""
        return self._consumer is not None

    async def open(self) -> None:
        """Connect, unless it is, and see that the topic is there: some brokers make one that is asked for."""
        if self._consumer is not None:
            return
        quieten()
        try:
            consumer = AIOKafkaConsumer(
                **self._settings.client(),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                fetch_max_bytes=_FETCH,
                max_partition_fetch_bytes=_FETCH // 4,
            )
            await self._clients.start(consumer, stop_consumer, self._settings.connect_timeout)
        except (KafkaError, OSError) as error:  # among them TimeoutError
            raise TopicUnavailable(await self._why(error)) from error
        try:
            there = await self._seen(consumer)
        except (KafkaError, OSError) as error:
            await stop_consumer(consumer)
            self._fail(error)
        if self._topic not in there:
            await stop_consumer(consumer)
            shown = sorted(name for name in there if not name.startswith("__"))
            listed = ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")
            raise TopicUnavailable(
                f'{self._settings.shown} has no topic "{self._topic}" that we may see:'
                f" {f'there are {listed}' if shown else 'we may see none at all'};"
                " correct `topic:`, or let this user read it"
            )
        self._consumer = consumer

    def partitions(self) -> list[int]:
        """The numbers of its partitions, as far as they are known by now."""
        return sorted(self._partitions | (self._consumer.partitions_for_topic(self._topic) or set()))

    async def exists(self) -> bool:
        """Whether it is still there; afterwards its new partitions are known."""
        try:
            return self._topic in await self._seen(self._consumer)
        except (KafkaError, OSError) as error:
            self._fail(error)

    async def bounds(self, partitions: Sequence[int]) -> dict[int, Bounds]:
        """What partitions hold now."""
        wanted = [TopicPartition(self._topic, partition) for partition in partitions]
        try:
            first = await self._consumer.beginning_offsets(wanted)
            end = await self._consumer.end_offsets(wanted)
        except (KafkaError, OSError) as error:
            self._fail(error)
        return {each.partition: Bounds(first[each], end[each]) for each in wanted}

    def read_from(self, offsets: Mapping[int, int]) -> None:
        """Read these partitions from here on."""
        places = {TopicPartition(self._topic, partition): offset for partition, offset in offsets.items()}
        self._consumer.assign(list(places))
        for place, offset in places.items():
            self._consumer.seek(place, offset)

    async def records(self) -> list[TopicRecord]:
        """The next ones, in the order of each partition; none when nothing new is there, or nobody answers.

        Raises:
            OutOfReach: a position lies outside the topic.
        """
        try:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS, max_records=self._batch)
        except OffsetOutOfRangeError as error:
            raise OutOfReach from error
        except (KafkaError, OSError) as error:
            self._fail(error)
        return [
            TopicRecord(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers))
            for place in sorted(found)
            for r in found[place]
        ]

    async def position(self, partition: int) -> int:
        """The offset that comes next; behind marks of transactions and what compaction has removed."""
        return int(await self._consumer.position(TopicPartition(self._topic, partition)))

    def assigned(self) -> list[int]:
        """The partitions that are read."""
        return sorted(place.partition for place in self._consumer.assignment())

    async def hang_up(self) -> None:
        """Disconnect; `open` connects again."""
        consumer, self._consumer = self._consumer, None
        if consumer is None:
            return
        # A request that the death of a broker has cancelled cancels `stop` of aiokafka, too: in a task of its own, and
        # then once more, which closes the connections.
        for _ in range(2):
            stopping = asyncio.create_task(stop_consumer(consumer))
            await asyncio.wait({stopping})
            if not stopping.cancelled():
                await stopping
                return

    async def close(self) -> None:
        """Disconnect for good."""
        await self.hang_up()
        await self._clients.close()

    async def _seen(self, consumer: Any) -> set[str]:  # noqa: ANN401 untyped
        """The topics that we may see. All are asked for: one that is asked for by name may be made thereby."""
        cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 `topics` tells no partitions
        self._partitions = set(cluster.partitions_for_topic(self._topic) or ())
        return set(cluster.topics())

    def _fail(self, error: BaseException) -> NoReturn:
        shown = self._settings.shown
        if isinstance(error, TopicAuthorizationFailedError):
            words = f'this user may not read the topic "{self._topic}": grant it READ and DESCRIBE there'
        elif isinstance(error, OSError) or type(error) is KafkaError or getattr(error, "retriable", False):
            words = f'it does not answer about the topic "{self._topic}" ({type(error).__name__})'
        else:
            words = f'the topic "{self._topic}" cannot be read: {type(error).__name__}'
        raise TopicUnavailable(f"{shown}: {words}") from error

    async def _why(self, error: BaseException) -> str:
        async for look in probe(self._settings, (), ()):
            if not look.ok:
                return look.words
        return f"{self._settings.shown} cannot be reached: {str(error) or type(error).__name__}"
