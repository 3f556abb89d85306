"""One thread for one connection: the library blocks, the event loop must not, and the shared threads are few."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from connectors.imap.failures import MailboxUnavailable

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Worker:
    """Runs one call at a time."""

    def __init__(self, name: str, interrupt: Callable[[], None], limit: float) -> None:
        """`interrupt` makes a call that has begun fail; it is used on one that takes more than `limit` seconds."""
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
            self._interrupt()
            await asyncio.wait([running])
            if (failure := running.exception()) is not None and not isinstance(failure, MailboxUnavailable):
                raise failure from None
            raise MailboxUnavailable(f"the server took more than {self._limit:g} s for one answer") from None
        except asyncio.CancelledError:
            self._interrupt()
            await asyncio.wait([running])
            raise

    def close(self) -> None:
        """Take no more calls."""
        self._executor.shutdown(wait=False)
