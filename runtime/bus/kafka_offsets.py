"""Questions to Kafka about its topics: which partitions, from where to where; and the one order: forget what is old."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from runtime.bus import kafka_groups
from runtime.bus.kafka_clients import Clients, stop_admin, stop_consumer
from runtime.bus.kafka_groups import Share
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import Difference, make_and_check
from runtime.bus.protocol import BusUnavailable, Partition
from schemas.topics import Topic

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cluster is doing."""

    brokers: int
    """That are there."""
    partitions: int
    """Of our topics."""
    short_of_copies: int
    """Partitions of which a copy is behind or away: with one more the topic may take nothing."""
    without_leader: int
    """Partitions that can be neither written nor read."""


class KafkaOffsets:
    """Asks over connections of its own, one question at a time; they are made anew after a failure."""

    def __init__(self, settings: KafkaSettings, clients: Clients) -> None:
        self._settings = settings
        self._clients = clients
        self._admin: Any = None
        self._reader: Any = None
        self._lock = asyncio.Lock()

    async def make_and_check(self, topics: Sequence[Topic]) -> list[Difference]:
        """Make missing topics; compare the others. See `kafka_topics`."""
        return await self._ask(lambda: make_and_check(self._admin, self._settings, topics), patience=30)

    async def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """The first offset kept and the next one to be given, of each partition of a topic.

        Raises:
            BusUnavailable: the brokers do not answer, or a partition has no leader.
        """

        async def read() -> dict[Partition, tuple[int, int]]:
            places = await self._places(topic)
            starts = await self._reader.beginning_offsets(list(places))
            ends = await self._reader.end_offsets(list(places))
            return {partition: (int(starts[place]), int(ends[place])) for place, partition in places.items()}

        return await self._ask(read)

    async def shares(self, group: str, topic: str) -> dict[Partition, Share]:
        """What a group has of a topic's partitions. See `kafka_groups`.

        Raises:
            BusUnavailable: the brokers do not answer.
        """

        async def read() -> dict[Partition, Share]:
            return await kafka_groups.shares(self._admin, self._settings.prefix + group, await self._places(topic))

        return await self._ask(read)

    async def published_at(self, places: Mapping[Partition, int]) -> dict[Partition, float]:
        """When the records at these offsets were published, in seconds since the epoch. See `kafka_groups`."""
        named = {TopicPartition(self._settings.prefix + p.topic, p.number): p for p in places}

        async def read() -> dict[Partition, float]:
            wanted = {place: places[partition] for place, partition in named.items()}
            return {
                named[place]: when for place, when in (await kafka_groups.published_at(self._reader, wanted)).items()
            }

        return await self._ask(read, patience=15)

    async def offline(self, topic: str) -> list[int]:
        """Numbers of the partitions that no broker leads."""
        described = await self._ask(lambda: self._describe(topic))
        return sorted(part["partition"] for part in described if part["leader"] < 0)

    async def standing(self, topics: Sequence[str]) -> Standing:
        """How the cluster is doing with these topics.

        Raises:
            BusUnavailable: no broker answers.
        """

        async def read() -> Standing:
            brokers = (await self._admin.describe_cluster())["brokers"]
            described = await self._admin.describe_topics([self._settings.prefix + topic for topic in topics])
            parts = [part for topic in described for part in topic["partitions"]]
            return Standing(
                brokers=len(brokers),
                partitions=len(parts),
                short_of_copies=sum(len(part["isr"]) < len(part["replicas"]) for part in parts),
                without_leader=sum(part["leader"] < 0 for part in parts),
            )

        return await self._ask(read)

    async def forget(self, topic: str, before: float, floors: Mapping[Partition, int]) -> int:
        """Delete records published before a moment (seconds since the epoch) and below a floor. Returns how many."""

        async def cut() -> int:
            places = await self._places(topic)
            floor = {place: floors[partition] for place, partition in places.items() if partition in floors}
            if not floor:
                return 0
            starts = await self._reader.beginning_offsets(list(floor))
            ends = await self._reader.end_offsets(list(floor))
            if math.isfinite(before):
                found = await self._reader.offsets_for_times(dict.fromkeys(floor, max(0, round(before * 1000))))
                ends |= {place: found[place].offset for place in floor if found[place] is not None}
            upto = {place: min(offset, int(ends[place])) for place, offset in floor.items()}
            upto = {place: offset for place, offset in upto.items() if offset > int(starts[place])}
            if upto:
                await self._admin.delete_records({place: RecordsToDelete(offset) for place, offset in upto.items()})
            return sum(offset - int(starts[place]) for place, offset in upto.items())

        return await self._ask(cut, patience=30)

    async def close(self) -> None:
        """Close the connections."""
        async with self._lock:
            await self._leave()

    async def _places(self, topic: str) -> dict[Any, Partition]:
        name = self._settings.prefix + topic
        numbers = sorted(part["partition"] for part in await self._describe(topic))
        return {TopicPartition(name, number): Partition(topic, number) for number in numbers}

    async def _describe(self, topic: str) -> list[Mapping[str, Any]]:
        (described,) = await self._admin.describe_topics([self._settings.prefix + topic])
        if not described["partitions"]:
            raise BusUnavailable(f"{self._settings.shown} has no topic {self._settings.prefix}{topic} any more")
        partitions: list[Mapping[str, Any]] = described["partitions"]
        return partitions

    async def _ask(self, question: Callable[[], Awaitable[_Answer]], *, patience: float | None = None) -> _Answer:
        """An answer, from whichever broker is there to give it."""
        # A little longer than the clients wait themselves, since they tell more.
        seconds = self._settings.connect_timeout * 1.5 if patience is None else patience
        deadline = time.monotonic() + seconds
        async with self._lock:
            while True:
                try:
                    await self._connect()
                    async with asyncio.timeout(max(0.1, deadline - time.monotonic())):
                        return await question()
                except (KafkaError, OSError) as error:  # among them TimeoutError
                    connected = self._reader is not None
                    await self._leave()
                    # Who was asked may have died a moment ago; the next connection learns of the others.
                    if connected and getattr(error, "retriable", False) and time.monotonic() < deadline:
                        await asyncio.sleep(0.1)
                        continue
                    words = str(error) or f"no answer within {seconds:g} s"
                    raise BusUnavailable(f"{self._settings.shown} cannot be asked: {words}") from error

    async def _connect(self) -> None:
        seconds = self._settings.connect_timeout
        if self._admin is None:
            admin = AIOKafkaAdminClient(**self._settings.client())
            await self._clients.start(admin, stop_admin, seconds)
            self._admin = admin
        if self._reader is None:
            reader = AIOKafkaConsumer(**self._settings.client(), enable_auto_commit=False)
            await self._clients.start(reader, stop_consumer, seconds)
            self._reader = reader

    async def _leave(self) -> None:
        admin, reader, self._admin, self._reader = self._admin, self._reader, None, None
        if admin is not None:
            await stop_admin(admin)
        if reader is not None:
            await stop_consumer(reader)
