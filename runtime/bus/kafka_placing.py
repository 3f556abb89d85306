"""Where a consumer begins: at its own durable positions, after holding them against what the log has."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn, Protocol

from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Gap, LogReplaced, OnGap, Partition, Positions


class Log(Protocol):
    """What a consumer asks of the log as a whole."""

    async def bounds(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """Start and end of each partition."""
        ...

    def refuse(self, words: str) -> None:
        """Take no more records."""
        ...

    @property
    def closed(self) -> bool:
        """Whether the log was closed."""
        ...


class Placing:
    """Answers where to begin; reports what the log has lost, and refuses a log that is not the one that was read."""

    def __init__(
        self, log: Log, settings: KafkaSettings, topics: Sequence[str], positions: Positions, on_gap: OnGap
    ) -> None:
        self._log = log
        self._settings = settings
        self._topics = topics
        self._positions = positions
        self._on_gap = on_gap

    async def begin(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Where to begin with some partitions; a gap before that is reported.

        Raises:
            LogReplaced: the log ends before a position.
        """
        known = await self._positions(list(partitions))
        bounds = await self._proven(known)
        begin: dict[Partition, int] = {}
        for partition in sorted(partitions):
            position, start = known.get(partition, 0), bounds[partition][0]
            if start > position:
                await self._on_gap(Gap(partition, position, start))
            begin[partition] = max(start, position)
        return begin

    async def look(self, reading: Mapping[Partition, int]) -> set[Partition]:
        """Which of the partitions that are read have more than was taken.

        Who reads none looks after the durable positions: the topic may have been made anew.

        Raises:
            LogReplaced: the log ends before a position.
        """
        bounds = await self._proven(reading or await self._positions(list(await self._bounds())))
        return {partition for partition, offset in reading.items() if offset < bounds[partition][1]}

    async def refuse(self, partition: Partition, position: int) -> NoReturn:
        """The log is not the one that was read up to a position.

        Raises:
            LogReplaced: always.
        """
        self._refuse(partition, (await self._bounds())[partition][1], position)

    async def _proven(self, known: Mapping[Partition, int]) -> dict[Partition, tuple[int, int]]:
        """Start and end of all partitions, once the log has proved to be as long as it was known to be."""
        deadline = time.monotonic() + self._settings.doubt
        while True:
            bounds = await self._bounds()
            beyond = sorted(p for p, position in known.items() if position > bounds.get(p, (0, 0))[1])
            if not beyond:
                return bounds
            if time.monotonic() >= deadline:
                self._refuse(beyond[0], bounds.get(beyond[0], (0, 0))[1], known[beyond[0]])
            await asyncio.sleep(0.2)  # a new leader may not know yet how far the old one had come

    async def _bounds(self) -> dict[Partition, tuple[int, int]]:
        found: dict[Partition, tuple[int, int]] = {}
        for topic in self._topics:
            found |= await self._log.bounds(topic)
        return found

    def _refuse(self, partition: Partition, end: int, position: int) -> NoReturn:
        words = (
            f"{self._settings.shown}: the log of {partition.topic}/{partition.number} ends at {end}, but records up to"
            f" {position} had been read: this is another log, or an older one. Point Muara at the right cluster (and"
            " prefix), or restore log and store from one moment; until then nothing is accepted"
        )
        self._log.refuse(words)  # else it would grow past the position, and what came between were never read
        raise LogReplaced(words)
