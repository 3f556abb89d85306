"""What the disk and SQLite do when nobody thinks: the ceiling that everything else is held against."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

BATCH = 500
"""Rows in a transaction, as in a batch of the normalizer."""


def inserts(path: Path, values: Sequence[bytes]) -> float:
    """Rows a second, with the durability that Muara asks for (WAL, `synchronous=FULL`)."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, value BLOB NOT NULL)")
        started = time.perf_counter()
        for first in range(0, len(values), BATCH):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO bare (value) VALUES (?)", [(value,) for value in values[first : first + BATCH]]
            )
            connection.execute("COMMIT")
        return len(values) / (time.perf_counter() - started)
    finally:
        connection.close()
