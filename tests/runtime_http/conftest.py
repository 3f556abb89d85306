"""Servers on real sockets, and a client that loads no certificates."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.types import ASGIApp

from runtime.http import HttpServer

Serve = Callable[..., Awaitable[HttpServer]]


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    # Nothing here speaks TLS; a context of one's own spares each client loading the machine's certificates.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
async def http(certificates: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=certificates, trust_env=False) as client:
        yield client


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    started: list[HttpServer] = []

    async def start(app: ASGIApp, *, port: int = 0, grace: int = 5) -> HttpServer:
        server = HttpServer(app, port=port, grace=grace)
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()
