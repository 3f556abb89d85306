"""Bounds on requests, enforced while they arrive and not after."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

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
    """How many requests are inside at the moment, and how much of them is held. When there is no room for one more,
    whoever has been sending its body for longest gives way: a body comes within a moment, unless somebody wants to sit
    on the place.
    """

    def __init__(self, limit: int, *, most_bytes: int = 128 * 1024 * 1024, moment: float = 1.0) -> None:
        """`most_bytes`: of all bodies together; `moment`: seconds that every body is given, however many wait."""
        self._limit = limit
        self._most_bytes = most_bytes
        self._moment = moment
        self._now = 0
        self._held = 0
        self._arriving: dict[asyncio.Timeout, float] = {}
        """Since when bodies are arriving; the oldest stands first."""

    @contextmanager
    def enter(self) -> Iterator["Place"]:
        """Count one request in and out.

        Raises:
            TooMany: the house is full.
        """
        if self._now >= self._limit and not self._made_room():
            raise TooMany(f"{self._now} requests are being served")
        self._now += 1
        place = Place(self)
        try:
            yield place
        finally:
            self._now -= 1
            self._held -= place.held

    @asynccontextmanager
    async def arriving(self, seconds: float) -> AsyncIterator[None]:
        """While a body arrives, for at most so many seconds.

        Raises:
            TimeoutError: they are over, or somebody else needs the room.
        """
        async with asyncio.timeout(seconds) as deadline:
            self._arriving[deadline] = asyncio.get_running_loop().time()
            try:
                yield
            finally:
                self._arriving.pop(deadline, None)

    def hold(self, length: int) -> None:
        """Count bytes that are held from now on.

        Raises:
            TooMany: there is no room for them.
        """
        if self._held + length > self._most_bytes and not self._made_room():
            raise TooMany(f"{self._held} bytes of requests are being read")
        self._held += length

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


class Place:
    """That of one request."""

    def __init__(self, house: InFlight) -> None:
        self._house = house
        self.held = 0
        """Bytes of its body so far."""

    def arriving(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """See `InFlight.arriving`."""
        return self._house.arriving(seconds)

    def hold(self, length: int) -> None:
        """See `InFlight.hold`."""
        self._house.hold(length)
        self.held += length


async def read_body(
    request: Request,
    *,
    max_body: int,
    timeout: float,  # noqa: ASYNC109 a limit of the transport
    place: Place | None = None,
) -> bytes:
    """The whole body, verbatim. `place`: that of this request, which it may have to give up.

    Raises:
        TooLarge: it announces or has more than `max_body` bytes; no more than that is ever held.
        TooSlow: it took longer than `timeout` seconds, or gave way to others.
        TooMany: there is no room for it.
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
        async with place.arriving(timeout) if place else asyncio.timeout(timeout):
            async for chunk in request.stream():
                if len(body) + len(chunk) > max_body:
                    raise TooLarge
                if place:
                    place.hold(len(chunk))
                body += chunk
    except TimeoutError as error:
        raise TooSlow from error
    return bytes(body)
