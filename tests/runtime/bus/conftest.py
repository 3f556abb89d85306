"""One battery for every adapter of the log. An adapter is a way to open it; what is asked of it is the same."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Bus, Consumer, Gap, Partition, Received, Record
from schemas.topics import Topic

TOPICS = ["keluhan", "jawaban"]
TOPIC = TOPICS[0]

OpenEmbedded = Callable[..., Awaitable[EmbeddedBus]]


@dataclass
class Reader:
    """A service that reads: durable positions, gaps noted, everything that it saw."""

    bus: Bus
    positions: dict[Partition, int] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    seen: list[Received] = field(default_factory=list)
    consumer: Consumer | None = None
    group: str = field(default_factory=lambda: f"dinas-{uuid.uuid4().hex}")
    topics: Sequence[str] = ()

    async def known(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {p: self.positions[p] for p in partitions if p in self.positions}

    async def on_gap(self, gap: Gap) -> None:
        assert self.positions.get(gap.partition, 0) == gap.position
        self.gaps.append(gap)
        self.positions[gap.partition] = gap.start

    async def begin(self, *topics: str) -> "Reader":
        self.topics = topics or [TOPIC]
        self.consumer = await self.bus.subscribe(self.group, self.topics, self.known, self.on_gap)
        return self

    async def poll(self, limit: int = 500, wait: float | None = None) -> list[Received]:
        """Poll and process: the positions move with what was read. What comes over a network is waited for."""
        assert self.consumer is not None
        if wait is None:
            wait = 0 if isinstance(self.bus, EmbeddedBus) or await self.at_end() else 10
        batch = await self.consumer.poll(limit, wait)
        for partition, records in batch.items():
            assert records[0].offset == self.positions.get(partition, 0)
            self.positions[partition] = records[-1].offset + 1
        found = [record for records in batch.values() for record in records]
        self.seen += found
        return found

    async def all(self, limit: int = 500) -> list[Received]:
        """Poll until nothing is left."""
        found: list[Received] = []
        while more := await self.poll(limit):
            found += more
        assert await self.at_end()
        return found

    async def at_end(self) -> bool:
        """Whether everything was read."""
        ends = [end for topic in self.topics or [TOPIC] for end in (await self.bus.ends(topic)).items()]
        return all(self.positions.get(partition, 0) == end for partition, end in ends)


def values(records: Sequence[Received]) -> list[bytes]:
    return [record.value for record in records]


def letters(*names: object, key: str = "a") -> list[Record]:
    return [Record(key, str(name).encode()) for name in names]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
async def open_embedded(path: Path) -> AsyncIterator[OpenEmbedded]:
    """Opens the embedded log, again and again; closes what a test left open."""
    opened: list[EmbeddedBus] = []

    async def open_it(topics: Sequence[str] = TOPICS, *, partitions: int = 1, patience: float = 5.0) -> EmbeddedBus:
        opened.append(await EmbeddedBus.open(path, topics, partitions=partitions, patience=patience))
        return opened[-1]

    yield open_it
    for bus in opened:
        await bus.close()


@pytest.fixture
async def open_kafka(kafka: str, kafka_prefix: str) -> AsyncIterator[Callable[[], Awaitable[KafkaBus]]]:
    """Opens topics of this test alone on the run's Kafka."""
    opened: list[KafkaBus] = []
    settings = KafkaSettings.from_url(kafka, prefix=kafka_prefix, partitions=4, replication=1, doubt=0.2, linger=0)

    async def open_it() -> KafkaBus:
        topics = [Topic(name, "a test's", timedelta(days=1)) for name in TOPICS]
        opened.append(await KafkaBus.open(settings, topics))
        return opened[-1]

    yield open_it
    for bus in opened:
        await bus.close()


@pytest.fixture(params=["embedded, 1 partition", "embedded, 4 partitions", "kafka, 4 partitions"])
def open_bus(request: pytest.FixtureRequest) -> Callable[[], Awaitable[Bus]]:
    """Opens the adapter under test; a second call opens the same log again."""
    if "kafka" in request.param:
        open_kafka: Callable[[], Awaitable[Bus]] = request.getfixturevalue("open_kafka")
        return open_kafka
    open_embedded: OpenEmbedded = request.getfixturevalue("open_embedded")
    return lambda: open_embedded(partitions=4 if "4" in request.param else 1)


@pytest.fixture
async def bus(open_bus: Callable[[], Awaitable[Bus]]) -> Bus:
    return await open_bus()
