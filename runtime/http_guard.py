"""What the HTTP server bears of those who mean no good: heads that never end, heads without bound, connections that
only wait, and bodies that go on after they were refused.

The application bounds the bodies that it reads (`runtime.request_limits`). What comes before and after is bounded here,
for the server itself has no limit for it.
"""

import asyncio
import json
import os
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_SPARE = 2
"""Of the files that a process may hold open, connections get one part in so many; the rest is for all else."""


def _most_connections(wanted: int) -> int:
    if os.name != "posix":
        return wanted
    import resource  # noqa: PLC0415 there is none on other systems

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if allowed == resource.RLIM_INFINITY else max(16, min(wanted, allowed // _SPARE))


class _Flood(Exception):
    """A head has too many fields."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection. What it is refused for is said as JSON, as everywhere."""

    head_seconds: ClassVar[float] = 10.0
    """In which the head of a request must have arrived, from the connection or from its first byte."""
    linger_seconds: ClassVar[float] = 10.0
    """For which the rest of a body is thrown away once its request is answered, so that its sender hears it."""
    head_bytes: ClassVar[int] = 64 * 1024
    """Of one head, about."""
    head_fields: ClassVar[int] = 100
    """Of one head."""
    most_connections: ClassVar[int] = _most_connections(2000)
    """At a time. One more makes the one give way that has been waiting longest with its head."""

    _timer: asyncio.TimerHandle | None = None
    waiting_since: float | None = None
    """Since when a head, or the rest of a body, is waited for."""
    _in_head = False
    _size = 0
    """Bytes of a head that is not whole."""
    _refusal: tuple[int, str, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the class above has it
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most_connections:
            guarded = (each for each in self.connections if isinstance(each, GuardedProtocol))
            waiting = (each for each in guarded if each.waiting_since is not None)
            slowest = min(waiting, key=lambda each: each.waiting_since or 0.0, default=self)
            slowest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._size += len(data)
            if self._size > self.head_bytes:
                self._flooded()
                self.send_400_response("")
                return
        if bool(self.cycle) and not self.cycle.response_complete:  # none before the first request
            self._rest()
        elif self._timer is None:
            self._wait()

    def on_message_begin(self) -> None:
        """See `httptools`."""
        self._in_head, self._size = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See `httptools`."""
        if len(self.headers) >= self.head_fields:
            self._flooded()
            raise _Flood
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """See `httptools`."""
        self._in_head = False
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """What is left of the body, or has come of the next head, has its time."""
        super().on_response_complete()
        if self.transport.is_closing() or not self.cycle.response_complete:
            return
        if self.cycle.more_body or self._in_head:
            self._wait(self.linger_seconds if self.cycle.more_body else self.head_seconds)

    def send_400_response(self, msg: str) -> None:
        """Refuse, and hang up."""
        del msg
        status, error, remedy = self._refusal or (400, "this is no HTTP request", "send HTTP/1.1 as RFC 9112 has it")
        body = json.dumps({"error": error, "remedy": remedy}).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _flooded(self) -> None:
        self._refusal = 431, "the head of the request is too large", "send fewer and shorter header fields"

    def _wait(self, seconds: float | None = None) -> None:
        self._rest()
        self.waiting_since = self.loop.time()
        self._timer = self.loop.call_later(self.head_seconds if seconds is None else seconds, self._too_late)

    def _rest(self) -> None:
        self.waiting_since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if not self._in_head:
            self.transport.abort()
            return
        self._refusal = 408, "the request did not arrive in time", "send it again, at once and whole"
        self.send_400_response("")
