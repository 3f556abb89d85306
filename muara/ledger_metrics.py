"""Exports the ledger's sums, counted as `muara audit` counts them. One service does it, the portal, from one place."""

import time

from prometheus_client import CollectorRegistry, Gauge

from muara.audit import Audit, audit
from muara.ground import Ground
from runtime.loops import Loop
from runtime.telemetry.health import Health

_EVERY = 10.0
"""Seconds between two counts, at the least."""
_SHARE = 20
"""The count may take one in so many seconds: it grows with what is stored, and must not eat the database."""
_MESSAGES = ("received", "complaints", "merged", "ignored", "dead", "redelivered", "in_flight")


class LedgerMetrics:
    """Counts in the background."""

    def __init__(self, ground: Ground, registry: CollectorRegistry) -> None:
        self._ground = ground
        self._next = 0.0
        self._messages = Gauge(
            "muara_ledger_messages",
            "Messages by what became of them, as `muara audit` counts; received = complaints + merged + ignored + dead"
            " + what is in flight on the log",
            ["state"],
            registry=registry,
        )
        self._deliveries = Gauge(
            "muara_ledger_deliveries",
            "Complaints at hubs by what became of them, as `muara audit` counts; doubled must be 0",
            ["state"],
            registry=registry,
        )
        self._balanced = Gauge("muara_ledger_balanced", "1 when every sum of the ledger holds", registry=registry)
        self._at = Gauge(
            "muara_ledger_timestamp_seconds",
            "When the ledger was last counted, seconds since the epoch",
            registry=registry,
        )
        self._took = Gauge("muara_ledger_count_seconds", "How long the last count took", registry=registry)
        # What is away is the trouble of whoever needs it; here only the numbers grow old then.
        self._loop = Loop("ledger.count", self._count, Health(), idle=1.0)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """End."""
        await self._loop.stop()

    async def _count(self) -> bool:
        begun = time.monotonic()
        if begun < self._next:
            return False
        self._show(await audit(self._ground))
        took = time.monotonic() - begun
        self._took.set(took)
        self._next = begun + max(_EVERY, took * _SHARE)
        return False

    def _show(self, found: Audit) -> None:
        for name, count in found.terms.items():
            (self._messages if name in _MESSAGES else self._deliveries).labels(name).set(count)
        self._balanced.set(found.balanced)
        self._at.set_to_current_time()
