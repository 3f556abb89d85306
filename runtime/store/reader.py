"""How every service reads a topic: a batch is written together with its positions, and only then told to the log."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from runtime.bus.protocol import Bus, Consumer, OnGap, Received
from runtime.store.engine import Store
from runtime.store.positions import PositionMoved, PositionTable

log = structlog.get_logger()

Written = TypeVar("Written")


@dataclass(frozen=True, slots=True)
class Taken(Generic[Written]):
    """A batch, and what writing it gave."""

    records: Sequence[Received]
    written: Written


class LogReader(Generic[Written]):
    """Reads one topic as a member of a group. Subscribes at the first look."""

    def __init__(
        self,
        bus: Bus,
        group: str,
        topic: str,
        positions: PositionTable,
        store: Store,
        *,
        on_gap: OnGap | None = None,
        late: bool = False,
        most: int = 500,
        wait: float = 0.5,
    ) -> None:
        """`positions` are written with the batches, into `store`; `on_gap` hears of records that the log has lost, and
        by default notes them there. `late`: it may be added to a log that is old already; see `PositionTable.begin`.
        `most` records are taken at once; a look waits `wait` seconds for any.
        """
        self._bus = bus
        self._group = group
        self._topic = topic
        self._table = positions
        self._store = store
        self._late = late
        self._positions = positions.source(store)
        self._on_gap = on_gap or positions.on_gap(store)
        self._most = most
        self._wait = wait
        self._consumer: Consumer | None = None

    async def take(self, write: Callable[[Sequence[Received]], Awaitable[Written]]) -> Taken[Written] | None:
        """One look; None when nothing came, or when another instance has these records.

        `write` writes a batch and its positions in one transaction, or nothing. Whatever it raises is raised; the
        batch comes again.

        Raises:
            BusUnavailable: the log cannot be read.
            StoreUnavailable: a late reader cannot note where it begins.
        """
        if self._consumer is None:
            if self._late:
                await self._begin()
            self._consumer = await self._bus.subscribe(self._group, [self._topic], self._positions, self._on_gap)
        consumer = self._consumer
        batch = await consumer.poll(self._most, self._wait)
        records = [record for partition in sorted(batch) for record in batch[partition]]
        if not records:
            return None
        try:
            written = await write(records)
        except PositionMoved as moved:
            log.warning("position_moved", group=self._group, topic=self._topic, reason=str(moved))
            await consumer.rewind()
            return None
        except BaseException:
            await consumer.rewind()
            raise
        await consumer.commit({partition: batch[partition][-1].offset + 1 for partition in batch})
        return Taken(records, written)

    async def _begin(self) -> None:
        starts = await self._bus.starts(self._topic)
        async with self._store.writing() as connection:
            first = await self._table.begin(connection, starts)
        if first and any(starts.values()):
            removed = sum(starts.values())
            log.info("reading begins at the first record kept", group=self._group, topic=self._topic, removed=removed)

    async def close(self) -> None:
        """Leave the group."""
        if self._consumer is not None:
            await self._consumer.close()
            self._consumer = None
