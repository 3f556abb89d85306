"""Stands between Muara and the server, and behaves as bad servers do when a certain mail is asked for."""

import asyncio
import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

ASKED = re.compile(rb"(\S+) UID FETCH ([0-9:,]+) \(UID BODY", re.IGNORECASE)

Answer = Callable[[bytes, list[int]], bytes | None]
"""From a command's tag and the UIDs that it asks for: what is answered in the server's place; empty to hang up; None to
ask the server."""


def uids(text: str) -> list[int]:
    """The UIDs of a set such as `1:3,7`."""
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        found += range(int(low), int(high or low) + 1)
    return found


@asynccontextmanager
async def proxy(port: int, answer: Answer) -> Any:  # noqa: ANN401 an iterator of ports
    """Listens on a port of its own while it is used."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(_copy(there, writer))
        try:
            while line := await reader.readline():
                found = ASKED.match(line)
                said = answer(found[1], uids(found[2].decode())) if found else None
                if said is None:
                    here.write(line)
                elif said:
                    writer.write(said)
                else:
                    break
        finally:
            here.close()
            writer.close()
            await asyncio.wait([back])

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except ConnectionError:
        return
    finally:
        writer.close()
