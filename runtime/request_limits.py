"""Bounds on requests, enforced while they arrive and not after."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

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
    """How many requests are inside at the moment."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._now = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Count one request in and out.

        Raises:
            TooMany: the house is full.
        """
        if self._now >= self._limit:
            raise TooMany(f"{self._now} requests are being served")
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1


async def read_body(request: Request, *, max_body: int, timeout: float) -> bytes:  # noqa: ASYNC109 a limit of the transport
    """The whole body, verbatim.

    Raises:
        TooLarge: it announces or has more than `max_body` bytes; no more than that is ever held.
        TooSlow: it took longer than `timeout` seconds.
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
        async with asyncio.timeout(timeout):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_body:
                    raise TooLarge
    except TimeoutError as error:
        raise TooSlow from error
    return bytes(body)
