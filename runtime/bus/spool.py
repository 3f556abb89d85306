"""Accepts while the log is away: a `Bus` before a `Bus`, with a bounded file on this machine in between.

A publication goes to the log; what the log does not confirm in time goes to the spool, and is durable there when
`publish` returns. The spool is drained in order, with the same bytes. What the log took although nobody heard of it
comes twice, under the same message ids, which is harmless. While records of a key wait, later ones of that key go
behind them; so each key stays in order. While the log is away nobody waits for it: only the drain tries.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from runtime.bus.passing import PassingBus
from runtime.bus.protocol import Bus, BusUnavailable, Record
from runtime.bus.spool_file import Spool, SpoolFull, SpoolLimits
from runtime.bus.turns import Turns
from runtime.fault_points import reached
from runtime.loops import Loop
from runtime.telemetry.health import Health

PART = "spool"
"""Under this name its problems stand in the health."""
_BATCH = 500
"""Records of one publication of the drain."""
_LONGEST_WAIT = 2.0
"""Seconds between two tries of a log that is away: about as long it goes on spooling when the log is back."""
_LARGEST = 16 * 1024 * 1024
_log = structlog.get_logger("muara.spool")


class SpoolingBus(PassingBus):
    """The `Bus` protocol; some topics are spooled while the bus behind it is away. Make it with `open`."""

    def __init__(
        self,
        bus: Bus,
        spool: Spool,
        topics: Sequence[str],
        *,
        registry: CollectorRegistry,
        health: Health,
        patience: float = 2.0,
        drain_patience: float = 15.0,
        stuck_after: float = 60.0,
        largest: int = _LARGEST,
    ) -> None:
        """Draining begins at once.

        Args:
            bus: the log. It is closed with this one.
            spool: made for the same topics.
            topics: those that are spooled; publications of others go to the log alone.
            registry: takes the metrics.
            health: has a problem while the drain is stuck, or the spool is full.
            patience: seconds that a publication waits for the log before it is spooled; less than its sender waits.
            drain_patience: seconds that the drain waits for the log; more than the log needs to call itself away.
            stuck_after: age in seconds of the oldest record from which on a drain that fails is a problem.
            largest: bytes of a value from which on a record is never spooled: the log might refuse it for ever, and
                nothing behind it would come through.
        """
        super().__init__(bus)
        self._spool = spool
        self._topics = tuple(topics)
        self._health = health
        self._patience = patience
        self._drain_patience = drain_patience
        self._stuck_after = stuck_after
        self._largest = largest
        self._turns = Turns()
        self._away = False
        self._closing = False
        self._sending: asyncio.Task[None] | None = None
        self._measure(registry)
        # A short outage is none of anybody's business: the loop's own complaints are not the service's.
        self._loop = Loop("log.spool", self._drain, Health(), idle=1.0, longest_wait=_LONGEST_WAIT)
        self._loop.start()

    @classmethod
    async def open(
        cls,
        bus: Bus,
        path: Path,
        topics: Sequence[str],
        *,
        registry: CollectorRegistry,
        health: Health,
        limits: SpoolLimits | None = None,
        patience: float = 2.0,
        stuck_after: float = 60.0,
    ) -> Self:
        """Open the spool's file, or make it, and begin to drain what is in it. The bus may be away.

        Raises:
            SpoolTaken: another process uses this file.
            BusUnavailable: the file cannot be used; says why and what to do.
        """
        spool = await Spool.open(path, topics, limits)
        return cls(bus, spool, topics, registry=registry, health=health, patience=patience, stuck_after=stuck_after)

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append records to the log, or to the spool. They are durable when this returns.

        Raises:
            SpoolFull: the log is away and the spool has no room.
            BusUnavailable: neither takes them; or the log does not, and the topic is not spooled.
        """
        if topic not in self._topics or any(len(record.value) > self._largest for record in records):
            await self._bus.publish(topic, records)
            return
        if self._closing:
            raise BusUnavailable("the log is closed")
        keys = {(topic, record.key) for record in records}
        async with self._turns.take(keys):
            # Nothing in the spool means that nobody else would find out whether the log is back.
            away = self._away and self._spool.depth > 0
            if not away and not self._spool.holds(keys) and await self._sent(topic, records):
                return
            await self._keep(topic, records)

    async def faults(self) -> list[str]:
        """What is wrong with the log or the spool."""
        return [*await self._bus.faults(), *await self._spool.faults()]

    def spooled(self) -> int:
        """How many records wait in the spool: accepted, and in flight."""
        return self._spool.depth

    async def close(self) -> None:
        """Close the log and the spool. What is spooled waits for the next start. Closing twice is closing once."""
        if self._closing:
            return
        self._closing = True
        if self._sending is not None:
            self._sending.cancel()
        await self._loop.stop()
        await self._spool.close()
        await self._bus.close()

    async def _sent(self, topic: str, records: Sequence[Record]) -> bool:
        """Whether the log confirmed the records. If not, nothing is known of them."""
        try:
            async with asyncio.timeout(self._patience):
                await self._bus.publish(topic, records)
        except (BusUnavailable, OSError) as error:  # among them TimeoutError
            if not self._away:
                _log.warning("log away: spooling", reason=str(error) or f"no answer within {self._patience:g} s")
            self._away = True
            return False
        self._away = False
        return True

    async def _keep(self, topic: str, records: Sequence[Record]) -> None:
        try:
            await self._spool.put(topic, records)
        except SpoolFull as error:
            self._health.problem(PART, f"{error}: nothing is accepted until the log is back")
            raise
        reached("connectors.spooled")
        self._spooled.inc(len(records))
        self._loop.wake()

    async def _drain(self) -> bool:
        """One batch of each topic; says whether there may be more."""
        if self._closing:
            return False
        try:
            moved = [await self._drain_some(topic) for topic in self._topics]
        except Exception as error:
            self._away = True
            oldest = self._spool.oldest
            if oldest is not None and time.time() - oldest > self._stuck_after:
                self._health.problem(
                    PART, f"{self._spool.depth} accepted records wait for the log; it does not take them: {error}"
                )
            raise
        if self._spool.depth == 0:
            self._health.well(PART)
        if any(moved) and self._spool.depth == 0:
            _log.info("spool drained")
        return any(moved) and self._spool.depth > 0

    async def _drain_some(self, topic: str) -> bool:
        batch = await self._spool.head(topic, _BATCH)
        if not batch:
            return False
        records = [Record(each.key, each.value, each.headers) for each in batch]
        self._sending = asyncio.create_task(self._bus.publish(topic, records))
        await asyncio.wait({self._sending}, timeout=self._drain_patience)
        if not self._sending.done():
            self._sending.cancel()
            await asyncio.wait({self._sending})
            if self._sending.cancelled():
                raise BusUnavailable(f"the log did not confirm within {self._drain_patience:g} s")
        if self._sending.cancelled():
            return False  # we close
        self._sending.result()
        self._away = False
        reached("connectors.drained")
        await self._spool.done(topic, batch)
        self._drained.inc(len(batch))
        self._health.well(PART)
        return True

    def _measure(self, registry: CollectorRegistry) -> None:
        Gauge(
            "muara_spool_depth", "Accepted records that wait for the log on this machine.", registry=registry
        ).set_function(lambda: self._spool.depth)
        Gauge(
            "muara_spool_oldest_age_seconds", "Age of the record that waits longest; 0: none waits.", registry=registry
        ).set_function(self._age)
        self._spooled = Counter(
            "muara_spool_records_total",
            "Records that were spooled, since the log did not take them.",
            registry=registry,
        )
        self._drained = Counter(
            "muara_spool_drained_records_total", "Spooled records that the log has now.", registry=registry
        )

    def _age(self) -> float:
        oldest = self._spool.oldest
        return 0.0 if oldest is None else max(0.0, time.time() - oldest)
