"""The loop of sources that Muara asks by itself: a round, a pause, until the process stops."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from runtime.delivery.backoff import Backoff

LONGEST_PAUSE = 300.0
"""Seconds between two tries of a source that is away."""


async def repeat(round_: Callable[[], Awaitable[bool]], interval: float, stopping: asyncio.Event) -> None:
    """Call `round_`, which says whether it went well, at intervals in seconds that grow while it does not.

    Part of a longer pause is chance, so that sources that failed together do not come back together. A round that has
    begun is ended before this returns, since one that is torn off could leave a connection open.
    """
    backoff = Backoff(timedelta(seconds=2 * interval), timedelta(seconds=max(interval, LONGEST_PAUSE)))
    failures = 0
    while not stopping.is_set():
        failures = 0 if await round_() else failures + 1
        await rest(backoff.after(failures).total_seconds() if failures else interval, stopping)


async def rest(seconds: float, stopping: asyncio.Event) -> None:
    """Wait, but not for longer than until the process stops."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
