"""The log's side of the audit: where each topic ends, and whether every reader stands at a place that exists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import inspect

import connectors.media.tables
import connectors.source_table
import dispatcher.tables
import normalizer.tables
import portal.tables
from connectors.media.fetchable import fetchable
from connectors.source import Source
from runtime.bus.protocol import Bus, BusUnavailable, Partition
from runtime.store.engine import Store
from runtime.store.positions import PositionTable
from schemas.ledger import Check
from schemas.topics import COMMANDS, COMPLAINTS, MEDIA, RAW, STATUSES, TOPICS, WANTED

FETCHING = "connectors.media"
"""The fetch queue, which reads only where there are sources whose files can be fetched."""
READERS: Mapping[str, tuple[PositionTable, tuple[str, ...]]] = {
    "connectors": (connectors.source_table.POSITIONS, (COMMANDS.name,)),
    FETCHING: (connectors.media.tables.POSITIONS, (WANTED.name, COMPLAINTS.name)),
    "normalizer": (normalizer.tables.positions, (RAW.name, STATUSES.name, COMMANDS.name, MEDIA.name)),
    "dispatcher": (dispatcher.tables.positions, (COMPLAINTS.name, COMMANDS.name)),
    "portal": (portal.tables.positions, (COMPLAINTS.name,)),
}
"""Which topics a service, or a part of one, reads, and where it keeps its positions."""
_LATE = ("connectors", FETCHING)
"""Who makes its tables when it first needs them; before that it stands nowhere."""


@dataclass(frozen=True, slots=True)
class LogBooks:
    """What the log says of itself."""

    bounds: Mapping[Partition, int]
    """The next offset of each partition."""
    faults: Sequence[str]

    @property
    def ends(self) -> dict[str, int]:
        """Records ever appended, of each topic."""
        return {
            topic.name: sum(end for partition, end in self.bounds.items() if partition.topic == topic.name)
            for topic in TOPICS
        }


async def read(bus: Bus) -> LogBooks:
    """Count the log. A topic that is missing is a fault, not an error: the other sums still tell something.

    Raises:
        BusUnavailable: the log cannot be read at all.
    """
    faults = list(await bus.faults())
    bounds: dict[Partition, int] = {}
    for topic in TOPICS:
        try:
            bounds |= await bus.ends(topic.name)
        except BusUnavailable as error:
            faults.append(str(error))
    return LogBooks(bounds, faults)


async def positions(store: Store) -> dict[str, dict[Partition, int]]:
    """Where each service stands."""
    return await stands(store, READERS, lenient=_LATE)


async def stands(
    store: Store, services: Collection[str], *, lenient: Collection[str] = tuple(READERS)
) -> dict[str, dict[Partition, int]]:
    """Where these services stand; one of the `lenient` whose tables are not there yet stands nowhere.

    Raises:
        StoreUnavailable: the positions cannot be read.
    """
    async with store.reading() as connection:
        tables = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        return {
            service: {}
            if service in lenient and READERS[service][0].table.name not in tables
            else await READERS[service][0].read(connection)
            for service in services
        }


def reading(sources: Collection[Source], stand: Mapping[str, Mapping[Partition, int]]) -> list[str]:
    """The services that read the log as it is configured. `stand`: where each stands.

    Whether files can be fetched depends on secrets, which a process beside the connectors need not have: what has ever
    read, and has something to read for, counts too.
    """
    wanted = any(source.channel.media is not None for source in sources)
    fetches = wanted and bool(fetchable(list(sources)) or stand.get(FETCHING))
    return [service for service in READERS if service != FETCHING or fetches]


def late_checks(
    found: Mapping[str, Mapping[Partition, int]], bounds: Mapping[Partition, int], *, fetching: bool
) -> list[Check]:
    """The log's equations for the connectors' own readers, which stand in every partition of a topic as soon as they
    read it. `bounds` must have been read after the positions; `fetching`: the fetch queue has begun.
    """
    checks = []
    for service in _LATE:
        for topic in READERS[service][1]:
            places = {partition: at for partition, at in found[service].items() if partition.topic == topic}
            ends = [end for partition, end in bounds.items() if partition.topic == topic]
            if not places and not (fetching and service == FETCHING):
                continue
            end, read_ = sum(ends), sum(places.values())
            name = f"A {topic}: end of the log = read by {service} + in flight"
            checks.append(Check(name, end, read_ + max(end - read_, 0)))
            checks.append(Check(f"A {topic}: partitions = those where {service} stands", len(ends), len(places)))
    return checks


async def lost_by_connectors(store: Store) -> list[str]:
    """Operators' commands that the log lost before the connectors had read them, in words."""
    table, (topic,) = READERS["connectors"]
    async with store.reading() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        lost = await table.lost(connection, topic) if table.losses.name in tables else 0
    return [f"{lost} records left the log before the connectors had read them: its retention is too short"][
        : bool(lost)
    ]


async def losses(store: Store) -> dict[tuple[str, str], int]:
    """Records that the log dropped before a service had read them, by service and topic, as its tables say.

    Raises:
        StoreUnavailable: they cannot be read.
    """
    async with store.reading() as connection:
        there = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        return {
            (service, topic): await table.lost(connection, topic)
            for service, (table, topics) in READERS.items()
            if table.losses.name in there
            for topic in topics
        }


def strays(found: Mapping[str, Mapping[Partition, int]], bounds: Mapping[Partition, int]) -> list[str]:
    """Positions at places that do not exist, in words. `bounds` must have been read after the positions."""
    faults = []
    for service, places in found.items():
        for partition, position in sorted(places.items()):
            where = f"the {service} has a position in {partition.topic}/{partition.number}"
            if partition.topic not in READERS[service][1]:
                faults.append(f"{where}, which it does not read")
            elif partition not in bounds:
                faults.append(f"{where}, which the log does not have")
            elif position > bounds[partition]:
                faults.append(f"{where} of {position}, but the log ends at {bounds[partition]}")
    return faults
