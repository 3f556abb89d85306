"""The proxy does to connections what it says, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.chaos.proxy import LOOPBACK, Proxy

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that says everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as made:
        yield made


async def call(proxy: Proxy) -> Ends:
    return await asyncio.open_connection(LOOPBACK, proxy.port)


async def says_back(ends: Ends, words: bytes = b"hello", *, patience: float = 5) -> bytes:
    reader, writer = ends
    writer.write(words)
    async with asyncio.timeout(patience):
        return await reader.readexactly(len(words))


async def gone(ends: Ends) -> bool:
    try:
        async with asyncio.timeout(5):
            return await ends[0].read() == b""
    except ConnectionError:
        return True


async def test_it_passes_everything_on_both_ways_and_the_end_too(proxy: Proxy) -> None:
    ends = await call(proxy)
    assert await says_back(ends, bytes(300_000)) == bytes(300_000)
    ends[1].write_eof()
    assert await gone(ends)
    ends[1].close()


async def test_it_cuts_what_is_open_and_takes_what_comes_then(proxy: Proxy) -> None:
    before = [await call(proxy) for _ in range(3)]
    for ends in before:
        await says_back(ends)
    assert proxy.cut() == 3
    assert [await gone(ends) for ends in before] == [True, True, True]
    after = await call(proxy)
    assert await says_back(after) == b"hello"
    for ends in [*before, after]:
        ends[1].close()


async def test_it_refuses_until_it_is_mended(proxy: Proxy) -> None:
    proxy.refuse()
    refused = await call(proxy)
    assert await gone(refused)
    proxy.mend()
    ends = await call(proxy)
    assert await says_back(ends) == b"hello"
    for each in (refused, ends):
        each[1].close()


async def test_it_falls_silent_and_nothing_is_lost(proxy: Proxy) -> None:
    ends = await call(proxy)
    await says_back(ends)
    proxy.stall()
    with pytest.raises(TimeoutError):
        await says_back(ends, b"one", patience=0.2)
    late = await call(proxy)
    proxy.mend()
    assert await ends[0].readexactly(3) == b"one"
    assert await says_back(late) == b"hello"
    for each in (ends, late):
        each[1].close()


async def test_who_is_behind_may_be_away(proxy: Proxy) -> None:
    there, proxy.target = proxy.target, 1
    ends = await call(proxy)
    assert await gone(ends)
    proxy.target = there
    again = await call(proxy)
    assert await says_back(again) == b"hello"
    for each in (ends, again):
        each[1].close()
