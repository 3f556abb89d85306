"""A log in front of a log: whoever adds one thing to it says only that, and passes everything else on."""

from collections.abc import Mapping, Sequence

from runtime.bus.protocol import Bus, Consumer, OnGap, Partition, Positions, Record


class PassingBus:
    """The `Bus` protocol; each step is that of the log behind it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """As the log behind it."""
        await self._bus.publish(topic, records)

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        """As the log behind it."""
        return await self._bus.subscribe(group, topics, positions, on_gap)

    async def starts(self, topic: str) -> Mapping[Partition, int]:
        """As the log behind it."""
        return await self._bus.starts(topic)

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        """As the log behind it."""
        return await self._bus.ends(topic)

    async def faults(self) -> Sequence[str]:
        """As the log behind it."""
        return await self._bus.faults()

    async def close(self) -> None:
        """As the log behind it."""
        await self._bus.close()
