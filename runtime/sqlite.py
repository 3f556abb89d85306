"""SQLite's errors in words that say what to do."""

import sqlite3
from pathlib import Path

_REMEDIES = (
    ("readonly", "the file or its folder is read-only: give this user the right to write there"),
    ("disk is full", "the disk is full: free some space; nothing accepted so far is lost"),
    ("disk i/o", "the disk does not answer properly: look at the system's log and at free space"),
    ("locked", "another process holds it: stop the other one, or wait for its backup to end"),
    ("unable to open", "the folder is missing or may not be entered: make it, or correct `home`"),
    ("not a database", "the file is damaged or is something else: restore it from a backup, or move it away"),
    ("malformed", "the file is damaged: restore it from a backup"),
    (
        "no such table",
        "the file is not one of Muara's, or was emptied: restore it from a backup, or move it away",
    ),
)


def explain(error: BaseException, path: Path | None = None) -> str:
    """One sentence: which file, what is wrong with it, what to do."""
    words = str(error)
    where = f"{path}: " if path else ""
    for sign, remedy in _REMEDIES:
        if sign in words.lower():
            return f"{where}{remedy} (SQLite says: {words})"
    return f"{where}SQLite says: {words}"


def is_database_fault(error: BaseException) -> bool:
    """Whether an error is the database's state (full, locked, read-only) rather than a fault of the data."""
    return isinstance(error, sqlite3.OperationalError)
