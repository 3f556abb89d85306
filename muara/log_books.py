"""The log's side of the audit: where each topic ends, and whether every reader stands at a place that exists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dispatcher.tables
import normalizer.tables
import portal.tables
from runtime.bus.protocol import Bus, BusUnavailable, Partition
from runtime.store.engine import Store
from schemas.topics import COMMANDS, COMPLAINTS, MEDIA, RAW, STATUSES, TOPICS

READERS = {
    "normalizer": (normalizer.tables.positions, (RAW.name, STATUSES.name, COMMANDS.name, MEDIA.name)),
    "dispatcher": (dispatcher.tables.positions, (COMPLAINTS.name, COMMANDS.name)),
    "portal": (portal.tables.positions, (COMPLAINTS.name,)),
}
"""Which topics a service reads, and where it keeps its positions."""


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
    async with store.reading() as connection:
        return {service: await table.read(connection) for service, (table, _) in READERS.items()}


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
