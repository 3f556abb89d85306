"""A service that reads from Kafka, and ways to open the log on the run's broker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_consumer import KafkaConsumer
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import BusUnavailable, Gap, Partition, Received, Record
from schemas.topics import Topic

TOPIC = "keluhan"
TOPICS = [Topic(TOPIC, "a test's", timedelta(days=1))]


@dataclass
class Service:
    """One instance of a service. Instances share durable positions, as they share a database."""

    bus: KafkaBus
    positions: dict[Partition, int] = field(default_factory=dict)
    seen: list[Received] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    group: str = "dinas"
    consumer: KafkaConsumer | None = None

    async def known(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {p: self.positions[p] for p in partitions if p in self.positions}

    async def on_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)
        self.positions[gap.partition] = gap.start

    async def begin(self) -> "Service":
        self.consumer = await self.bus.subscribe(self.group, [TOPIC], self.known, self.on_gap)
        return self

    @property
    def assigned(self) -> set[Partition]:
        return self.consumer.assigned if self.consumer else set()

    async def turn(self, limit: int = 100, wait: float = 0.2) -> list[Received]:
        """Poll, and process what nobody else has: compare-and-set of the positions, as in a database."""
        assert self.consumer is not None
        batch = await self.consumer.poll(limit, wait)
        taken: list[Received] = []
        for partition, records in batch.items():
            if self.positions.get(partition, 0) != records[0].offset:
                await self.consumer.rewind()
                continue
            self.positions[partition] = records[-1].offset + 1
            taken += records
        await self.consumer.commit({partition: self.positions[partition] for partition in batch})
        self.seen += taken
        return taken

    async def until(
        self,
        condition: Callable[[], bool],
        seconds: float = 60,
        passing: tuple[type[Exception], ...] = (BusUnavailable,),
    ) -> None:
        """Work until something is so; what passes is waited for."""
        async with asyncio.timeout(seconds):
            while not condition():
                try:
                    await self.turn()
                except passing:
                    await asyncio.sleep(0.1)


def records(values: Sequence[object], key: str | None = None) -> list[Record]:
    """Records with a key each, or all with one."""
    return [Record(key or f"k{value}", str(value).encode()) for value in values]


def read(received: Sequence[Received]) -> list[int]:
    return [int(record.value) for record in received]


@pytest.fixture
async def open_bus(kafka: str, kafka_prefix: str) -> AsyncIterator[Callable[..., Any]]:
    """Opens the log with topics of this test alone, any number of times, as any number of processes would."""
    opened: list[KafkaBus] = []

    async def open_it(topics: Sequence[Topic] = TOPICS, **settings: object) -> KafkaBus:
        wanted = {"prefix": kafka_prefix, "partitions": 4, "replication": 1, "doubt": 0.2, "session_timeout": 3}
        opened.append(await KafkaBus.open(KafkaSettings.from_url(kafka, **{**wanted, **settings}), topics))
        return opened[-1]

    yield open_it
    for bus in opened:
        await bus.close()
