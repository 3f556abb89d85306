"""One thread for one connection: the library blocks, the event loop must not, and the shared threads are few."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from connectors.imap.failures import MailboxUnavailable

_GRACE = 2.0
"""Seconds in which an interrupted call ends, if it can be interrupted."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Worker:
    """Runs one call at a time."""

    def __init__(self, name: str, interrupt: Callable[[], None], limit: float) -> None:
        """`interrupt` makes a call that has begun fail; it is used on one that takes more than `limit` seconds."""
        self._name = name
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._interrupt = interrupt
        self._limit = limit

    async def call(self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What the function returns or raises.

        Raises:
            MailboxUnavailable: it took too long.
        """
        call = partial(function, *args, **kwargs)
        running = asyncio.get_running_loop().run_in_executor(self._executor, call)
        try:
            async with asyncio.timeout(self._limit):
                return await asyncio.shield(running)
        except TimeoutError:
            await self._give_up(running)
            raise MailboxUnavailable(f"the server took more than {self._limit:g} s for one answer") from None
        except asyncio.CancelledError:
            await self._give_up(running)
            raise

    async def _give_up(self, running: asyncio.Future[_T]) -> None:
        self._interrupt()
        running.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else asks
        await asyncio.wait([running], timeout=_GRACE)
        if not running.done():  # while it connects, nothing can interrupt it: it is left alone with its thread
            self._executor.shutdown(wait=False)
            self._executor = ThreadPoolExecutor(1, thread_name_prefix=self._name)

    def close(self) -> None:
        """Take no more calls."""
        self._executor.shutdown(wait=False)
