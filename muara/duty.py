"""What a process is there for: whether it can do that, apart from all that is only worth reporting.

Acceptance comes first. A process that accepts is ready as long as it does so, also while the hub is away, the spool
drains, the database restarts or one source lacks its secret: whoever took it out of the traffic would lose messages
that it could have kept. A process that only reads the log is ready as long as log and database let it work.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from runtime.bus.passing import PassingBus
from runtime.bus.protocol import Bus, BusUnavailable, Record
from runtime.store.engine import Store, StoreUnavailable

_REMEMBERED = 30.0
"""Seconds after a refusal until the next sender may find out whether it still holds: traffic alone can tell."""
_PATIENCE = 2.0
"""Seconds for the database to answer a question about readiness."""
_REPORTED = ("dispatcher.hub.", "dispatcher.news.")
"""Parts of the dispatcher whose trouble is a hub's own."""


class WatchedBus(PassingBus):
    """Passes everything on, and remembers whether what is accepted is taken."""

    def __init__(self, bus: Bus, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(bus)
        self._now = now
        self._refused: tuple[float, str] | None = None

    @property
    def refusal(self) -> str | None:
        """Why nothing can be accepted at this moment; None when something was taken since, or long ago."""
        if self._refused is None or self._now() - self._refused[0] > _REMEMBERED:
            return None
        return self._refused[1]

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """As the bus behind it."""
        try:
            await super().publish(topic, records)
        except BusUnavailable as error:
            self._refused = self._now(), str(error)
            raise
        self._refused = None


def reading_stopped(problems: Mapping[str, str]) -> list[str]:
    """What keeps a service that reads the log from its work; a hub that is away is not among it."""
    return [f"{part}: {words}" for part, words in problems.items() if not part.startswith(_REPORTED)]


async def answering_stopped(store: Store) -> list[str]:
    """What keeps the feed from being answered: the database alone. A log that is away only makes it older."""
    try:
        async with asyncio.timeout(_PATIENCE), store.reading():
            return []
    except TimeoutError:
        return [f"the database does not answer within {_PATIENCE:g} s"]
    except StoreUnavailable as error:
        return [str(error)]
