"""How many requests a second a hub is sent."""

import asyncio
import math
import time
from collections.abc import Callable

BURST = 2.0
"""Seconds of the rate that may go at once after a quiet time."""


class Pace:
    """A rate of one process: several that serve one hub share it by dividing the number in their profile."""

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
        # Whoever was quiet has saved up places, but no more than a short burst, and always one.
        saved = max(BURST - 1 / self._rate, 0.0)
        place = max(self._free_at, now - saved)
        self._free_at = place + 1 / self._rate
        return max(place - now, 0.0)

    async def turn(self) -> None:
        """Wait for the next place."""
        wait = self.delay()
        if wait > 0:
            await asyncio.sleep(wait)
