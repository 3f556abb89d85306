"""One plan that many tests look at, and small real servers that take what the city sends, and keep it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, Request, Response

from sandbox.city.plan import Plan, plan_city

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
Serve = Callable[..., AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Taken:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


Answers = Callable[[int], tuple[int, dict[str, str]]]
"""Status and headers for the n-th request, from 0."""


def always_ok(_: int) -> tuple[int, dict[str, str]]:
    return 200, {}


@dataclass
class Receiver:
    """An HTTP server on a free port."""

    url: str
    taken: list[Taken] = field(default_factory=list)


@asynccontextmanager
async def receive_http(answers: Answers = always_ok, *, together: int = 1) -> AsyncIterator[Receiver]:
    app = FastAPI()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", 0))
    receiver = Receiver(f"http://127.0.0.1:{listening.getsockname()[1]}")
    # Nobody is answered before so many requests stand here at once.
    enough, waiting = asyncio.Event(), 0

    @app.post("/{path:path}")
    async def take(path: str, request: Request) -> Response:
        body = await request.body()
        status, headers = answers(len(receiver.taken))
        receiver.taken.append(Taken(f"/{path}", dict(request.headers), body))
        nonlocal waiting
        waiting += 1
        if waiting >= together:
            enough.set()
        await enough.wait()
        return Response(status_code=status, headers=headers)

    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(5):
        while not server.started:  # noqa: ASYNC110 - the server has no event to wait for
            await asyncio.sleep(0.005)
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving


@dataclass
class Mailbox:
    """A mail server on a free port; it answers `DATA` with the codes in turn, then with 250."""

    port: int = 0
    replies: list[str] = field(default_factory=list)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), content))
        return self.replies.pop(0) if self.replies else "250 OK"


@asynccontextmanager
async def receive_mail(*replies: str) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(replies=list(replies))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mx.test", loop=loop), "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def plan() -> Plan:
    return plan_city(7, 2000, now=NOW)


@pytest.fixture(scope="session")
def http_receiver() -> Serve:
    return receive_http


@pytest.fixture(scope="session")
def mail_receiver() -> Serve:
    return receive_mail


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
