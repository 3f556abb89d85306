"""A database of a measurement's own on a PostgreSQL server, gone afterwards: what stands there already is let alone."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

SERVER = "MUARA_STORE"
"""The environment variable that names the server, as Muara reads it; `python -m tools.services run` sets it."""


def server() -> str | None:
    """The address of a PostgreSQL server, for a store; None where the environment names none."""
    url = os.environ.get(SERVER, "")
    return url if url.startswith("postgresql") else None


@asynccontextmanager
async def own_database(address: str) -> AsyncIterator[str]:
    """Makes an empty database on the server that a store's address names; yields the new one's address.

    Raises:
        OSError, asyncpg.PostgresError: the server cannot be reached, or lets nobody make databases.
    """
    name = f"bench_{uuid.uuid4().hex[:12]}"
    plain = address.replace("postgresql+asyncpg://", "postgresql://")
    await _execute(plain, f"CREATE DATABASE {name}")
    try:
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(plain, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(plain: str, statement: str) -> None:
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
