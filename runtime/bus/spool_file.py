"""The spool's file: what the log could not take, in order, durable when `put` returns, and bounded.

It is an embedded log of its own (group commit, every commit flushed, a removed file noticed), of which what was drained
is forgotten from the front: the start of a partition is how far the drain has come.
"""

import asyncio
import fcntl
import math
import os
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import BusUnavailable, Partition, Received, Record

Key = tuple[str, str]
"""Topic and key of records that stay in order."""

_PAGE = 1000


class SpoolFull(BusUnavailable):
    """The spool has no room left. Nothing was taken; the sender has to come again."""


class SpoolTaken(BusUnavailable):
    """Another process uses this spool: two that drained it would mix up the order."""


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much may wait."""

    records: int = 200_000
    bytes: int = 512 * 1024 * 1024
    """Of values, about; the file itself is some percent larger, and keeps its size when it is empty again."""


@dataclass(frozen=True, slots=True)
class SpoolBooks:
    """What lies in a spool, for whoever looks in from outside."""

    depth: int
    faults: Sequence[str]
    oldest: float | None = None
    """When the record that waits longest was put in, in seconds since the epoch; None when none waits."""


class Spool:
    """Records on their way to the log. One process has it. Make it with `open`."""

    def __init__(self, log: EmbeddedBus, lock: int, limits: SpoolLimits) -> None:
        self._log = log
        self._lock = lock
        self._limits = limits
        self._waiting: Counter[Key] = Counter()
        self._oldest: dict[str, float] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self.depth = 0
        """Records that wait, those that are being written among them."""
        self.size = 0
        """Bytes of their values."""

    @classmethod
    async def open(cls, path: Path, topics: Sequence[str], limits: SpoolLimits | None = None) -> "Spool":
        """Open or make a spool; what a crash left in it is counted.

        Raises:
            SpoolTaken: another process has it.
            BusUnavailable: the file cannot be used; says why and what to do.
        """
        lock = _take(path)
        try:
            log = await EmbeddedBus.open(path, topics)
        except BaseException:
            os.close(lock)
            raise
        spool = cls(log, lock, limits or SpoolLimits())
        try:
            for topic in topics:
                await spool._count_left(topic)
        except BaseException:
            await spool.close()
            raise
        return spool

    @property
    def oldest(self) -> float | None:
        """When the record that waits longest was put in, in seconds since the epoch; None when none waits."""
        return min(self._oldest.values(), default=None)

    def holds(self, keys: Collection[Key]) -> bool:
        """Whether records with one of these keys wait."""
        return self.depth > 0 and any(key in self._waiting for key in keys)

    async def put(self, topic: str, records: Sequence[Record]) -> None:
        """Keep records, together with whatever others put in at this moment.

        Raises:
            SpoolFull: there is no room.
            BusUnavailable: the file does not take them.
        """
        size = sum(len(record.value) for record in records)
        if self.depth + len(records) > self._limits.records or self.size + size > self._limits.bytes:
            raise SpoolFull(f"spool full: {self.depth} records of {self.size} bytes wait for the log")
        # Counted before they are written: the drain may have taken them before we hear that they are.
        self._add(topic, records)
        self._oldest.setdefault(topic, time.time())
        task = asyncio.create_task(self._log.publish(topic, records))
        self._writing.add(task)
        task.add_done_callback(partial(self._written, topic, records))
        # Whoever gives up waiting does not stop the writing.
        await asyncio.shield(task)

    async def head(self, topic: str, limit: int) -> list[Received]:
        """The records that wait longest: at most `limit`, and fewer when they are large."""
        place = Partition(topic, 0)
        start, end = (await self._log.bounds(topic))[place]
        return await self._log.fetch(place, start, limit) if start < end else []

    async def done(self, topic: str, records: Sequence[Received]) -> None:
        """Forget the first records, once the log has them."""
        place = Partition(topic, 0)
        await self._log.prune(topic, math.inf, {place: records[-1].offset + 1})
        rest = await self.head(topic, 1)
        self._remove(topic, records)
        self._oldest.pop(topic, None)
        if rest:
            self._oldest[topic] = rest[0].published_at
        elif any(key[0] == topic for key in self._waiting):
            self._oldest[topic] = time.time()  # being written

    async def faults(self) -> list[str]:
        """What does not fit together in the file, in words."""
        return [f"spool: {words}" for words in await self._log.faults()]

    async def close(self) -> None:
        """Write what was handed in, and give the file back; what waits stays in it."""
        await self._log.close()
        os.close(self._lock)

    async def _count_left(self, topic: str) -> None:
        place = Partition(topic, 0)
        at, end = (await self._log.bounds(topic))[place]
        while at < end and (some := await self._log.fetch(place, at, _PAGE)):
            self._oldest.setdefault(topic, some[0].published_at)
            self._add(topic, some)
            at = some[-1].offset + 1

    def _written(self, topic: str, records: Sequence[Record], task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if task.cancelled() or task.exception() is not None:
            self._remove(topic, records)
            if not any(key[0] == topic for key in self._waiting):
                self._oldest.pop(topic, None)

    def _add(self, topic: str, records: Sequence[Record | Received]) -> None:
        self._waiting.update((topic, record.key) for record in records)
        self.depth += len(records)
        self.size += sum(len(record.value) for record in records)

    def _remove(self, topic: str, records: Sequence[Record | Received]) -> None:
        for record in records:
            key = (topic, record.key)
            self._waiting[key] -= 1
            if self._waiting[key] <= 0:
                del self._waiting[key]
        self.depth = max(0, self.depth - len(records))
        self.size = max(0, self.size - sum(len(record.value) for record in records))


async def look(path: Path, topics: Sequence[str]) -> SpoolBooks:
    """Count a spool from another process, beside the one that has it or without one. Makes nothing.

    Raises:
        BusUnavailable: the file cannot be read.
    """
    mark = path.with_name(f"{path.name}.id")
    if not await asyncio.to_thread(lambda: path.exists() or mark.exists()):
        return SpoolBooks(0, ())
    log = await EmbeddedBus.open(path, [])
    try:
        faults = [f"{path}: {words}" for words in await log.faults()]
        depth, waiting = 0, list[float]()
        for topic in topics:
            try:
                bounds: Mapping[Partition, tuple[int, int]] = await log.bounds(topic)
            except BusUnavailable as error:
                faults.append(str(error))
                continue
            depth += sum(end - start for start, end in bounds.values())
            first = {place: start for place, (start, end) in bounds.items() if start < end}
            waiting += (await log.published_at(first)).values()
        return SpoolBooks(depth, faults, min(waiting, default=None))
    finally:
        await log.close()


def _take(path: Path) -> int:
    """Lock the spool for this process; a lock ends with its process, however that ends."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise BusUnavailable(f"{lock}: {error.strerror}: make the folder, or the right to write there") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SpoolTaken(f"{path}: another process uses this spool: give each process of connectors its own") from error
    return descriptor
