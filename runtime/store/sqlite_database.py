"""SQLite under the unit of work: WAL and `synchronous=FULL`, one writer in turn, a file that must not be replaced."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from runtime.replaced import DatabaseFile, FileReplaced
from runtime.sqlite import explain, is_database_fault, prepare
from runtime.store.database import DatabaseAway

_OTHERWISE = "everything is then read from the log again, and offered to the hubs again"


class SqliteDatabase:
    """One file."""

    def __init__(self, url: URL, *, patience: float) -> None:
        """`patience`: seconds that a writer waits for another process to finish its transaction."""
        self._path = Path(url.database) if url.database else None
        self._file = DatabaseFile(self._path, otherwise=_OTHERWISE) if self._path else None
        self._patience = patience
        # SQLite has one writer at a time. Who waits here is served in turn, without a thread that asks again and again.
        self._writer = asyncio.Lock()
        # Parameters are people's words and numbers: an error must not carry them into a log.
        self.engine = create_async_engine(url, hide_parameters=True)
        event.listen(self.engine.sync_engine, "do_connect", self._expect_file)
        event.listen(self.engine.sync_engine, "connect", self._prepare)
        event.listen(self.engine.sync_engine, "begin", _begin)

    def options(self, *, writing: bool) -> dict[str, object]:
        """Tells `_begin` which kind of transaction it is."""
        return {"muara_writing": writing}

    def turn(self) -> AbstractAsyncContextManager[None]:
        """One writer at a time."""
        return self._writer

    def committed(self) -> None:
        """Did it go into the file that is there?"""
        if self._file is not None:
            try:
                self._file.confirm()
            except FileReplaced as error:
                raise DatabaseAway(str(error)) from error

    def trouble(self, error: DBAPIError | OSError) -> str | None:
        """Full, locked, read-only, damaged."""
        if not isinstance(error, DBAPIError):
            return None
        if error.connection_invalidated or is_database_fault(error.orig):
            return explain(error.orig or error, self._path)
        return None

    def _expect_file(self, *event: Any) -> None:  # noqa: ANN401 an event of SQLAlchemy, of which nothing is needed
        del event
        if self._file is not None:
            try:
                self._file.expect()
            except FileReplaced as error:
                raise DatabaseAway(str(error)) from error

    def _prepare(self, connection: Any, entry: Any) -> None:  # noqa: ANN401 a DBAPI connection has no type
        del entry
        # The driver must not begin transactions by itself; `_begin` does, with the right kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            prepare(cursor, patience=self._patience)
            if self._file is not None:
                self._file.recognise(cursor)
        except FileReplaced as error:
            raise DatabaseAway(str(error)) from error
        finally:
            cursor.close()


def _begin(connection: Any) -> None:  # noqa: ANN401 SQLAlchemy's sync Connection inside an event
    writing = connection.get_execution_options().get("muara_writing", False)
    if connection.info.get("query_only", False) == writing:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.info["query_only"] = not writing
    # A writer takes the lock at once: a transaction that reads first and writes later can fail in the middle instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
