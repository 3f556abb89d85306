"""The HTTP side that all services share: the server, the application around their routes, what operators ask of it."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

import uvicorn
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from runtime.http_guard import GuardedProtocol

Problems = Callable[[], Mapping[str, str] | Sequence[str]]
"""What is wrong with one service at this moment, in words, by part where parts have names; empty when it can work."""

Duty = Callable[[], Awaitable[Sequence[str]]]
"""Why a process cannot do its own work at this moment, in words; empty when it can, whatever else is wrong."""

_KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than proxies keep theirs, so that none sends into a closing one."""


class CannotListen(Exception):
    """The address cannot be listened on; says which, why, and what to do."""


class PortTaken(CannotListen):
    """Another program listens there already."""


def application(title: str, description: str, *routers: APIRouter, version: str = "1") -> FastAPI:
    """An application whose every refusal is JSON with `error` and `remedy`, for addresses that do not exist too."""
    app = FastAPI(title=title, description=description, version=version)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(Exception, _fault)
    return app


def health_routes(services: Mapping[str, Problems], registry: CollectorRegistry, duty: Duty | None = None) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics` of a process that runs these services.

    `/healthz` says that the process answers: restart it when it does not. `/readyz` says whether the process can do
    its own work (503: wait, or send the traffic elsewhere), and reports every problem in words, also those that do not
    keep it from its work. Without a `duty` every problem does. `/metrics` is Prometheus' text format, or OpenMetrics
    for whoever asks for it.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        problems = {service: found for service, ask in services.items() if (found := _in_words(ask()))}
        stopped = list(await duty()) if duty else [words for found in problems.values() for words in found]
        status = "unready" if stopped else "ready"
        return JSONResponse({"status": status, "unready": stopped, "problems": problems}, 503 if stopped else 200)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": content_type})

    return router


class HttpServer:
    """Serves one application from `start` to `stop`, in the running loop, and leaves the process's signals alone."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        grace: int = 5,
        protocol: type[GuardedProtocol] = GuardedProtocol,
    ) -> None:
        """`app` is any ASGI application; its lifespan is not run, services start by themselves. Port 0: any free one.

        `grace` is how many seconds `stop` leaves to answers that are under way; `protocol` holds what is borne of one
        connection.
        """
        self._app = app
        self._host = host
        self._port = port
        self._grace = grace
        self._protocol = protocol
        self._listener: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._ticking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens; before `start`, where it was told to."""
        return int(self._listener.getsockname()[1]) if self._listener else self._port

    @property
    def url(self) -> str:
        """Where it is reached from this machine, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Requests are answered when this returns.

        Raises:
            PortTaken: another program listens there.
            CannotListen: the address is not one of this machine, or may not be used.
        """
        listener = _listen(self._host, self._port)
        config = uvicorn.Config(
            self._app,
            http=self._protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # Who the client is and how it came is read from the headers of a proxy only where that is configured.
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=self._grace,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        # `serve` would take the process's signals; these are its three steps without them.
        await server.startup(sockets=[listener])
        self._listener, self._server = listener, server
        self._ticking = asyncio.create_task(server.main_loop(), name="http-server")

    async def stop(self) -> None:
        """Take no more requests, finish those that have begun, hang up on whoever is not done after the grace."""
        server, listener, ticking = self._server, self._listener, self._ticking
        if server is None or listener is None or ticking is None:
            return
        self._server, self._listener, self._ticking = None, None, None
        ticking.cancel()
        await asyncio.wait([ticking])
        await server.shutdown(sockets=[listener])


def _in_words(found: Mapping[str, str] | Sequence[str]) -> list[str]:
    if isinstance(found, Mapping):
        return [f"{part}: {words}" for part, words in sorted(found.items())]
    return list(found)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, since asyncio turns Nagle's delay off only then: an answer would wait 40 ms for its body.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Elsewhere this option would let two programs share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except (OSError, OverflowError, UnicodeError) as error:
        listener.close()
        raise _explained(host, port, error) from error
    return listener


def _explained(host: str, port: int, error: Exception) -> CannotListen:
    number = error.errno if isinstance(error, OSError) else None
    where = f"cannot listen on {host}:{port}"
    if number == errno.EADDRINUSE:
        return PortTaken(
            f"{where}: another program has this port. Stop it (`ss -ltnp 'sport = :{port}'` shows which it is),"
            " or choose another port"
        )
    if number in (errno.EACCES, errno.EPERM):
        return CannotListen(
            f"{where}: this user may not. Choose a port above 1023, and let a proxy or the service manager bring the"
            " traffic of the lower one"
        )
    if number == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror | UnicodeError):
        return CannotListen(f"{where}: this machine has no such address. Write 127.0.0.1 for itself, 0.0.0.0 for all")
    if isinstance(error, OverflowError):
        return CannotListen(f"{where}: ports go from 0 (any free one) to 65535")
    return CannotListen(f"{where}: {error}. Choose another address or port")


_REMEDIES = {
    404: "compare the address with the documentation; /docs lists what can be asked of the portal",
    405: "use a method that the header Allow names",
}


async def _refusal(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    words = HTTPStatus(error.status_code).phrase.lower()
    body = {
        "error": words if error.detail.lower() == words else error.detail,
        "remedy": _REMEDIES.get(error.status_code, "correct the request as the error says, and send it again"),
    }
    return JSONResponse(body, error.status_code, headers=error.headers)


async def _fault(request: Request, error: Exception) -> Response:
    # The server logs the exception; whoever asked learns nothing of it.
    del request, error
    body = {
        "error": "a fault of ours",
        "remedy": "send the same again later; the operator finds the cause in the log",
    }
    return JSONResponse(body, 500)
