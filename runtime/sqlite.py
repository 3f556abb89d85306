"""What both SQLite files have in common: how they are opened, and their errors in words that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_REMEDIES = (
    ("readonly", "the file or its folder is read-only: give this user the right to write there"),
    ("disk is full", "the disk is full: free some space; nothing accepted so far is lost"),
    ("disk i/o", "the disk does not answer properly: look at the system's log and at free space"),
    ("locked", "another process holds it: stop the other one, or wait for its backup to end"),
    ("locking protocol", "too many processes want it at once: try again, with fewer of them"),
    ("unable to open", "the folder is missing or may not be entered: make it, or correct `home`"),
    ("not a database", "the file is damaged or is something else: restore it from a backup, or move it away"),
    ("disk image is malformed", "the file is damaged: restore it from a backup"),
    (
        "no such table",
        "the file is not one of Muara's, or was emptied: restore it from a backup, or move it away",
    ),
)
_OF_THE_DATA = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
"""Errors that what was written is to blame for, whatever their words."""


class Cursor(Protocol):
    """What `prepare` needs of a cursor: the driver's own, or SQLAlchemy's in its place."""

    def execute(self, statement: str, /) -> object:
        """Run a statement."""
        ...

    def fetchone(self) -> object:
        """The next row of its result."""
        ...


def prepare(cursor: Cursor, *, patience: float) -> None:
    """Set a new connection up: WAL, every commit flushed, `patience` seconds of waiting for other writers."""
    # First of all the patience: the change to WAL may itself have to wait.
    cursor.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.fetchone()
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864"):
        cursor.execute(f"PRAGMA {pragma}")


@contextmanager
def exclusive(connection: sqlite3.Connection) -> Iterator[None]:
    """A writing transaction: the lock is taken at once, and whatever fails, COMMIT included, leaves none behind."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def explain(error: BaseException, path: Path | None = None) -> str:
    """One sentence: which file, what is wrong with it, what to do."""
    words = str(error)
    where = f"{path}: " if path else ""
    for sign, remedy in _REMEDIES:
        if sign in words.lower():
            return f"{where}{remedy} (SQLite says: {words})"
    return f"{where}SQLite says: {words}" if isinstance(error, sqlite3.Error) else f"{where}{words}"


def is_database_fault(error: BaseException | None) -> bool:
    """Whether an error is the database's state (full, locked, read-only, damaged) rather than a fault of the data."""
    if not isinstance(error, sqlite3.Error) or isinstance(error, _OF_THE_DATA):
        return False
    words = str(error).lower()
    return any(sign in words for sign, _ in _REMEDIES)
