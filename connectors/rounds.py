"""The loop of sources that Muara asks by itself: a round, a pause, until the process stops."""

import asyncio
from collections.abc import Awaitable, Callable

LONGEST_PAUSE = 300.0
"""Seconds between two tries of a source that is away."""


async def repeat(round_: Callable[[], Awaitable[bool]], interval: float, stopping: asyncio.Event) -> None:
    """Call `round_`, which says whether it went well, at intervals that grow while it does not.

    A round that has begun is ended before this returns, since one that is torn off could leave a connection open.
    """
    failures = 0
    while not stopping.is_set():
        failures = 0 if await round_() else failures + 1
        await rest(min(interval * float(2 ** min(failures, 16)), max(interval, LONGEST_PAUSE)), stopping)


async def rest(seconds: float, stopping: asyncio.Event) -> None:
    """Wait, but not for longer than until the process stops."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
