"""A log that gives its readers some records to warm up with, and the others once the clock runs."""

import asyncio
from collections.abc import Mapping, Sequence

from runtime.bus.passing import PassingBus
from runtime.bus.protocol import Bus, Consumer, OnGap, Partition, Positions, Received, Record

_BREATH = 0.01
"""Seconds between two looks at a closed gate."""


class GatedBus(PassingBus):
    """Readers of one topic get no more than was opened."""

    def __init__(self, bus: Bus, topic: str, *, keep: int = 400) -> None:
        """`keep`: how many published values of a topic are kept to be looked at."""
        super().__init__(bus)
        self._keep = keep
        self._topic = topic
        self.opened = 0
        """Records that readers may have, all together."""
        self.handed = 0
        """Records that they got."""
        self.published: dict[str, int] = {}
        """Records published through this, by topic."""
        self.kept: dict[str, list[bytes]] = {}
        """Values of the first of them."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records."""
        await super().publish(topic, records)
        self.published[topic] = self.published.get(topic, 0) + len(records)
        kept = self.kept.setdefault(topic, [])
        if len(kept) < self._keep:
            kept += [record.value for record in records]

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        """Join a group."""
        consumer = await super().subscribe(group, topics, positions, on_gap)
        return _Gated(self, consumer) if self._topic in topics else consumer

    async def close(self) -> None:
        """The log is somebody else's: it stays open."""


class _Gated:
    """The `Consumer` protocol."""

    def __init__(self, gate: GatedBus, consumer: Consumer) -> None:
        self._gate = gate
        self._consumer = consumer

    async def poll(self, limit: int, wait: float) -> Mapping[Partition, Sequence[Received]]:
        gate = self._gate
        if gate.opened <= gate.handed:
            await asyncio.sleep(min(wait, _BREATH))
            return {}
        found = await self._consumer.poll(min(limit, gate.opened - gate.handed), wait)
        gate.handed += sum(map(len, found.values()))
        return found

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        await self._consumer.commit(positions)

    async def rewind(self) -> None:
        await self._consumer.rewind()

    async def close(self) -> None:
        await self._consumer.close()
