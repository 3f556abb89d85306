"""Publishing what the outbox holds, without anybody waiting for a log that is away."""

from collections.abc import Sequence

from dispatcher import tables as t
from runtime.bus.protocol import Bus, BusUnavailable
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.outbox import Outgoing
from runtime.telemetry.health import Health

SWEEPER = "dispatcher.sweeper"


class Publisher:
    """Publishes events that are safe in the outbox already."""

    def __init__(self, bus: Bus, store: Store, health: Health) -> None:
        self._bus = bus
        self._store = store
        self._health = health

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish now; what cannot be is left to the sweeper."""
        if not events:
            return
        try:
            await t.outbox.publish(self._store, self._bus, events)
        except (BusUnavailable, StoreUnavailable) as away:
            self._health.problem(SWEEPER, str(away))

    async def sweep(self) -> bool:
        """Publish what a crash or an absent log left behind; says whether there was any."""
        return await t.outbox.sweep(self._store, self._bus) > 0
