"""Keeps the embedded log from growing for ever: what is older than its topic's retention, and read by all, goes."""

import time
from collections.abc import Collection

import structlog

from connectors.source import Source
from muara.ground import Ground
from muara.log_books import READERS, reading, stands
from runtime.bus.protocol import Partition
from runtime.loops import Loop
from runtime.telemetry.health import Health
from schemas.topics import TOPICS

log = structlog.get_logger()

_EVERY = 600.0
"""Seconds between two rounds."""


class Housekeeping:
    """Prunes the log in the background. What nobody of ours reads is for outsiders, and kept by time alone."""

    def __init__(self, ground: Ground, sources: Collection[Source], health: Health) -> None:
        """`sources`: those that are configured, since what reads for none of them holds nothing back."""
        self._ground = ground
        self._sources = sources
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
        stand = await stands(
            self._ground.store, [service for service, (_, topics) in READERS.items() if topic in topics]
        )
        for service in stand.keys() & set(reading(self._sources, stand)):
            known = stand[service]
            floors = {partition: min(floor, known.get(partition, 0)) for partition, floor in floors.items()}
        return floors
