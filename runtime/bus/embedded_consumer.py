"""Reads the embedded log from a consumer's own positions on."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.bus.protocol import Gap, LogReplaced, OnGap, Partition, Positions, Received

_LOOK_AGAIN = 0.1
"""Seconds after which a waiting consumer looks for what another process published."""


class Log(Protocol):
    """What a consumer needs of the embedded log."""

    async def bounds(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """Start and end of each partition."""
        ...

    async def fetch(self, partition: Partition, offset: int, limit: int) -> list[Received]:
        """Records from an offset on."""
        ...

    def refuse(self, words: str) -> None:
        """Take no more records."""
        ...

    @property
    def news(self) -> asyncio.Event:
        """Set at the next publication."""
        ...


class EmbeddedConsumer:
    """The `Consumer` protocol: all partitions in turn."""

    def __init__(self, log: Log, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> None:
        self._log = log
        self._topics = topics
        self._positions = positions
        self._on_gap = on_gap
        self._turns: list[Partition] = []
        self._next: dict[Partition, int] = {}

    async def poll(self, limit: int, wait: float) -> dict[Partition, list[Received]]:
        """Records of all partitions, at most `limit` together."""
        deadline = time.monotonic() + wait
        while True:
            news = self._log.news
            found = await self._look(limit)
            remaining = deadline - time.monotonic()
            if found or remaining <= 0:
                return found
            try:
                await asyncio.wait_for(news.wait(), min(remaining, _LOOK_AGAIN))
            except TimeoutError:
                continue

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Nothing to do: the consumer's own database has the truth, and nobody else reads for this group."""

    async def rewind(self) -> None:
        """Read again from the durable positions."""
        bounds = await self._bounds()
        known = await self._positions(list(bounds))
        if any(position > bounds[partition][1] for partition, position in known.items()):
            # Perhaps another reader of this group took in between what was published in between: the log only grows.
            bounds = await self._bounds()
        for partition, (_, end) in bounds.items():
            if known.get(partition, 0) > end:
                words = (
                    f"the log of {partition.topic}/{partition.number} ends at {end}, but records up to"
                    f" {known[partition]} had been read: this is an older log. Restore log.db from the newest backup,"
                    " or log.db and store.db from backups of one moment; until then nothing is accepted"
                )
                self._log.refuse(words)  # else it would grow past the position, and what came between were never read
                raise LogReplaced(words)
        for partition, (start, _) in bounds.items():
            position = known.get(partition, 0)
            if start > position:
                await self._on_gap(Gap(partition, position, start))
            self._next[partition] = max(start, position)
        self._turns = self._turns or list(bounds)

    async def close(self) -> None:
        """Nothing is held."""

    async def _bounds(self) -> dict[Partition, tuple[int, int]]:
        found: dict[Partition, tuple[int, int]] = {}
        for topic in self._topics:
            found |= await self._log.bounds(topic)
        return found

    async def _look(self, limit: int) -> dict[Partition, list[Received]]:
        found: dict[Partition, list[Received]] = {}
        for partition in self._turns:
            if limit > 0 and (records := await self._fetch(partition, limit)):
                found[partition] = records
                limit -= len(records)
        for partition, records in found.items():
            self._next[partition] = records[-1].offset + 1
        # Whoever was asked first is asked last next time, so that a busy partition starves none.
        self._turns = [*self._turns[1:], *self._turns[:1]]
        return found

    async def _fetch(self, partition: Partition, limit: int) -> list[Received]:
        """Records without a hole among them; a hole right at the position is reported, and skipped."""
        position = self._next[partition]
        records = await self._log.fetch(partition, position, limit)
        if records and records[0].offset > position:
            await self._on_gap(Gap(partition, position, records[0].offset))
            self._next[partition] = position = records[0].offset
        for count, record in enumerate(records):
            if record.offset != position + count:
                return records[:count]
        return records
