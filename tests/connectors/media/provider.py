"""A provider's server on this machine, with all that providers and strangers do."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

TOKEN = "rahasia-penyedia"
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x02gambar\xff\xd9"


@dataclass
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]


@dataclass
class Provider:
    """Answers by path; counts what it was asked."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    photo: bytes = PHOTO
    expired: set[str] = field(default_factory=set)
    """Addresses that are too old."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    elsewhere: Callable[[], str] = lambda: ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, path: str) -> int:
        return sum(each.path == path for each in self.seen)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
            path = head[0].split(" ")[1]
            self.seen.append(Seen(path, headers))
            await self.answer(path, headers, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def answer(self, path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        known = headers.get("authorization") == f"Bearer {TOKEN}"
        times = self.asked(path)
        if path.startswith("/lama/"):  # an id: an address of its own for every question
            ident = path.removeprefix("/lama/")
            body = json.dumps({"url": f"{self.url}/berkas/{ident}/{times}"}).encode()
            await self.give(writer, *((200, body) if known else (401, b"{}")))
        elif path.startswith("/berkas/"):
            gone = path in self.expired
            await self.give(writer, *((404, b"") if gone else (200, self.photo) if known else (401, b"")))
        elif path in ("/tanpa-akhir", "/lambat"):
            await self.drip(writer, b"x" if path == "/lambat" else bytes(65536), 0.02 if path == "/lambat" else 0)
        else:
            if path == "/lindung.jpg" and not headers.get("authorization", "").startswith("Basic "):
                await self.give(writer, 401, b"")
                return
            await self.give(writer, *self.fixed(times).get(path, (404, b"")), length=path != "/panjang")

    def fixed(self, times: int) -> dict[str, tuple[Any, ...]]:
        """Status, body and further headers."""
        return {
            "/foto.jpg": (200, self.photo),
            "/lindung.jpg": (302, b"", f"Location: {self.elsewhere()}"),
            "/dua-kali": (500, b"") if times < 2 else (200, self.photo),
            "/tunggu": (503, b"", "Retry-After: 60"),
            "/pindah": (302, b"", f"Location: {self.elsewhere()}"),
            "/putar": (302, b"", "Location: /putar"),
            "/dalam": (302, b"", "Location: http://10.0.0.7/foto.jpg"),
            "/bom": (200, gzip.compress(bytes(5_000_000)), "Content-Encoding: gzip"),
            "/program": (200, b"MZ" + bytes(200), "Content-Type: image/jpeg"),
            "/panjang": (200, b"", "Content-Length: 99999999999"),
        }

    async def drip(self, writer: asyncio.StreamWriter, piece: bytes, pause: float) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.stopping.is_set():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    @staticmethod
    async def give(writer: asyncio.StreamWriter, status: int, body: bytes, *more: str, length: bool = True) -> None:
        lines = [f"HTTP/1.1 {status} X", *more, *([f"Content-Length: {len(body)}"] if length else []), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    """The server, on a free port."""
    provider = Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        provider.stopping.set()
        server.close()
        await server.wait_closed()
