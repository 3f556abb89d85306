"""A simulated SMSC: it speaks SMPP 3.4 over a socket, keeps each message until it is confirmed, and can misbehave.

Written from the protocol, without the code that it tries.
"""

import asyncio
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

BIND_RECEIVER, BIND_TRANSCEIVER, UNBIND, ENQUIRE, DELIVER, DATA = 0x01, 0x09, 0x06, 0x15, 0x05, 0x103
RESPONSE = 0x80000000
TO = "1708"


def frame(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return struct.pack("!IIII", 16 + len(body), command, status, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack("!HH", tag, len(value)) + value


def delivery(
    octets: bytes,
    sender: str = "6281100000231",
    *,
    coding: int = 0,
    esm: int = 0,
    ton: int = 1,
    npi: int = 1,
    optional: bytes = b"",
    service: str = "",
) -> bytes:
    """The body of a `deliver_sm`."""
    source = bytes((ton, npi)) + sender.encode() + b"\0"
    destination = bytes((0, 1)) + TO.encode() + b"\0"
    numbers = bytes((esm, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0, len(octets)))
    return service.encode() + b"\0" + source + destination + numbers + octets + optional


def data_delivery(octets: bytes, sender: str) -> bytes:
    """The body of a `data_sm`."""
    ends = bytes((1, 1)) + sender.encode() + b"\0" + bytes((0, 1)) + TO.encode() + b"\0"
    return b"\0" + ends + bytes((0, 0, 8)) + tlv(0x0424, octets)


@dataclass
class Held:
    """A message that the SMSC keeps."""

    ident: str
    body: bytes
    command: int = DELIVER
    sent: bool = False
    """On this connection, and not refused since."""
    statuses: list[int] = field(default_factory=list)


class Smsc:
    """One account. `async with` listens."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.system_id, self.password = "kota", "sandi123"
        self.window = 1_000
        self.mute = False
        """Answers nothing at all."""
        self.deaf = False
        """Answers nothing but the login."""
        self.hold_answers = False
        """Reads no answers: as if they were lost on the way."""
        self.held: dict[str, Held] = {}
        self.confirmed: list[str] = []
        self.binds: list[int] = []
        self.unbinds = 0
        self.enquired = 0
        self.met = 0
        """Frames that came."""
        self.heard_back: list[tuple[int, int, int]] = []
        """Responses to what was sent by `raw`: command, status, sequence."""
        self.changed = asyncio.Event()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._port = 0
        self._sequence = 100
        self._under_way: dict[int, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, ssl=self._tls)
        self._port = self.port
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def bound(self) -> bool:
        return self._writer is not None

    def settings(self, **more: object) -> dict[str, object]:
        """What a source of ours says."""
        return {"host": "127.0.0.1", "port": self.port, "system_id": self.system_id, **more}

    def put(self, ident: str, body: bytes, command: int = DELIVER) -> None:
        """It has one more message."""
        self.held[ident] = Held(ident, body, command)
        self._deliver()

    def again(self) -> None:
        """Send what was refused once more."""
        for each in self.held.values():
            each.sent = each in self._under_way.values()
        self._deliver()

    def raw(self, sent: bytes) -> None:
        """Send whatever bytes."""
        assert self._writer is not None
        self._writer.write(sent)

    def ask(self, command: int, body: bytes = b"") -> int:
        """Send a request of its own; returns its number."""
        self._sequence += 1
        self.raw(frame(command, 0, self._sequence, body))
        return self._sequence

    def hang_up(self) -> None:
        """Cut the connection."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def until(self, true: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until a condition of no arguments holds."""
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                with suppress(TimeoutError):  # look again
                    async with asyncio.timeout(0.05):
                        await self.changed.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while True:
                length, command, status, sequence = struct.unpack("!IIII", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                self.met += 1
                self._met(writer, command, status, sequence, body)
                self.changed.set()
                if command == UNBIND:
                    return
        except (OSError, EOFError, asyncio.CancelledError):
            return
        finally:
            if self._writer is writer:
                self._writer = None
            writer.close()
            self.changed.set()

    def _met(self, writer: asyncio.StreamWriter, command: int, status: int, sequence: int, body: bytes) -> None:
        if command in (BIND_RECEIVER, BIND_TRANSCEIVER) and not self.mute:
            refusal = self._login(body)
            writer.write(frame(command | RESPONSE, refusal, sequence, b"SIMULASI\0"))
            self.binds.append(refusal)
            if refusal == 0:
                self._writer = writer
                self._under_way.clear()
                for each in self.held.values():
                    each.sent = False
                self._deliver()
        elif self.deaf or self.mute:
            return
        elif command == ENQUIRE:
            self.enquired += 1
            if not self.hold_answers:
                writer.write(frame(ENQUIRE | RESPONSE, 0, sequence))
        elif command == UNBIND:
            self.unbinds += 1
            writer.write(frame(UNBIND | RESPONSE, 0, sequence))
        elif self.hold_answers:
            return
        elif (held := self._under_way.pop(sequence, None)) is not None:
            assert command == held.command | RESPONSE
            held.statuses.append(status)
            if status == 0:
                self.confirmed.append(held.ident)
                del self.held[held.ident]
            self._deliver()
        else:
            self.heard_back.append((command, status, sequence))

    def _login(self, body: bytes) -> int:
        system_id, password = body.split(b"\0")[:2]
        if system_id.decode() != self.system_id:
            return 0x0F
        if password.decode() != self.password:
            return 0x0E
        return 0x05 if self._writer is not None else 0

    def _deliver(self) -> None:
        for each in self.held.values():
            if self._writer is None or len(self._under_way) >= self.window:
                return
            if not each.sent:
                each.sent = True
                self._sequence += 1
                self._under_way[self._sequence] = each
                self._writer.write(frame(each.command, 0, self._sequence, each.body))
