"""A database of a measurement's own on a PostgreSQL server, gone afterwards: what stands there already is let alone."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

SERVER = "MUARA_STORE"
"""The environment variable that names the server, as Muara reads it; `python -m tools.services run` sets it."""


def server() -> str | None:
    """The address of a PostgreSQL server, for a store; None where the environment names none."""
    url = os.environ.get(SERVER, "")
    return url if url.startswith("postgresql") else None


@asynccontextmanager
async def own_database(address: str, *, template: str = "template1") -> AsyncIterator[str]:
    """Makes a database on the server that a store's address names; yields the new one's address.

    `template`: the name of a database that nobody uses now; the new one begins as its copy.

    Raises:
        OSError, asyncpg.PostgresError: the server cannot be reached, or lets nobody make databases.
    """
    name = f"bench_{uuid.uuid4().hex[:12]}"
    plain = address.replace("postgresql+asyncpg://", "postgresql://")
    await _execute(plain, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(plain, f"DROP DATABASE {name} WITH (FORCE)")


def copy_of(server: str, url: str) -> AbstractAsyncContextManager[str]:
    """The same, as a copy of the database that `url` names."""
    return own_database(server, template=urlsplit(url).path.strip("/"))


async def _execute(plain: str, statement: str) -> None:
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
