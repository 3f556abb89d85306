"""What services ask of a log. All that they may rely on stands here; one test suite holds the adapters to it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class BusUnavailable(Exception):
    """The log did not take (or give) records. Nothing is known to be durable; sending again is harmless."""


class LogReplaced(BusUnavailable):
    """The log is not the one that was read from before. It takes nothing more until the right one is back."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One ordered part of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """What is published. Records with the same key stay in order."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """A record as a consumer gets it."""

    partition: Partition
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str]
    published_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records from a consumer's position up to `start` are gone, unread. Without a position, it stands at 0."""

    partition: Partition
    position: int
    start: int


Positions = Callable[[Collection[Partition]], Awaitable[Mapping[Partition, int]]]
"""Where a consumer's own durable state stands. It outranks whatever the log remembers of a group."""


OnGap = Callable[[Gap], Awaitable[None]]
"""Records a loss durably, and moves the position past it."""


class Consumer(Protocol):
    """Reads some partitions in order, from the consumer's own durable positions."""

    async def poll(self, limit: int, wait: float) -> Mapping[Partition, Sequence[Received]]:
        """At most `limit` records, in order within each partition; empty after `wait` seconds without any.

        What was polled before must have been processed (or rewound) by then: a gap that is found is reported as one
        after the position reached.

        Raises:
            BusUnavailable: the log cannot be read now; nothing was skipped.
        """
        ...

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Tell the log how far this group has come (next offset to read). After the database commit; may be lost."""
        ...

    async def rewind(self) -> None:
        """Go back to the durable positions: after a batch that failed as a whole.

        Raises:
            LogReplaced: a position lies beyond the end of the log.
        """
        ...

    async def close(self) -> None:
        """Leave the group."""
        ...


class Bus(Protocol):
    """A log of topics."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records. They are durable when this returns.

        Raises:
            BusUnavailable: nothing can be said of the records; publish them again.
        """
        ...

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        """Join a group. Partitions without a position are read from their start; a gap is reported, then skipped.

        Raises:
            BusUnavailable: the log cannot be read now, or has no such topic.
            LogReplaced: a position lies beyond the end of the log.
        """
        ...

    async def starts(self, topic: str) -> Mapping[Partition, int]:
        """The first offset still kept, of each partition."""
        ...

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        """The offset that the next record of each partition will get."""
        ...

    async def faults(self) -> Sequence[str]:
        """What is wrong with the log itself, in words: records that are missing or doubled."""
        ...

    async def close(self) -> None:
        """Give back what is held. What was published stays."""
        ...
