"""A TCP proxy that can do what networks do: break, refuse, and fall silent."""

import asyncio
from typing import Self

LOOPBACK = "127.0.0.1"
_CHUNK = 64 * 1024


class Proxy:
    """Passes bytes on between a port of its own and another one, until it is told otherwise."""

    def __init__(self, target: int, *, port: int = 0) -> None:
        """`target` is the port behind it, and may change; `port` its own, 0 for a free one."""
        self.target = target
        self.port = port
        self.refusing = False
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._pairs: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        if self._pairs:
            await asyncio.wait(self._pairs)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._pairs)

    def cut(self) -> int:
        """Reset every open connection, on both sides; returns how many there were."""
        pairs = list(self._pairs)
        for pair in pairs:
            pair.cancel()
        return len(pairs)

    def refuse(self) -> None:
        """Cut all, and reset each new connection at once, until `mend`."""
        self.refusing = True
        self.cut()

    def stall(self) -> None:
        """Connections stay open and new ones are taken, but nothing passes any more, until `mend`."""
        self._flowing.clear()

    def mend(self) -> None:
        """Work as a network should."""
        self.refusing = False
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        pair = asyncio.create_task(self._connect(reader, writer))
        self._pairs.add(pair)
        pair.add_done_callback(self._pairs.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await self._flowing.wait()
            behind, ahead = await asyncio.open_connection(LOOPBACK, self.target)
            writers.append(ahead)
            await asyncio.gather(self._pass(reader, ahead), self._pass(behind, writer))
        except OSError:
            pass  # one side is gone: the other is told so below
        finally:
            for each in writers:
                each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
