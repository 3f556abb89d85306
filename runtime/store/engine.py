"""One engine per process, and the unit of work: nobody else begins or commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from runtime.replaced import DatabaseFile, FileReplaced
from runtime.sqlite import explain, is_database_fault, prepare

_OTHERWISE = "everything is then read from the log again, and offered to the hubs again"


class StoreUnavailable(Exception):
    """The database does not work now: away, full, locked, read-only. What was begun did not happen; try again later."""


class Store:
    """Transactions on one database. SQLite is opened with WAL and `synchronous=FULL`."""

    def __init__(self, url: str, *, patience: float = 30.0) -> None:
        """`patience`: seconds that a writer waits for another process to finish its transaction (SQLite)."""
        self.url = make_url(url)
        self._path: Path | None = None
        self._file: DatabaseFile | None = None
        self._patience = patience
        # Parameters are people's words and numbers: an error must not carry them into a log.
        self._engine = create_async_engine(self.url, pool_pre_ping=self.dialect != "sqlite", hide_parameters=True)
        self._writer = asyncio.Lock()
        self._writing: asyncio.Task[Any] | None = None
        if self.dialect == "sqlite":
            if self.url.database:
                self._path = Path(self.url.database)
                self._file = DatabaseFile(self._path, otherwise=_OTHERWISE)
            event.listen(self._engine.sync_engine, "do_connect", self._expect_file)
            event.listen(self._engine.sync_engine, "connect", self._prepare_sqlite)
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
            RuntimeError: this task is in a unit of work already, and would wait for itself.
        """
        async with self._turn():
            async with self._connection(writing=True) as connection:
                yield connection
            if self._file is not None:
                try:
                    self._file.confirm()
                except FileReplaced as error:
                    raise StoreUnavailable(str(error)) from error

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
    async def _turn(self) -> AsyncIterator[None]:
        # SQLite has one writer at a time. Who waits here is served in turn, without a thread that asks again and again.
        task = asyncio.current_task()
        if self._writing is task:
            raise RuntimeError("a unit of work inside another one: hand the connection on instead")
        async with self._writer if self.dialect == "sqlite" else nullcontext():
            self._writing = task if self.dialect == "sqlite" else None
            try:
                yield
            finally:
                self._writing = None

    @asynccontextmanager
    async def _connection(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(muara_writing=writing)
                async with connection.begin():
                    yield connection
        except DBAPIError as error:
            if is_unavailable(error):
                raise StoreUnavailable(explain(error.orig or error, self._path)) from error
            raise
        except FileReplaced as error:
            raise StoreUnavailable(str(error)) from error
        except PoolTimeout as error:
            raise StoreUnavailable("all connections to the database are in use, and none came back in time") from error

    def _expect_file(self, *event: Any) -> None:  # noqa: ANN401 an event of SQLAlchemy, of which nothing is needed
        del event
        if self._file is not None:
            self._file.expect()

    def _prepare_sqlite(self, connection: Any, entry: Any) -> None:  # noqa: ANN401 a DBAPI connection has no type
        del entry
        # The driver must not begin transactions by itself; `_begin_sqlite` does, with the right kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            prepare(cursor, patience=self._patience)
            if self._file is not None:
                self._file.recognise(cursor)
        finally:
            cursor.close()


def is_unavailable(error: DBAPIError) -> bool:
    """Whether an error is the database's state rather than a fault of the data that was written."""
    return error.connection_invalidated or is_database_fault(error.orig)


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 SQLAlchemy's sync Connection inside an event
    writing = connection.get_execution_options().get("muara_writing", False)
    if connection.info.get("query_only", False) == writing:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.info["query_only"] = not writing
    # A writer takes the lock at once: a transaction that reads first and writes later can fail in the middle instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
