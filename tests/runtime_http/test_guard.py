"""What the server bears of those who mean no good, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from runtime.http import HttpServer, application
from runtime.http_guard import GuardedProtocol
from runtime.request_limits import InFlight, TooMany, TooSlow, read_body


class Impatient(GuardedProtocol):
    head_seconds = 0.3
    linger_seconds = 0.3


class Narrow(GuardedProtocol):
    most_connections = 5


places = InFlight(2, most_bytes=90, moment=0.05)


@asynccontextmanager
async def served(protocol: type[GuardedProtocol]) -> AsyncIterator[HttpServer]:
    routes = APIRouter()

    async def take(request: Request) -> JSONResponse:
        try:
            with places.enter() as place:
                body = await read_body(request, max_body=100, timeout=30, place=place)
        except (TooMany, TooSlow) as error:
            return JSONResponse({"error": type(error).__name__}, 503 if isinstance(error, TooMany) else 408)
        return JSONResponse({"length": len(body)})

    async def refuse() -> JSONResponse:
        return JSONResponse({"error": "no"}, 413)

    routes.add_api_route("/take", take, methods=["POST"], response_model=None)
    routes.add_api_route("/refuse", refuse, methods=["POST"], response_model=None)
    server = HttpServer(application("Uji", "", routes), protocol=protocol)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Wire:
    """One connection, by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, server: HttpServer) -> "Wire":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    def send(self, data: bytes) -> "Wire":
        self.writer.write(data)
        return self

    async def answer(self) -> bytes:
        """One answer with a short body."""
        async with asyncio.timeout(60):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            return head + await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that comes until the other side hangs up, which it must."""
        try:
            async with asyncio.timeout(60):
                return await self.reader.read()
        except ConnectionError:
            return b""
        finally:
            self.writer.close()


HEAD = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"


async def test_heads_that_do_not_end_and_bodies_that_were_refused_end() -> None:
    async with served(Impatient) as server:
        idle, half, kept, blank, refused = [await Wire.to(server) for _ in range(5)]
        half.send(HEAD)
        kept.send(HEAD + b"\r\nab")
        assert b'{"length":2}' in await kept.answer()
        kept.send(b"POST /ta")
        blank.send(HEAD + b"\r\nab")
        assert b"200 OK" in await blank.answer()
        blank.send(b"\r\n")
        refused.send(b"POST /refuse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")
        assert b"413" in await refused.answer()
        assert await idle.rest() == b""
        for each in (half, kept):
            said = await each.rest()
            assert said.startswith(b"HTTP/1.1 408 ")
            assert b'"remedy"' in said
        assert await blank.rest() == b""
        assert await refused.rest() == b""


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"X: 1\r\n" * 200 + b"\r\n", b"431"),
        (HEAD + b"X: " + b"a" * 400_000, b"431"),
        (b"POST /" + b"a" * 400_000, b"431"),
        (b"\x00\x01\x02 rubbish\r\n\r\n", b"400"),
        (b"POST /take\xff\xfe HTTP/1.1\r\n\r\n", b"400"),
        (HEAD.replace(b"2", b"-2") + b"\r\n", b"400"),
        (HEAD.replace(b"2", b"9" * 40) + b"\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400"),
        (HEAD + b"Content-Length: 3\r\n\r\n", b"400"),
        (HEAD.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"\r\nzz\r\n", b"400"),
    ],
)
async def test_a_head_that_is_none_or_too_much_is_refused_in_words(sent: bytes, status: bytes) -> None:
    async with served(GuardedProtocol) as server:
        said = await (await Wire.to(server)).send(sent).rest()
        assert said.startswith(b"HTTP/1.1 " + status + b" ") or said == b"", said  # b"": it hung up while we sent
        honest = await Wire.to(server)
        assert b'{"length":2}' in await honest.send(HEAD + b"\r\nab").answer()
        honest.writer.close()


async def test_one_connection_too_many_makes_the_one_that_waits_longest_give_way() -> None:
    async with served(Narrow) as server:
        waiting = [(await Wire.to(server)).send(HEAD) for _ in range(9)]
        honest = await Wire.to(server)
        assert b'{"length":2}' in await honest.send(HEAD + b"\r\nab").answer()
        assert [await each.rest() for each in waiting[:4]] == [b""] * 4
        for each in (honest, *waiting[4:]):
            each.writer.close()


@pytest.mark.parametrize(
    ("many", "held", "announced"),
    [(2, b"a", 2), (1, b"a" * 80, 81)],  # all places are taken; there is a place, but no room for bytes
)
async def test_whoever_sits_on_a_place_with_half_a_body_gives_way(many: int, held: bytes, announced: int) -> None:
    head = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    async with served(GuardedProtocol) as server:
        sitting = [(await Wire.to(server)).send(head % announced + held) for _ in range(many)]
        answers = [asyncio.create_task(each.answer()) for each in sitting]
        async with asyncio.timeout(60):
            while not any(each.done() for each in answers):  # until they sit, and have done so for a moment
                honest = await Wire.to(server)
                said = await honest.send(head % 20 + b"b" * 20).answer()
                honest.writer.close()
                assert b'{"length":20}' in said or b"TooMany" in said, said
        assert b'{"length":20}' in said, "who made the other give way has its place"
        assert [b"408" in each.result() for each in answers if each.done()] == [True]
        for answer, each in zip(answers, sitting, strict=True):
            answer.cancel()
            each.writer.close()
