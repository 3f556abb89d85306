"""Sends HTTP requests as fast as they are answered, or at a steady pace, with little work of its own.

Requests are bytes that were made before. At a pace, a request's time begins when it was due, not when a connection was
free for it: a server that stalls is charged for everybody who waited.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from recipes.inbound import Inbound


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    seconds: float
    """From the first request to the last answer."""
    waits: Sequence[float]
    """Seconds that each took, ordered."""
    statuses: Counter[int]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds, such as of 0.99."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))]

    def only(self, status: int) -> "Loaded":
        """This, when every answer was that one.

        Raises:
            RuntimeError: others came; says which.
        """
        if set(self.statuses) != {status}:
            raise RuntimeError(f"answers other than {status}: {dict(self.statuses)}")
        return self


def request(path: str, delivery: Inbound) -> bytes:
    """A POST of a webhook, as bytes."""
    head = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {delivery.media_type}",
        f"Content-Length: {len(delivery.body)}", *(f"{name}: {value}" for name, value in delivery.headers.items()),
    ]  # fmt: skip
    return "\r\n".join([*head, "", ""]).encode("ascii") + delivery.body


async def flood(url: str, requests: Sequence[bytes], *, connections: int) -> Loaded:
    """Each connection sends its next request when the last is answered."""
    run = _Run(requests)
    await run.connect(url, connections)
    begun = time.perf_counter()
    for connection in run.idle.copy():
        run.next(connection)
    return await run.end(begun)


async def pace(url: str, requests: Sequence[bytes], *, per_second: float, connections: int) -> Loaded:
    """A request every so often, whatever becomes of the others."""
    run = _Run(())
    run.expected = len(requests)
    await run.connect(url, connections)
    begun = time.perf_counter()
    for number, each in enumerate(requests):
        due = begun + number / per_second
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        run.waiting.append((due, each))
        run.serve()
    return await run.end(begun)


class _Run:
    def __init__(self, requests: Sequence[bytes]) -> None:
        self.expected = len(requests)
        self.idle: list[_Connection] = []
        self.waiting: deque[tuple[float | None, bytes]] = deque((None, each) for each in requests)
        self.waits: list[float] = []
        self.statuses: Counter[int] = Counter()
        self._all: list[_Connection] = []
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self, url: str, connections: int) -> None:
        parts = urlsplit(url)
        for _ in range(connections):
            _, made = await asyncio.get_running_loop().create_connection(
                lambda: _Connection(self), parts.hostname or "", parts.port or 80
            )
            self._all.append(made)
        self.idle = list(self._all)

    def next(self, connection: "_Connection") -> None:
        """Give a connection that is in `idle` its next request."""
        if self.waiting:
            self.idle.remove(connection)
            due, each = self.waiting.popleft()
            connection.send(each, due)

    def serve(self) -> None:
        while self.waiting and self.idle:
            self.next(self.idle[0])  # each in its turn, so that none is idle for long

    def answered(self, connection: "_Connection", status: int, wait: float) -> None:
        self.waits.append(wait)
        self.statuses[status] += 1
        self.idle.append(connection)
        self.next(connection)
        if len(self.waits) == self.expected and not self._done.done():
            self._done.set_result(None)

    def lost(self, connection: "_Connection", why: str, *, busy: bool) -> None:
        """A server may hang up on who is idle; not on who waits for an answer."""
        if connection in self.idle:
            self.idle.remove(connection)
        self._all = [each for each in self._all if each is not connection]
        if (busy or not self._all) and not self._done.done():
            self._done.set_exception(RuntimeError(f"a connection ended before its answer came: {why}"))

    async def end(self, begun: float) -> Loaded:
        try:
            async with asyncio.timeout(300):
                await self._done
        except TimeoutError:
            raise RuntimeError(f"{len(self.waits)} of {self.expected} requests were answered within 300 s") from None
        finally:
            for each in self._all:
                each.close()
        return Loaded(time.perf_counter() - begun, sorted(self.waits), self.statuses)


class _Connection(asyncio.Protocol):
    """One connection, kept alive; answers have a `Content-Length`."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._begun = 0.0
        self._busy = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, what: bytes, due: float | None) -> None:
        assert self._transport is not None  # noqa: S101 connected before
        self._busy = True
        self._begun = time.perf_counter() if due is None else due
        self._transport.write(what)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        status, self._buffer, self._busy = int(head[9:12]), self._buffer[end + 4 + length :], False
        self._run.answered(self, status, time.perf_counter() - self._begun)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(self, str(exc or "the server hung up"), busy=self._busy)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
