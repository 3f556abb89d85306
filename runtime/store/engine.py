"""One engine per process, and the unit of work: nobody else begins or commits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from runtime.store.database import Database, DatabaseAway
from runtime.store.postgres_database import PostgresDatabase
from runtime.store.sqlite_database import SqliteDatabase
from runtime.store.statement_times import time_statements


class StoreUnavailable(Exception):
    """The database does not work now: away, full, locked, read-only. Try again later.

    What was begun did not happen. Only when the connection broke in the moment of the commit nobody can tell: then all
    of it happened, or nothing. So a unit of work must be one that can be begun again: its positions, versions or leases
    say whether it was done.
    """


class Store:
    """Transactions on one database: an SQLite file, or a database on a PostgreSQL server."""

    def __init__(self, url: str, *, patience: float = 30.0, pool_size: int = 10) -> None:
        """`sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://USER:PASSWORD@HOST:PORT/DATABASE`.

        Args:
            url: where it is.
            patience: seconds that a unit of work waits for its turn: for another process that writes (SQLite), for a
                connection of the pool (PostgreSQL).
            pool_size: most connections at a time (PostgreSQL).
        """
        self.url = make_url(url)
        self._database: Database
        if self.dialect == "sqlite":
            self._database = SqliteDatabase(self.url, patience=patience)
        else:
            self._database = PostgresDatabase(self.url, pool_size=pool_size, patience=patience)
        self._engine = self._database.engine
        self._writers: set[asyncio.Task[Any] | None] = set()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        name = self.url.get_backend_name()
        return "postgresql" if name == "postgres" else name

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A unit of work: all of it is durable when the block ends, or none of it happened.

        Raises:
            StoreUnavailable: the database, not the data, is at fault.
            RuntimeError: this task is in a unit of work already, and would wait for itself.
        """
        task = asyncio.current_task()
        if task in self._writers:
            raise RuntimeError("a unit of work inside another one: hand the connection on instead")
        async with self._database.turn():
            self._writers.add(task)
            try:
                async with self._connection(writing=True) as connection:
                    yield connection
                try:
                    self._database.committed()
                except DatabaseAway as error:
                    raise StoreUnavailable(str(error)) from error
            finally:
                self._writers.discard(task)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view that changes nothing and waits for no writer.

        Raises:
            StoreUnavailable: the database is at fault.
        """
        async with self._connection(writing=False) as connection:
            yield connection

    def observe(self, heard: Callable[[str, float], None]) -> None:
        """Tell of each statement from now on: its first word in lower case, and the seconds that it took."""
        time_statements(self._engine, heard)

    @property
    def connections(self) -> tuple[int, int]:
        """How many are in use now, and how many are open and idle."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 both kinds of database have one
        return pool.checkedout(), pool.checkedin()

    async def close(self) -> None:
        """Give back all connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _connection(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with AsyncExitStack() as stack:
                connection = await self._connect(stack)
                await connection.execution_options(**self._database.options(writing=writing))
                async with connection.begin():
                    yield connection
        except DBAPIError as error:
            if (words := self._database.trouble(error)) is not None:
                raise StoreUnavailable(words) from error
            raise
        except DatabaseAway as error:
            raise StoreUnavailable(str(error)) from error

    async def _connect(self, stack: AsyncExitStack) -> AsyncConnection:
        try:
            return await stack.enter_async_context(self._engine.connect())
        except PoolTimeout as error:
            raise StoreUnavailable("all connections to the database are in use, and none came back in time") from error
        except OSError as error:
            if (words := self._database.trouble(error)) is not None:
                raise StoreUnavailable(words) from error
            raise
