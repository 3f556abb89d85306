"""The log on Apache Kafka: the `Bus` protocol for many machines. Shared by any number of processes of a deployment.

No Kafka transactions: a record may come twice, and consumers know it by its id. Durable means on all copies that are in
step, at least two of three. A consumer's own positions outrank the group's offsets.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from runtime.bus.kafka_clients import Clients
from runtime.bus.kafka_consumer import KafkaConsumer
from runtime.bus.kafka_groups import Share
from runtime.bus.kafka_offsets import KafkaOffsets, Standing
from runtime.bus.kafka_publisher import Publisher
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import Difference, TopicsDiffer, report
from runtime.bus.protocol import BusUnavailable, LogReplaced, OnGap, Partition, Positions, Record
from schemas.topics import Topic

_log = structlog.get_logger()

_PAUSE = 0.5
"""Seconds after topics could not be checked in which nobody tries again."""
_JOINING = 10.0
"""Seconds that `subscribe` waits for its partitions; later ones come with `poll`."""


class KafkaBus:
    """The `Bus` protocol on a Kafka cluster."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[Topic]) -> None:
        """Connects to nothing yet: whoever must run while Kafka is away begins with this. See also `open`."""
        self._settings = settings
        self._topics = {topic.name: topic for topic in topics}
        self._clients = Clients()
        self._publisher = Publisher(settings, self._clients)
        self._offsets = KafkaOffsets(settings, self._clients)
        self._consumers: list[KafkaConsumer] = []
        self._prepared = asyncio.Event()
        self._preparing = asyncio.Lock()
        self._trouble: tuple[float, BusUnavailable] | None = None
        self._refusal: str | None = None
        self.closed = False
        self.differences: Sequence[Difference] = ()
        """How the topics differ from what is wanted, once they were checked; none of it loses records."""

    @classmethod
    async def open(cls, settings: KafkaSettings, topics: Sequence[Topic]) -> "KafkaBus":
        """Connect; make the topics that are missing, and check the others.

        Raises:
            BusUnavailable: no broker answers.
            TopicsDiffer: a topic is set so that records could be lost; says which, and how to mend it.
        """
        bus = cls(settings, topics)
        try:
            await bus.prepare()
        except BaseException:
            await bus.close()
            raise
        return bus

    async def prepare(self) -> None:
        """Make and check the topics, once. Everything else does that first.

        Raises:
            BusUnavailable: no broker answers.
            TopicsDiffer: a topic is set so that records could be lost.
        """
        if self._prepared.is_set():
            return
        async with self._preparing:
            if self._prepared.is_set():
                return
            if self._trouble is not None and time.monotonic() < self._trouble[0]:
                raise type(self._trouble[1])(str(self._trouble[1]))
            try:
                await self._check()
            except BusUnavailable as error:
                self._trouble = time.monotonic() + _PAUSE, error
                raise
            self._prepared.set()

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records; on all copies in step when this returns.

        Raises:
            BusUnavailable: nothing is known of them; publish them again.
            RecordTooLarge: one of them never fits; none was sent.
        """
        await self._usable(topic)
        if self._refusal is not None:
            raise LogReplaced(self._refusal)
        await self._publisher.publish(self._settings.prefix + topic, records)

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> KafkaConsumer:
        """Join a group, which shares the partitions out among its members."""
        for topic in topics:
            await self._usable(topic)
        consumer = KafkaConsumer(self, self._clients, self._settings, group, topics, positions=positions, on_gap=on_gap)
        try:
            await consumer.join(_JOINING)
        except BaseException:
            await consumer.close()
            raise
        self._consumers.append(consumer)
        return consumer

    async def starts(self, topic: str) -> dict[Partition, int]:
        """The first offset kept, of each partition."""
        return {partition: start for partition, (start, _) in (await self.bounds(topic)).items()}

    async def ends(self, topic: str) -> dict[Partition, int]:
        """The next offset, of each partition."""
        return {partition: end for partition, (_, end) in (await self.bounds(topic)).items()}

    async def bounds(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """Start and end of each partition."""
        await self._usable(topic)
        return await self._offsets.bounds(topic)

    async def published_at(self, places: Mapping[Partition, int]) -> Mapping[Partition, float]:
        """When the records at these offsets were published, in seconds since the epoch; unknown ones are left out."""
        await self.prepare()
        return await self._offsets.published_at(places)

    async def shares(self, group: str, topic: str) -> Mapping[Partition, Share]:
        """How far a group has told Kafka that it is, and who has which partition. Its own positions are the truth."""
        await self._usable(topic)
        return await self._offsets.shares(group, topic)

    async def faults(self) -> list[str]:
        """Partitions that nobody leads: their records cannot be read. Kafka itself checks what it stores."""
        return [
            f"{self._settings.shown}: {topic}/{number} has no leader: its records cannot be read or written"
            for topic in self._topics
            for number in await self._offline(topic)
        ]

    async def standing(self) -> Standing:
        """How the cluster is doing with our topics."""
        await self.prepare()
        return await self._offsets.standing(list(self._topics))

    async def prune(self, topic: str, before: float, floors: Mapping[Partition, int]) -> int:
        """Forget records published before a moment and below every consumer's position, before their retention ends."""
        await self._usable(topic)
        return await self._offsets.forget(topic, before, floors)

    async def close(self) -> None:
        """Deliver what is on its way, leave the groups, close the connections."""
        if self.closed:
            return
        self.closed = True
        for consumer in self._consumers:
            await consumer.close()
        await self._publisher.close()
        await self._offsets.close()
        await self._clients.close()

    def refuse(self, words: str) -> None:
        """Take no more records: what is on this log will have to give way to the right one."""
        self._refusal = words

    @property
    def producers(self) -> int:
        """How many producers were made; each after the first replaced one that had failed."""
        return self._publisher.producers

    @property
    def rebalances(self) -> Mapping[str, int]:
        """By group: how often partitions were shared out to consumers of this process."""
        counts: Counter[str] = Counter()
        for consumer in self._consumers:
            counts[consumer.group] += consumer.rebalances_ever
        return counts

    async def _check(self) -> None:
        quieten()
        differences = await self._offsets.make_and_check(list(self._topics.values()))
        if unsafe := [one for one in differences if one.unsafe]:
            raise TopicsDiffer(report(self._settings, unsafe))
        for one in differences:
            _log.warning("topic_differs", topic=one.topic, difference=one.words, remedy=one.remedy)
        self.differences = differences

    async def _offline(self, topic: str) -> list[int]:
        await self._usable(topic)
        return await self._offsets.offline(topic)

    async def _usable(self, topic: str) -> None:
        if self.closed:
            raise BusUnavailable("the log is closed")
        if topic not in self._topics:
            raise BusUnavailable(f"the log has no topic {topic}; it has {', '.join(sorted(self._topics)) or 'none'}")
        await self.prepare()


def quieten() -> None:
    """While brokers are away, aiokafka logs several lines a second. Ours say it once; set its level to see them."""
    logger = logging.getLogger("aiokafka")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)
