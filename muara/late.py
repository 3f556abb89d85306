"""A service that begins when its database is there: away at the start is no worse than away later."""

from typing import Protocol

from muara.ground import Ground, HomeUnusable
from muara.versions import bring_up_to_date
from runtime.loops import Loop
from runtime.store.engine import StoreUnavailable
from runtime.telemetry.health import Health

_FOREVER = 86400.0


class Service(Protocol):
    """What begins, and says how it is."""

    health: Health

    async def start(self) -> None:
        """Begin to work."""

    async def stop(self) -> None:
        """Leave."""


class Late:
    """Tries to bring the tables of one service up to date, longer and longer between two tries, and then starts it."""

    def __init__(self, name: str, service: Service, ground: Ground) -> None:
        self.begun = False
        self._name = name
        self._service = service
        self._ground = ground
        self._loop = Loop(f"{name}.tables", self._begin, service.health, idle=_FOREVER)

    @property
    def waits(self) -> list[str]:
        """For what, in words; empty when it has begun."""
        words = self._service.health.problems.get(self._loop.name)
        return [] if self.begun or words is None else [f"{self._loop.name}: {words}"]

    def start(self) -> None:
        """Begin to try."""
        self._loop.start()

    async def stop(self) -> None:
        """Try no more; a service that has begun is not stopped by this."""
        await self._loop.stop()

    async def _begin(self) -> bool:
        if self.begun:
            return False
        try:
            await bring_up_to_date(self._ground.store, self._name, self._ground.home)
        except HomeUnusable as error:
            # It was away, so this could not be said at the start; whoever mends it need not start us again.
            raise StoreUnavailable(str(error)) from error
        await self._service.start()
        self.begun = True
        return False
