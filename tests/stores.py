"""A store on each kind of database: whoever asks for `open_store` is tested on SQLite and on PostgreSQL.

What migrations make is made once a run and copied for each test: a file, or a database from a template.
"""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
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

    async def new_file(self, path: Path, services: Mapping[str, Path]) -> str:
        """A file with the tables of these services; its address, for a store."""
        if services:
            name = "_".join(services)
            if name not in self.files:
                template = self.folder / f"{name}.db"
                await _migrated(f"sqlite+aiosqlite:///{template}", services)
                self.files[name] = template
            shutil.copyfile(self.files[name], path)
        return f"sqlite+aiosqlite:///{path}"

    async def new_database(self, server: str, services: Mapping[str, Path]) -> str:
        """The same on PostgreSQL, until `drop_databases`."""
        self.server = server
        template = "template1"
        if services:
            name = "_".join(services)
            if name not in self.databases:
                template = f"test_template_{uuid.uuid4().hex[:12]}"
                await _execute(server, f"CREATE DATABASE {template}")
                self.databases[name] = template
                await _migrated(on_server(server, template), services)
            template = self.databases[name]
        made = f"test_{uuid.uuid4().hex[:12]}"
        await _execute(server, f"CREATE DATABASE {made} TEMPLATE {template}")
        return on_server(server, made)

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
    server = request.getfixturevalue("postgres_server") if dialect == "postgresql" else ""

    async def open_one(service: str | None = None, versions: Path | None = None, /) -> Store:
        services = {service: versions} if service is not None and versions is not None else {}
        if dialect == "sqlite":
            url = await templates.new_file(tmp_path / f"store{len(stores) or ''}.db", services)
        else:
            url = await templates.new_database(server, services)
            databases.append(url)
        store = Store(url)
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        await store.close()
    await drop_databases(server, databases)


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


async def drop_databases(server: str, urls: Sequence[str]) -> None:
    """Take databases away, whoever is still connected to them."""
    if urls:
        names = [urlsplit(url).path.strip("/") for url in urls]
        await _execute(server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


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


async def _migrated(url: str, services: Mapping[str, Path]) -> None:
    store = Store(url)
    for service, versions in services.items():
        await migrate(store, service, versions)
    await store.close()


async def _execute(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
