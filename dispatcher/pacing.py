"""How many requests a second a hub is sent."""

import asyncio
import math
import time
from collections.abc import Callable

from runtime.delivery.rate import next_place


class Pace:
    """The rate of one process. What all processes deliver together is bounded where deliveries are claimed; this
    bounds what else is asked, and spreads what goes.
    """

    def __init__(self, rate: float | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`rate`: requests a second; None: no limit."""
        self._rate = rate
        self._monotonic = monotonic
        self._free_at = -math.inf

    def delay(self) -> float:
        """Take the next place; seconds until it comes."""
        if self._rate is None:
            return 0.0
        now = self._monotonic()
        place = next_place(self._free_at, now, self._rate)
        self._free_at = place + 1 / self._rate
        return max(place - now, 0.0)

    async def turn(self) -> None:
        """Wait for the next place."""
        wait = self.delay()
        if wait > 0:
            await asyncio.sleep(wait)
