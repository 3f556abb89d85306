"""Bounds on requests, enforced while they arrive and not after."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.requests import Request


class TooMany(Exception):
    """So many requests are inside already that one more is asked to come again."""


class TooLarge(Exception):
    """The body is larger than allowed."""


class TooSlow(Exception):
    """The body did not arrive in time."""


class UnsupportedEncoding(Exception):
    """The body is compressed, which is not taken: a small body could unpack to a huge one."""


class InFlight:
    """How many requests are inside at the moment. When all places are taken, whoever has been sending its body for
    longest gives way: a body comes within a moment, unless somebody wants to sit on the place.
    """

    def __init__(self, limit: int, *, moment: float = 1.0) -> None:
        """`moment`: seconds that every body is given, however many wait."""
        self._limit = limit
        self._moment = moment
        self._now = 0
        self._arriving: dict[asyncio.Timeout, float] = {}
        """Since when bodies are arriving; the oldest stands first."""

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Count one request in and out.

        Raises:
            TooMany: the house is full.
        """
        if self._now >= self._limit and not self._made_room():
            raise TooMany(f"{self._now} requests are being served")
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1

    @asynccontextmanager
    async def arriving(self, seconds: float) -> AsyncIterator[None]:
        """While a body arrives, for at most so many seconds.

        Raises:
            TimeoutError: they are over, or somebody else needs the place.
        """
        async with asyncio.timeout(seconds) as deadline:
            self._arriving[deadline] = asyncio.get_running_loop().time()
            try:
                yield
            finally:
                self._arriving.pop(deadline, None)

    def _made_room(self) -> bool:
        now = asyncio.get_running_loop().time()
        for deadline, since in self._arriving.items():
            if now - since < self._moment:
                return False
            del self._arriving[deadline]
            if not deadline.expired():
                deadline.reschedule(now)
            return True
        return False


async def read_body(
    request: Request,
    *,
    max_body: int,
    timeout: float,  # noqa: ASYNC109 a limit of the transport
    in_flight: InFlight | None = None,
) -> bytes:
    """The whole body, verbatim. `in_flight`: the places of which this request has one, which it may have to give up.

    Raises:
        TooLarge: it announces or has more than `max_body` bytes; no more than that is ever held.
        TooSlow: it took longer than `timeout` seconds, or gave way to others.
        UnsupportedEncoding: it is compressed.
        starlette.requests.ClientDisconnect: the sender went away.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedEncoding
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > max_body:
        raise TooLarge
    body = bytearray()
    try:
        async with in_flight.arriving(timeout) if in_flight else asyncio.timeout(timeout):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_body:
                    raise TooLarge
    except TimeoutError as error:
        raise TooSlow from error
    return bytes(body)
