"""Breaks a connection at an exact byte of an answer.

ASGI knows messages, not bytes: headers such as `date` are written by the server below it. So the server's own protocol
is given a transport that counts what is written, and the request's scope is given the handle to arm it. That works for
any answer on a connection that is kept alive, since the count begins where it is armed.
"""
# ruff: noqa: D102 - the methods without a docstring are those of asyncio's and uvicorn's own interfaces

import asyncio
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

EXTENSION = "muara.sandbox.cutter"
"""Key of the `Cutter` in the ASGI scope's extensions."""

Break = Literal["fin", "rst"]
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where an answer ends: after `count` bytes of it, headers included, or of its body, with `past_headers`."""

    count: int
    how: Break = "fin"
    past_headers: bool = False


class CuttingTransport(asyncio.Transport):
    """Passes everything on, until it is told to stop within the bytes of the next answer."""

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._left: int | None = None
        self._how: Break = "fin"
        self._past_headers = False
        self._cut = False

    def cut_after(self, count: int, how: Break, *, past_headers: bool) -> None:
        """Let `count` more bytes through (of the body, with `past_headers`), then break the connection."""
        self._left, self._how, self._past_headers = count, how, past_headers

    def break_now(self) -> None:
        """Break an armed connection although fewer bytes than allowed were written."""
        if self._left is None or self._cut:
            return
        self._cut = True
        if self._how == "rst":
            # Only bytes still in the buffer of this process would be lost by the abort; small answers never are there.
            raw = self._inner.get_extra_info("socket")
            if raw is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._inner.abort()
        else:
            self._inner.close()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._left is None:
            self._inner.write(data)
            return
        if self._cut:
            return
        if self._past_headers:  # the server writes all headers at once, and first
            self._left += bytes(data).index(b"\r\n\r\n") + 4
            self._past_headers = False
        passed = bytes(data[: self._left])
        self._left -= len(passed)
        if passed:
            self._inner.write(passed)
        if self._left == 0:
            self.break_now()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's own signature
        return self._inner.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._cut or self._inner.is_closing()

    def close(self) -> None:
        self._inner.close()

    def abort(self) -> None:
        self._inner.abort()

    def pause_reading(self) -> None:
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._inner.resume_reading()

    def is_reading(self) -> bool:
        return self._inner.is_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inner.get_protocol()

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size()


class Cutter:
    """The handle by which a request's answer is cut."""

    def __init__(self, transport: CuttingTransport) -> None:
        self._transport = transport

    def arm(self, cut: Cut) -> None:
        """Break the connection within the answer that is about to be sent."""
        self._transport.cut_after(cut.count, cut.how, past_headers=cut.past_headers)

    def finish(self) -> None:
        """Break it now, if the whole answer was shorter than that."""
        self._transport.break_now()


class CuttingProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, over a transport that can be cut."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False  # the hub keeps its own log of requests
        self._cutter: Cutter | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        cutting = CuttingTransport(transport)
        self._cutter = Cutter(cutting)
        super().connection_made(cutting)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"cutter": self._cutter}}
