"""Processes that a measurement starts, and ends: each says on its first line where it listens."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_PATIENCE = 120.0
"""Seconds that one may take to start on a busy machine."""
_FAREWELL = 20.0
"""Seconds that it may take to stop in good order."""


@asynccontextmanager
async def process(
    arguments: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """Run `python ARGUMENTS`; gives the address at which it listens.

    Raises:
        RuntimeError: it did not start; with the last line that it wrote.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MUARA_")}
    with log.open("wb") as file:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env={**ours, **(environment or {})}, stdout=PIPE, stderr=file
        )
    draining: asyncio.Task[None] | None = None
    try:
        url = await _ready(child, arguments, log)
        draining = asyncio.create_task(_drain(child))
        yield url
    finally:
        await _stop(child)
        if draining is not None:
            await draining


async def _ready(child: Process, arguments: Sequence[str], log: Path) -> str:
    assert child.stdout is not None  # noqa: S101 it is a pipe
    try:
        async with asyncio.timeout(_PATIENCE):
            line = await child.stdout.readline()
    except TimeoutError:
        line = b""
    if found := re.search(rb" at (http://[\d.:]+)", line):
        return found[1].decode()
    raise RuntimeError(f"`python {' '.join(arguments)}` did not start: {_last_line(log)}")


def _last_line(log: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return said[-1] if said else "it said nothing"


async def _drain(child: Process) -> None:
    assert child.stdout is not None  # noqa: S101 it is a pipe
    said = b"."
    while said:  # a full pipe would stop it; what it says interests nobody
        said = await child.stdout.read(65536)


async def _stop(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(_FAREWELL):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
