"""Room of its own on somebody's Kafka and PostgreSQL: topics under a prefix, and a database, gone when it is over."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from runtime.bus.kafka_settings import KafkaSettings
from runtime.postgres import address


class ServersUnusable(Exception):
    """Kafka or PostgreSQL cannot be played on; says why."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses as `muara.yaml` takes them."""

    bus: str
    store: str


@asynccontextmanager
async def room_on(bus: str, store: str, *, keep: bool) -> AsyncIterator[Servers]:
    """A prefix and a database of this demonstration's own, so that nothing there is touched; kept when told so.

    Raises:
        ServersUnusable: an address is wrong, PostgreSQL does not answer, or its user may not create databases.
    """
    name = f"muara_demo_{secrets.token_hex(4)}"
    try:
        topics = KafkaSettings.from_url(bus)
        database = address(make_url(store))
    except (ValueError, ArgumentError) as error:
        raise ServersUnusable(str(error)) from error
    prefix = f"{topics.prefix}{name}."
    await _execute(database, f"CREATE DATABASE {name}")
    try:
        yield Servers(
            bus=urlsplit(bus)._replace(path=f"/{prefix}").geturl(),
            store=database.set(database=name).render_as_string(hide_password=False),
        )
    finally:
        if not keep:
            await _execute(database, f"DROP DATABASE {name} WITH (FORCE)")
            await _remove_topics(topics, prefix)


async def _execute(database: Any, statement: str) -> None:  # noqa: ANN401 an address
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    except (DBAPIError, OSError) as error:
        words = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        raise ServersUnusable(f"PostgreSQL at {database.host}:{database.port}: {words}") from error
    finally:
        await engine.dispose()


async def _remove_topics(settings: KafkaSettings, prefix: str) -> None:
    admin = AIOKafkaAdminClient(**settings.client())
    try:
        await admin.start()
        if ours := [name for name in await admin.list_topics() if name.startswith(prefix)]:
            await admin.delete_topics(ours)
    except KafkaError as error:
        raise ServersUnusable(f"{settings.shown}: the topics {prefix}* could not be removed ({error})") from error
    finally:
        await admin.close()
