"""What every command stands on: log, store, sealer and objects of a home, with their tables up to date."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import dispatcher.migrations

import connectors.migrations
import normalizer.migrations
import portal.migrations
from muara.config import Config
from muara.home import Home
from runtime.bus.embedded import EmbeddedBus
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from schemas.topics import TOPICS

SERVICES = (connectors.migrations, normalizer.migrations, dispatcher.migrations, portal.migrations)
"""The services with tables, each with its `SERVICE` and its `VERSIONS`."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The parts that services share."""

    home: Home
    config: Config
    bus: EmbeddedBus
    store: Store
    sealer: Sealer
    objects: FolderObjects


@asynccontextmanager
async def open_ground(home: Home, config: Config) -> AsyncIterator[Ground]:
    """Open what a home holds, making what is not there yet.

    Raises:
        SealingError: the master key is missing or is another.
        BusUnavailable: the log cannot be used.
        StoreUnavailable: the store cannot be used.
    """
    sealer = home.sealer()
    bus = await EmbeddedBus.open(home.log, [topic.name for topic in TOPICS], partitions=config.partitions)
    store = Store(home.store)
    try:
        for service in SERVICES:
            await migrate(store, service.SERVICE, service.VERSIONS)
        yield Ground(home, config, bus, store, sealer, FolderObjects(home.objects, sealer))
    finally:
        await store.close()
        await bus.close()
