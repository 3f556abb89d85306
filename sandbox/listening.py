"""An ASGI application of the sandbox, listening on a real socket in a program's own event loop."""

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp

from sandbox.hub.cutting import CuttingProtocol


class Listening:
    """Serves one application. Port 0 takes a free one and keeps it over `stop()` and `start()`.

    No signal handlers are installed; stopping lets requests under way finish, for up to three seconds. Connections can
    be broken at an exact byte, see `sandbox.hub.cutting`.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._server: uvicorn.Server | None = None
        self._listener: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:41234`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def bind(self) -> None:
        """Take the port.

        Raises:
            OSError: the port is taken or may not be used; the message names it.
        """
        try:
            self._listener = _listen(self._host, self._port)
        except OSError as error:
            message = (
                f"the simulated hub cannot listen on {self._host}:{self._port}: {error.strerror}; choose another port"
            )
            raise OSError(error.errno, message) from error
        self._port = self._listener.getsockname()[1]

    def release(self) -> None:
        """Give the port back, when it is not served after all."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def start(self) -> None:
        """Serve. Takes the port when `bind` did not; raises as it does."""
        if self._listener is None:
            self.bind()
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            http=CuttingProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=3,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._listener] if self._listener else None)
        self._task = asyncio.create_task(self._server.main_loop(), name="sandbox-server")

    async def stop(self) -> None:
        """Stop listening, finish what is under way."""
        if self._server is None or self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._server.shutdown(sockets=[self._listener] if self._listener else None)
        self._server, self._listener, self._task = None, None, None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, since asyncio turns Nagle's delay off only then: an answer would wait 40 ms for its body.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
