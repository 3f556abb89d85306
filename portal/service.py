"""The portal as a running service: its consumer, its routes, its gauges."""

from collections.abc import Sequence

import structlog
from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from portal import ledger
from portal import tables as t
from portal.api import router
from portal.feed import Feed
from portal.keys import KeyEntry, Keys
from portal.metrics import PortalMetrics
from portal.projection import Projection, Written
from runtime.bus.protocol import Bus, Gap, Received
from runtime.clock import Clock, system_clock
from runtime.fault_points import reached
from runtime.loops import Loop
from runtime.store.engine import Store
from runtime.store.reader import LogReader
from runtime.telemetry.health import Health
from schemas.ledger import ServiceLedger
from schemas.topics import COMPLAINTS

log = structlog.get_logger()

_BATCH = 500
_POLL = 0.2
"""Seconds that the consumer waits for news before it looks whether to stop."""
_MEASURE = 5.0
"""Seconds between two looks at what the gauges show."""


class Portal:
    """Everything that the portal does. `router` is mounted on the process's HTTP server."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        *,
        keys: Sequence[KeyEntry],
        registry: CollectorRegistry,
        clock: Clock = system_clock,
    ) -> None:
        """Raises `ValueError` when two keys have the same id."""
        self._bus = bus
        self._store = store
        self._clock = clock
        self._metrics = PortalMetrics(registry)
        self._feed = Feed(store)
        self._projection = Projection(store, clock)
        self._reader = LogReader[Written](
            bus, "muara.portal", COMPLAINTS.name, t.positions, store, on_gap=self._on_gap, most=_BATCH, wait=_POLL
        )
        self.router: APIRouter = router(self._feed, Keys(keys), self._metrics)
        self.health = Health()
        self._loops = [
            Loop("portal.feed", self._read, self.health, idle=0),
            Loop("portal.gauges", self._measure, self.health, idle=_MEASURE),
        ]

    async def start(self) -> None:
        """Begin to read."""
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Finish what is in hand, and leave."""
        for loop in self._loops:
            await loop.stop()
        await self._reader.close()

    async def ledger(self) -> ServiceLedger:
        """What the tables say.

        Raises:
            StoreUnavailable: the database does not work.
        """
        return await ledger.read(self._store)

    async def _read(self) -> bool:
        taken = await self._reader.take(self._write)
        if taken is None:
            return True
        written = taken.written
        self._metrics.written(
            {"appeared": written.appeared, "passed_over": written.passed_over, "unreadable": written.unreadable},
            written.subjects,
        )
        now = self._clock().timestamp()
        for record in taken.records:
            self._metrics.delay.observe(max(0.0, now - record.published_at))
        return True

    async def _write(self, records: Sequence[Received]) -> Written:
        written = await self._projection.write(records)
        reached("portal.committed")
        return written

    async def _on_gap(self, gap: Gap) -> None:
        log.error(
            "records_lost",
            topic=gap.partition.topic,
            partition=gap.partition.number,
            first=gap.position,
            count=gap.start - gap.position,
            remedy="the retention of the log is shorter than the portal was away: lengthen it",
        )
        await t.positions.on_gap(self._store)(gap)

    async def _measure(self) -> bool:
        ends = await self._bus.ends(COMPLAINTS.name)
        read = await t.positions.source(self._store)(list(ends))
        for partition, end in ends.items():
            self._metrics.lag(partition, max(0, end - read.get(partition, 0)))
        self._metrics.entries.set(await self._feed.length())
        return False
