"""Keeps the embedded log from growing for ever: what is older than its topic's retention, and read by all, goes."""

import time

import structlog

import dispatcher.tables
import normalizer.tables
import portal.tables
from muara.ground import Ground
from runtime.bus.protocol import Partition
from runtime.loops import Loop
from runtime.telemetry.health import Health
from schemas.topics import COMMANDS, COMPLAINTS, MEDIA, RAW, STATUSES, TOPICS

log = structlog.get_logger()

_EVERY = 600.0
"""Seconds between two rounds."""
_READERS = {
    RAW.name: (normalizer.tables.positions,),
    STATUSES.name: (normalizer.tables.positions,),
    COMMANDS.name: (normalizer.tables.positions, dispatcher.tables.positions),
    MEDIA.name: (normalizer.tables.positions,),
    COMPLAINTS.name: (dispatcher.tables.positions, portal.tables.positions),
}
"""Who reads a topic; the others are for outsiders, and kept by time alone."""


class Housekeeping:
    """Prunes the log in the background."""

    def __init__(self, ground: Ground, health: Health) -> None:
        self._ground = ground
        self._loop = Loop("log.retention", self._round, health, idle=_EVERY)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """End."""
        await self._loop.stop()

    async def _round(self) -> bool:
        for topic in TOPICS:
            gone = await self._ground.bus.prune(
                topic.name, time.time() - topic.retention.total_seconds(), await self._floors(topic.name)
            )
            if gone:
                log.info("pruned", topic=topic.name, records=gone)
        return False

    async def _floors(self, topic: str) -> dict[Partition, int]:
        """Of each partition, the offset below which every reader is done."""
        floors = dict(await self._ground.bus.ends(topic))
        async with self._ground.store.reading() as connection:
            for positions in _READERS.get(topic, ()):
                known = await positions.read(connection, list(floors))
                floors = {partition: min(floor, known.get(partition, 0)) for partition, floor in floors.items()}
        return floors
