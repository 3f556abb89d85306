"""The server: where it listens, how it stops, what it says when it cannot."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse

from runtime.http import CannotListen, HttpServer, PortTaken, application

Serve = Callable[..., Awaitable[HttpServer]]


def hello() -> APIRouter:
    router = APIRouter()

    @router.get("/hello")
    async def greet() -> PlainTextResponse:
        return PlainTextResponse("selamat pagi")

    return router


def app() -> FastAPI:
    return application("T", "D", hello())


async def test_answers_on_a_free_port(serve: Serve, http: httpx.AsyncClient) -> None:
    server = await serve(app())
    assert server.port != 0
    assert server.url == f"http://127.0.0.1:{server.port}"
    answer = await http.get(f"{server.url}/hello")
    assert (answer.status_code, answer.text) == (200, "selamat pagi")
    assert "server" not in answer.headers


async def test_two_servers_live_in_one_loop_and_signals_stay_the_process_s_own(
    serve: Serve, http: httpx.AsyncClient
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    first, second = await serve(app()), await serve(app())
    assert signal.getsignal(signal.SIGTERM) is before
    for server in (first, second):
        assert (await http.get(f"{server.url}/hello")).status_code == 200


async def test_answers_do_not_wait_for_each_other(serve: Serve, http: httpx.AsyncClient) -> None:
    server = await serve(app())
    await http.get(f"{server.url}/hello")
    (connection,) = server._server.server_state.connections  # type: ignore[union-attr]
    accepted = connection.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_port_that_is_taken_is_named_with_what_to_do(serve: Serve) -> None:
    port = (await serve(app())).port
    with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port}: another program has this port.*choose another port"):
        await HttpServer(app(), port=port).start()


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("192.0.2.1", 0, "no such address"),
        ("x" * 64, 0, "no such address"),
        ("127.0.0.1", 70000, "0 .any free one. to 65535"),
    ],
)
async def test_an_address_that_cannot_be_used_says_why(host: str, port: int, words: str) -> None:
    with pytest.raises(CannotListen, match=words):
        await HttpServer(app(), host=host, port=port).start()


async def test_stop_finishes_what_has_begun_and_frees_the_port(serve: Serve, http: httpx.AsyncClient) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    router = APIRouter()

    @router.get("/slow")
    async def slow() -> PlainTextResponse:
        begun.set()
        await may_end.wait()
        return PlainTextResponse("done")

    server = await serve(application("T", "D", router))
    url, port = server.url, server.port
    asked = asyncio.create_task(http.get(f"{url}/slow"))
    await begun.wait()
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0)
    may_end.set()
    await stopping
    assert (await asked).text == "done"
    with pytest.raises(httpx.ConnectError):
        await http.get(f"{url}/slow")
    again = await serve(app(), port=port)
    assert again.port == port


async def test_stop_does_not_wait_for_ever(serve: Serve, http: httpx.AsyncClient) -> None:
    begun = asyncio.Event()
    router = APIRouter()

    @router.get("/never")
    async def never() -> None:
        begun.set()
        await asyncio.Event().wait()

    server = await serve(application("T", "D", router), grace=0)
    asked = asyncio.create_task(http.get(f"{server.url}/never"))
    await begun.wait()
    await asyncio.wait_for(server.stop(), 5)
    with pytest.raises(httpx.HTTPError):
        (await asked).raise_for_status()


async def test_stop_twice_or_before_start_is_harmless() -> None:
    server = HttpServer(app())
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()
