"""The hub's own database: one SQLite file, one thread, many requests to a transaction.

Whatever has been answered is durable: a request's work is committed (WAL, `synchronous=FULL`) before its future is
done. Requests that wait together share one commit, so that the simulation is not what a measurement measures.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

MAX_SHARED = 256
"""Pieces of work in one transaction, at most."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
    tracking_id INTEGER PRIMARY KEY,
    reference   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    agency      TEXT NOT NULL,
    status      TEXT NOT NULL,
    words       TEXT NOT NULL,
    answer      TEXT,
    revision    INTEGER NOT NULL,
    form        TEXT NOT NULL,
    url         TEXT NOT NULL,
    plan        INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    due         INTEGER,
    created_at  TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS reports_reference ON reports (reference);
CREATE INDEX IF NOT EXISTS reports_due ON reports (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS comments (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    tracking_id INTEGER NOT NULL REFERENCES reports,
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    at          TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS comments_report ON comments (tracking_id);
CREATE TABLE IF NOT EXISTS changes (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    tracking_id INTEGER NOT NULL REFERENCES reports,
    reference   TEXT NOT NULL,
    status      TEXT NOT NULL,
    words       TEXT NOT NULL,
    answer      TEXT,
    agency      TEXT,
    automatic   INTEGER NOT NULL,
    at          TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS changes_report ON changes (tracking_id);
CREATE TABLE IF NOT EXISTS idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    answer      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    at              TEXT NOT NULL,
    method          TEXT NOT NULL,
    path            TEXT NOT NULL,
    idempotency_key TEXT,
    status          INTEGER NOT NULL,
    outcome         TEXT NOT NULL,
    milliseconds    REAL NOT NULL
) STRICT;
"""


class DatabaseUnavailable(Exception):
    """The hub's database cannot be opened or written; the message says what to do."""


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: asyncio.Future[Any]


class Database:
    """One SQLite file behind one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._deferred: deque[Work[None]] = deque()
        self._thread: Thread | None = None

    def open(self) -> None:
        """Open the file and lay out its tables, for the event loop that is running.

        Raises:
            DatabaseUnavailable: when the file cannot be opened or is not a database.

        """
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            message = (
                f"cannot open the simulated hub's database {self._path}: {error}. "
                "Name a writable file in an existing folder, and no other program's database."
            )
            raise DatabaseUnavailable(message) from error
        loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._serve, args=(connection, loop), name="hub-database", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        if self._thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def run(self, work: Work[T]) -> T:
        """Do a piece of work in a transaction; when this returns, it is on the disk.

        Raises:
            DatabaseUnavailable: when nothing could be committed.
            Exception: whatever the work itself raised; then nothing of it is kept.

        """
        if self._thread is None:
            raise DatabaseUnavailable("the simulated hub's database is not open")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(work, future))
        return await future

    def defer(self, work: Work[None]) -> None:
        """Leave work for the next transaction: for what may be lost in a crash, such as the log of requests."""
        self._deferred.append(work)

    def _serve(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        with closing(connection):
            going_on = True
            while going_on:
                waiting = [self._jobs.get()]
                while len(waiting) < MAX_SHARED:
                    try:
                        waiting.append(self._jobs.get_nowait())
                    except Empty:
                        break
                going_on = None not in waiting
                jobs = [job for job in waiting if job is not None]
                # The loop is woken once for all: a wake-up for each costs more than the commit.
                loop.call_soon_threadsafe(_settle, jobs, self._transaction(connection, jobs))

    def _transaction(self, connection: sqlite3.Connection, jobs: list[_Job]) -> list[object]:
        try:
            connection.execute("BEGIN IMMEDIATE")
            while self._deferred:
                self._deferred.popleft()(connection)
            results = [_attempt(connection, job.work) for job in jobs]
            connection.execute("COMMIT")
        except Exception as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            logging.getLogger(__name__).exception("the simulated hub stored nothing")
            refusal = DatabaseUnavailable(f"the simulated hub could not store anything: {error}")
            return [refusal for _ in jobs]
        return results


def _settle(jobs: list[_Job], results: list[object]) -> None:
    for job, result in zip(jobs, results, strict=True):
        if job.future.done():  # the one who asked has gone away; the work is kept all the same
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)


def _attempt(connection: sqlite3.Connection, work: Work[Any]) -> object:
    connection.execute("SAVEPOINT work")
    try:
        result: object = work(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - handed to the one who waits
        connection.execute("ROLLBACK TO work")
        result = error
    connection.execute("RELEASE work")
    return result
