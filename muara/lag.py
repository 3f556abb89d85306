"""How far each service is behind the log: from the log's ends and the positions stored with the batches."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connectors.source import Source
from muara.ground import Books, Log
from muara.log_books import READERS, reading, stands
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.kafka_groups import Share
from runtime.bus.protocol import Partition
from runtime.bus.spool_file import SpoolBooks, look
from runtime.store.engine import Store
from schemas.topics import RAW


@dataclass(frozen=True, slots=True)
class Lag:
    """One service on one partition of the log."""

    service: str
    topic: str
    partition: int
    start: int
    """The first offset that the log still keeps."""
    end: int
    """The offset that the next record gets."""
    position: int
    """The next record that the service reads, as its own tables say."""
    oldest_seconds: float | None
    """How long the first unread record has been on the log; None when all are read, or nobody could tell."""
    committed: int | None = None
    """What the service's group last told Kafka: for those who watch it; our own position is the truth."""
    member: str | None = None
    """Which process has the partition now, as Kafka knows it; None: nobody, or the log is a file."""

    @property
    def behind(self) -> int:
        """Records that the service has not read yet."""
        return max(self.end - self.position, 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was accepted on this machine and is not on the log yet."""

    records: int
    oldest_seconds: float | None
    faults: Sequence[str]


def group_of(service: str, topic: str) -> str:
    """The name of the group that a service's instances form, without the deployment's prefix."""
    return "muara.portal" if service == "portal" else f"muara.{service}.{topic}"


async def lags(books: Books, sources: Collection[Source]) -> list[Lag]:
    """Every service on every partition that it reads. Works beside a running Muara, and without one.

    Args:
        books: what is looked into.
        sources: those that are configured: what reads for none of them is not behind.

    Raises:
        BusUnavailable: the log cannot be read.
        StoreUnavailable: the positions cannot be read.
    """
    stand = await stands(books.store, READERS)  # before the ends, so that nothing seems to be ahead of the log
    services = reading(sources, stand)
    bounds = {
        topic: await books.bus.bounds(topic)
        for topic in sorted({topic for service in services for topic in READERS[service][1]})
    }
    found: list[Lag] = []
    now = time.time()
    for service in services:
        for topic in READERS[service][1]:
            group = await _group(books, service, topic)
            behind = {
                partition: max(start, stand[service].get(partition, 0))
                for partition, (start, end) in bounds[topic].items()
                if end > max(start, stand[service].get(partition, 0))
            }
            published = await books.bus.published_at(behind)
            for partition, (start, end) in sorted(bounds[topic].items()):
                share = group.get(partition, Share())
                since = published.get(partition)
                found.append(
                    Lag(
                        service,
                        topic,
                        partition.number,
                        start,
                        end,
                        stand[service].get(partition, 0),
                        max(now - since, 0.0) if since is not None else None,
                        share.committed,
                        share.member,
                    )
                )
    return found


async def waiting(books: Books) -> Waiting:
    """The spool of this home, which connectors fill while Kafka is away.

    Raises:
        BusUnavailable: its file cannot be read.
    """
    spool: SpoolBooks = await look(books.home.spool, [RAW.name])
    oldest = max(time.time() - spool.oldest, 0.0) if spool.oldest is not None else None
    return Waiting(spool.depth, oldest, spool.faults)


@dataclass(frozen=True, slots=True)
class Behind:
    """What a service has not read of one partition."""

    records: int
    oldest_seconds: float
    """How long the first of them has been on the log; 0 when there is none."""


async def behind(bus: Log, store: Store, service: str) -> Mapping[Partition, Behind]:
    """What a service has not read yet of each partition that it reads.

    Raises:
        BusUnavailable: the log cannot be read.
        StoreUnavailable: the positions cannot be read.
    """
    stand = (await stands(store, [service]))[service]
    now = time.time()
    found: dict[Partition, Behind] = {}
    for topic in READERS[service][1]:
        bounds = await bus.bounds(topic)
        reached = {place: max(start, stand.get(place, 0)) for place, (start, _) in bounds.items()}
        unread = {place: at for place, at in reached.items() if bounds[place][1] > at}
        since = await bus.published_at(unread)
        for place, (_, end) in bounds.items():
            age = max(now - since[place], 0.0) if place in since else 0.0
            found[place] = Behind(max(end - reached[place], 0), age)
    return found


async def _group(books: Books, service: str, topic: str) -> Mapping[Partition, Share]:
    if isinstance(books.bus, EmbeddedBus):
        return {}
    return await books.bus.shares(group_of(service, topic), topic)
