"""What commands stand on: the log and the store of a home, opened by services, or looked into by everybody else."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import inspect

import connectors.media.migrations
import connectors.media.tables
import connectors.migrations
import connectors.tables
import dispatcher.migrations
import normalizer.migrations
import portal.migrations
from muara.config import Config
from muara.home import Home
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.objects.folder import FolderObjects
from runtime.postgres import needs_a_person
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.versions import version_table
from schemas.topics import TOPICS

SERVICES = (
    connectors.migrations,
    connectors.media.migrations,
    normalizer.migrations,
    dispatcher.migrations,
    portal.migrations,
)
"""Who has tables, each with its `SERVICE` and its `VERSIONS`; the connectors have two chains."""
_LATE = {
    connectors.migrations.SERVICE: connectors.tables.CURSORS.name,
    connectors.media.migrations.SERVICE: connectors.media.tables.JOBS.name,
}
"""Who makes its tables when it first needs them, on the larger size, and one of these tables."""


_PATIENCE = 3.0
"""Seconds for the database to answer at the start: until then nothing is accepted."""


class HomeUnusable(Exception):
    """What a home holds cannot be worked with as it is; says why and what to do."""


Log = EmbeddedBus | KafkaBus


@dataclass(frozen=True)
class Books:
    """The log and the store of a home."""

    home: Home
    config: Config
    bus: Log
    store: Store


@dataclass(frozen=True)
class Ground(Books):
    """All that services share."""

    sealer: Sealer
    objects: FolderObjects
    behind: Collection[str] = ()
    """Services whose tables nobody could look at yet, since the database is away."""


@asynccontextmanager
async def open_ground(
    home: Home,
    config: Config,
    services: Collection[str] = tuple(service.SERVICE for service in SERVICES),
    *,
    waits: bool = False,
) -> AsyncIterator[Ground]:
    """Open what a home holds, making what is not there yet: the tables of `services` among it.

    The log may be away when it is Kafka: whoever needs it waits for it, and the connectors accept into their spool. So
    may a PostgreSQL when the caller `waits`, and begins those of the services later that are `behind`.

    Raises:
        SealingError: the master key is missing or is another.
        BusUnavailable: the log cannot be used.
        StoreUnavailable: the store cannot be used.
        HomeUnusable: the tables do not fit the code.
    """
    from muara.versions import bring_up_to_date  # noqa: PLC0415 whoever only looks makes no tables

    sealer = home.sealer()
    for path in (home.log, home.data / "store.db"):
        # SQLite opens what it may only read, and says so at the first message.
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    home.keep_mark(sealer)
    bus = await _open_log(home, config, [topic.name for topic in TOPICS])
    store = Store(config.store or home.store)
    try:
        # The connectors of Kafka's size accept without a store; what polls migrates when it begins.
        wanted = [name for name in services if not (config.store and name == "connectors")]
        behind = wanted if wanted and config.store and waits and await _is_away(store) else []
        for name in wanted if not behind else ():
            await bring_up_to_date(store, name, home)
        yield Ground(home, config, bus, store, sealer, FolderObjects(home.objects, sealer), tuple(behind))
    finally:
        await store.close()
        await bus.close()


@asynccontextmanager
async def open_books(home: Home, config: Config) -> AsyncIterator[Books]:
    """Look into what a home holds, beside a running Muara or without one. Makes nothing and migrates nothing.

    Raises:
        HomeUnusable: there is nothing yet.
        BusUnavailable: the log cannot be used.
        StoreUnavailable: the store cannot be used.
    """
    if config.bus is None and not home.has_data:
        raise HomeUnusable(f"{home.folder} has no data yet: `muara up --home {home.folder}` begins it")
    bus = await _open_log(home, config, [])
    store = Store(config.store or home.store)
    try:
        yield Books(home, config, bus, store)
    finally:
        await store.close()
        await bus.close()


async def _is_away(store: Store) -> bool:
    """Whether the database does not answer; one that refuses us is there, and waiting for it would help nobody."""
    try:
        async with asyncio.timeout(_PATIENCE), store.reading():
            return False
    except TimeoutError:
        return True
    except StoreUnavailable as error:
        if needs_a_person(error):
            raise
        return True


async def _open_log(home: Home, config: Config, topics: Sequence[str]) -> Log:
    """Without `topics` nothing is made that is not there."""
    if config.bus is None:
        return await EmbeddedBus.open(home.log, topics, partitions=config.partitions)
    try:
        settings = KafkaSettings.from_url(config.bus, **_partitions(config))
    except ValueError as error:
        raise HomeUnusable(f"the log cannot be reached: {error}") from error
    if not topics:
        settings = settings.model_copy(update={"make_topics": False})
    return KafkaBus(settings, TOPICS)


def _partitions(config: Config) -> dict[str, int]:
    """The file's number, unless the URL gives its own."""
    return {} if "partitions=" in (config.bus or "") else {"partitions": config.partitions}


async def begun(store: Store, service: str) -> bool:
    """Whether a service has made its tables. Some have nothing to count before that."""
    if service not in _LATE:
        return True
    async with store.reading() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    # Tables that were made, and are gone, are no beginning: whoever reads them says so.
    return not {_LATE[service], version_table(service)}.isdisjoint(names)
