"""A real Kafka and PostgreSQL to measure on, and for each run room of its own on them."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]

from runtime.bus.embedded import EmbeddedBus
from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from schemas.topics import TOPICS
from tools.services.kafka import KafkaCluster
from tools.services.postgres import PostgresServer
from tools.services.state import State

PARTITIONS = 4
"""Of each topic."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where both are."""

    kafka: str
    """`kafka://host:port`."""
    postgres: str
    """`postgresql://user:password@host:port/database`."""


@contextmanager
def servers() -> Iterator[Servers]:
    """What `MUARA_TEST_KAFKA` and `MUARA_TEST_POSTGRES` name, else what `make services` runs, else servers of this run.

    Raises:
        PartMissing: one cannot be had; says why and how to get it.
    """
    kafka, postgres = os.environ.get("MUARA_TEST_KAFKA"), os.environ.get("MUARA_TEST_POSTGRES")
    running = State()
    if not kafka and running.kafka is not None and running.kafka.running:
        kafka = f"kafka://{running.kafka.bootstrap}"
    if not postgres and running.postgres is not None and running.postgres.running:
        postgres = running.postgres.url
    folder = Path(tempfile.mkdtemp(prefix="muara-bench-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    mine: list[KafkaCluster | PostgresServer] = []
    try:
        if not kafka:
            cluster = KafkaCluster.make(folder / "kafka", brokers=1)
            mine.append(cluster)
            cluster.start()
            kafka = f"kafka://{cluster.bootstrap}"
        if not postgres:
            server = PostgresServer.make(folder / "postgres")
            mine.append(server)
            server.start()
            postgres = server.url
        yield Servers(kafka, postgres)
    finally:
        for part in mine:
            part.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class Room:
    """Topics and a database of one run's own; or two files."""

    bus_url: str
    """As `muara.yaml` takes it; empty for the embedded size."""
    store_url: str
    bus: KafkaBus | EmbeddedBus
    store: Store

    @property
    def database(self) -> str:
        """The same database for asyncpg."""
        return self.store_url.replace("+asyncpg", "")


@dataclass(slots=True)
class Rooms:
    """Makes rooms. The tables of each set of services are made once and copied."""

    servers: Servers
    partitions: int = PARTITIONS
    _templates: dict[str, str] = field(default_factory=dict)

    @asynccontextmanager
    async def kafka(self, services: Mapping[str, Path]) -> AsyncIterator[Room]:
        """A room on the servers, with the tables of these services (name and folder of versions); gone afterwards."""
        template = await self._template(services)
        name = f"muara_bench_{secrets.token_hex(4)}"
        bus_url = f"{self.servers.kafka}/{name}.?replication=1&partitions={self.partitions}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        store = Store(self._store_url(name))
        settings = KafkaSettings.from_url(bus_url)
        bus = await KafkaBus.open(settings, TOPICS)
        try:
            yield Room(bus_url, self._store_url(name), bus, store)
        finally:
            await store.close()
            await bus.close()
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")
            await remove_topics(settings)

    @asynccontextmanager
    async def embedded(self, services: Mapping[str, Path]) -> AsyncIterator[Room]:
        """The same in two files of a folder of its own."""
        with tempfile.TemporaryDirectory(prefix="muara-bench-") as name:
            folder = Path(name)
            url = f"sqlite+aiosqlite:///{folder / 'store.db'}"
            store = Store(url)
            bus = await EmbeddedBus.open(folder / "log.db", [topic.name for topic in TOPICS])
            try:
                for service, versions in services.items():
                    await migrate(store, service, versions)
                yield Room("", url, bus, store)
            finally:
                await store.close()
                await bus.close()

    async def close(self) -> None:
        """Take the templates away."""
        for name in self._templates.values():
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._templates.clear()

    async def _template(self, services: Mapping[str, Path]) -> str:
        key = " ".join(services)
        if key not in self._templates:
            name = f"muara_bench_template_{secrets.token_hex(4)}"
            await self._execute(f"CREATE DATABASE {name}")
            store = Store(self._store_url(name))
            try:
                for service, versions in services.items():
                    await migrate(store, service, versions)
            finally:
                await store.close()
            self._templates[key] = name
        return self._templates[key]

    def _store_url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.servers.postgres)._replace(scheme="postgresql+asyncpg", path=f"/{database}"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.servers.postgres)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def remove_topics(settings: KafkaSettings) -> None:
    """Remove what bears a prefix, also what others named after it."""
    admin = AIOKafkaAdminClient(**settings.client())
    await admin.start()
    try:
        if names := [name for name in await admin.list_topics() if settings.prefix in name]:
            await admin.delete_topics(names)
    finally:
        await admin.close()
