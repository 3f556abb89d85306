"""One engine per process, and the unit of work: nobody else begins or commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from runtime.sqlite import explain


class StoreUnavailable(Exception):
    """The database does not work now: away, full, locked, read-only. What was begun did not happen; try again later."""


class Store:
    """Transactions on one database. SQLite is opened with WAL and `synchronous=FULL`."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._engine = create_async_engine(self.url, pool_pre_ping=self.dialect != "sqlite")
        if self.dialect == "sqlite":
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A unit of work: all of it is durable when the block ends, or none of it happened.

        Raises:
            StoreUnavailable: the database, not the data, is at fault.
        """
        async with self._connection(writing=True) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view that changes nothing and, on SQLite, waits for no writer.

        Raises:
            StoreUnavailable: the database is at fault.
        """
        async with self._connection(writing=False) as connection:
            yield connection

    async def close(self) -> None:
        """Give back all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _connection(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(muara_writing=writing)
                async with connection.begin():
                    yield connection
        except DBAPIError as error:
            if is_unavailable(error):
                raise StoreUnavailable(explain(error.orig or error)) from error
            raise


def is_unavailable(error: DBAPIError) -> bool:
    """Whether an error is the database's state rather than a fault of the data that was written."""
    if error.connection_invalidated:
        return True
    words = str(error.orig).lower()
    state = (
        "readonly",
        "disk is full",
        "disk i/o",
        "locked",
        "unable to open",
        "not a database",
        "malformed",
        "no such table",
    )
    return any(word in words for word in state)


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 a DBAPI connection has no type
    del entry
    # The driver must not begin transactions by itself; `_begin_sqlite` does, with the right kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 SQLAlchemy's sync Connection inside an event
    # A writer takes the lock at once: a transaction that reads first and writes later can fail in the middle instead.
    writing = connection.get_execution_options().get("muara_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
