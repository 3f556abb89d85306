"""Brings one service's tables to the version of the code. Each service has its own chain of revisions.

Several processes may start at once: one migrates, the others wait and find that it is done. Older code may go on beside
newer tables, since a revision only adds what older code does not miss (docs/decisions/0009); so a process that finds
tables on PostgreSQL which are newer than itself leaves them as they are. A file, which has one process, refuses that.
"""

import asyncio
from hashlib import blake2b
from pathlib import Path
from weakref import WeakKeyDictionary

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.engine import Store
from runtime.store.versions import version_table

log = structlog.get_logger()

_ENVIRONMENT = Path(__file__).parent / "alembic"
_ONE_AT_A_TIME: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
_PATIENCE = "10s"
"""How long a change of tables waits for those who use them."""


async def migrate(store: Store, service: str, versions: Path) -> None:
    """Run the revisions in the folder `versions` that this database has not seen, in one transaction.

    Raises:
        StoreUnavailable: the database does not work, or others hold the tables; nothing happened.
    """
    # Alembic keeps what it works on in one place for the whole process: two chains at once would undo each other.
    async with _ONE_AT_A_TIME.setdefault(asyncio.get_running_loop(), asyncio.Lock()), store.writing() as connection:
        await _take_turns(connection, service)
        if not await connection.run_sync(_upgrade, service, versions):
            log.warning("tables_newer_than_code", service=service)


async def versions_of(store: Store, service: str, versions: Path) -> tuple[str | None, str | None]:
    """The revision that the database has, and the one that the code expects."""
    async with store.reading() as connection:
        current = await connection.run_sync(_current, service)
    return current, _scripts(service, versions).get_current_head()


async def _take_turns(connection: AsyncConnection, service: str) -> None:
    """One process at a time; SQLite's unit of work is that already."""
    if connection.dialect.name != "postgresql":
        return
    # The others wait here for as long as a migration may take. What changes tables then must not queue behind a long
    # statement of somebody, with everybody else behind it: it gives up, and the process starts again.
    await connection.execute(text("SET LOCAL lock_timeout = '10min'"))
    await connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(service)})
    await connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))


def _lock_key(service: str) -> int:
    return int.from_bytes(blake2b(f"muara.migrate.{service}".encode(), digest_size=8).digest(), signed=True)


def _upgrade(connection: Connection, service: str, versions: Path) -> bool:
    """False when the tables are newer than this code, and were left alone."""
    known = {script.revision for script in _scripts(service, versions).walk_revisions()}
    current = _current(connection, service)
    if connection.dialect.name == "postgresql" and current is not None and current not in known:
        return False
    config = _config(service, versions)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


def _current(connection: Connection, service: str) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": version_table(service)})
    return context.get_current_revision()


def _scripts(service: str, versions: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(service, versions))


def _config(service: str, versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(versions))
    config.attributes["version_table"] = version_table(service)
    return config
