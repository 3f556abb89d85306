"""Runs an application as a process that says where it listens, as `muara run` does."""

import asyncio
import signal
import socket

import uvicorn
import uvloop
from starlette.types import ASGIApp


def serve(app: ASGIApp) -> None:
    """Serve on a free port of the loopback address until SIGTERM, with the server that Muara has."""
    uvloop.run(_serve(app))


async def _serve(app: ASGIApp) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http="httptools", ws="none", log_config=None, access_log=False, server_header=False, timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if running.done():
            await running
        await asyncio.sleep(0.01)
    print(f"serving at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    server.should_exit = True
    await running
