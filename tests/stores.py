"""A store on each kind of database: whoever asks for `open_store` is tested on SQLite and on PostgreSQL.

What migrations make is made once a run and copied for each test: a file, or a database from a template.
"""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import inspect, text

from runtime.store.engine import Store
from runtime.store.migrate import migrate
from tools.services.postgres import PostgresServer


class OpenStore(Protocol):
    """Makes a store of its own for a test, with the tables of a service, or without any."""

    def __call__(self, service: str | None = None, versions: Path | None = None, /) -> Awaitable[Store]: ...


@dataclass
class Templates:
    """Migrated databases, by service."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    server: str = ""

    def drop(self) -> None:
        """Take the template databases from the server."""
        if self.databases:
            asyncio.run(_execute(self.server, *(f"DROP DATABASE {name}" for name in self.databases.values())))


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory.mktemp("templates"))
    yield made
    made.drop()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def open_store(
    dialect: str, request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> AsyncIterator[OpenStore]:
    stores: list[Store] = []
    databases: list[str] = []
    if dialect == "postgresql":
        templates.server = request.getfixturevalue("postgres_server")

    async def file(service: str | None, versions: Path | None) -> str:
        path = tmp_path / f"store{len(stores) or ''}.db"
        if service is not None and versions is not None:
            if service not in templates.files:
                template = templates.folder / f"{service}.db"
                await _migrated(f"sqlite+aiosqlite:///{template}", service, versions)
                templates.files[service] = template
            shutil.copyfile(templates.files[service], path)
        return f"sqlite+aiosqlite:///{path}"

    async def database(service: str | None, versions: Path | None) -> str:
        name, template = f"test_{uuid.uuid4().hex[:12]}", "template1"
        if service is not None and versions is not None:
            if service not in templates.databases:
                made = f"test_{service}_{uuid.uuid4().hex[:12]}"
                await _execute(templates.server, f"CREATE DATABASE {made}")
                templates.databases[service] = made
                await _migrated(on_server(templates.server, made), service, versions)
            template = templates.databases[service]
        await _execute(templates.server, f"CREATE DATABASE {name} TEMPLATE {template}")
        databases.append(name)
        return on_server(templates.server, name)

    async def open_one(service: str | None = None, versions: Path | None = None, /) -> Store:
        make = file if dialect == "sqlite" else database
        store = Store(await make(service, versions))
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        await store.close()
    if databases:
        await _execute(templates.server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in databases))


@pytest.fixture
def own_postgres(postgres_server: str) -> Iterator[PostgresServer]:
    """A server of one test's own, which it may kill."""
    assert postgres_server  # PostgreSQL is to be had
    folder = Path(tempfile.mkdtemp(prefix="muara-postgres-"))
    folder.chmod(0o711)
    made = PostgresServer.make(folder / "cluster")
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def on_server(server: str, database: str) -> str:
    """The address of another database of the same server, for a store."""
    return urlsplit(server)._replace(scheme="postgresql+asyncpg", path=f"/{database}").geturl()


def beside(store: Store) -> Store:
    """Another process's store on the same database."""
    return Store(store.url.render_as_string(hide_password=False))


async def everything_in(store: Store) -> bytes:
    """All that a database holds, as far as anybody can see it: all rows of all tables; of a file every byte."""
    async with store.reading() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        rows = [(await connection.execute(text(f'SELECT * FROM "{name}"'))).all() for name in names]
    found = repr([tuple(row) for each in rows for row in each]).encode()
    if store.dialect == "sqlite":
        await store.close()
        found += await asyncio.to_thread(Path(store.url.database or "").read_bytes)
    return found


async def _migrated(url: str, service: str, versions: Path) -> None:
    store = Store(url)
    await migrate(store, service, versions)
    await store.close()


async def _execute(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
