"""The embedded log's file and every statement on it. Blocking: `EmbeddedBus` lends it threads."""

import json
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from runtime.bus.protocol import BusUnavailable, LogReplaced, Partition, Received, Record
from runtime.replaced import DatabaseFile, FileReplaced
from runtime.sqlite import exclusive, explain, prepare

Row = tuple[Partition, str, bytes, str]
"""A record on its way into the file: key, value, headers as JSON."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS partitions (
    topic TEXT NOT NULL, number INTEGER NOT NULL, siblings INTEGER NOT NULL,
    start_offset INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    topic TEXT NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    headers TEXT NOT NULL, published_at REAL NOT NULL, UNIQUE (topic, number, offset)
);
"""
_MISCOUNTED = """
SELECT topic, number, coalesce(kept, 0), coalesce(next_offset - start_offset, 0)
FROM (SELECT topic, number, count(*) AS kept, min(offset) AS first, max(offset) AS last FROM records GROUP BY 1, 2)
FULL OUTER JOIN partitions USING (topic, number)
WHERE coalesce(kept, 0) <> coalesce(next_offset - start_offset, 0) OR first <> start_offset OR last <> next_offset - 1
"""
_MISNUMBERED = """
SELECT topic, count(*), max(siblings) FROM partitions GROUP BY topic
HAVING count(*) <> max(siblings) OR min(siblings) <> max(siblings) OR max(number) <> max(siblings) - 1
"""
_READ_BYTES = 16 << 20
"""Bytes of values after which one read ends: 500 records of some megabytes each must not fill the memory."""
_FORGET = 1000
"""Records forgotten in one transaction: publishers wait for no more than that."""


class LogFile:
    """One connection to the log. Used by one thread at a time, not by one thread for ever."""

    def __init__(self, path: Path, *, patience: float) -> None:
        """Open the file, or make it. `patience`: seconds of waiting for another process that writes.

        Raises:
            BusUnavailable: it cannot be used; says why and what to do.
        """
        self.path = path
        self._file = DatabaseFile(path, otherwise="what was accepted but not yet processed is then lost")
        with self._explained():
            self._file.expect()
            self._connection = sqlite3.connect(
                path, timeout=patience, isolation_level=None, check_same_thread=False, cached_statements=32
            )
            try:
                cursor = self._connection.cursor()
                prepare(cursor, patience=patience)
                self._file.recognise(cursor)
            except BaseException:
                self._connection.close()
                raise

    def make_topics(self, topics: Sequence[str], partitions: int) -> dict[str, int]:
        """Make the tables, and the topics that are missing. Returns the number of partitions of every topic."""
        with self._explained():
            with exclusive(self._connection):
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                existing = self._counts()
                self._connection.executemany(
                    "INSERT INTO partitions VALUES (?, ?, ?, 0, 0)",
                    [(t, number, partitions) for t in topics if t not in existing for number in range(partitions)],
                )
            return self._counts()

    def append(self, rows: Sequence[Row]) -> None:
        """Write records in their order. They are durable when this returns; when it raises, none of them is there."""
        grouped: dict[Partition, list[Row]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(row)
        now = time.time()
        with self._explained():
            with exclusive(self._connection):
                for partition, group in grouped.items():
                    first = self._advance(partition, len(group))
                    self._connection.executemany(
                        "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
                        [
                            (partition.topic, partition.number, offset, key, value, headers, now)
                            for offset, (_, key, value, headers) in enumerate(group, first)
                        ],
                    )
            self._file.confirm()

    def fetch(self, partition: Partition, offset: int, limit: int) -> list[Received]:
        """Records from an offset on: at most `limit`, and fewer when they are large."""
        found: list[Received] = []
        size = 0
        with self._explained():
            rows = self._connection.execute(
                "SELECT offset, key, value, headers, published_at FROM records"
                " WHERE topic = ? AND number = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (partition.topic, partition.number, offset, limit),
            )
            for at, key, value, headers, published_at in rows:
                found.append(Received(partition, at, key, value, json.loads(headers) if headers else {}, published_at))
                size += len(value)
                if size >= _READ_BYTES:
                    rows.close()
                    break
        return found

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """The first offset kept and the next one to be given, of each partition."""
        with self._explained():
            rows = self._connection.execute(
                "SELECT number, start_offset, next_offset FROM partitions WHERE topic = ? ORDER BY number", (topic,)
            )
            found = {Partition(topic, number): (start, end) for number, start, end in rows}
        if not found:
            raise BusUnavailable(f"{self.path}: the log has no topic {topic}: restore it from its backup")
        return found

    def faults(self) -> list[str]:
        """What does not fit together, in words."""
        with self._explained():
            miscounted = self._connection.execute(_MISCOUNTED).fetchall()
            misnumbered = self._connection.execute(_MISNUMBERED).fetchall()
        return [
            f"the log keeps {kept} records of {topic}/{number}, but {told} by its bounds"
            + (", and some at other places" if kept == told else "")
            for topic, number, kept, told in miscounted
        ] + [
            f"the log has {there} partitions of {topic}, but was made with {made}" for topic, there, made in misnumbered
        ]

    def forget(self, partition: Partition, before: float, floor: int) -> int:
        """Delete some of the oldest records: below `floor`, and published before a moment. Returns how many."""
        where = (partition.topic, partition.number)
        with self._explained(), exclusive(self._connection):
            rows = self._connection.execute(
                "SELECT offset, published_at FROM records WHERE topic = ? AND number = ? ORDER BY offset LIMIT ?",
                (*where, _FORGET),
            ).fetchall()
            cut = None
            for offset, published_at in rows:
                # Only from the front: a clock that was set back must not leave a hole.
                if offset >= floor or published_at >= before:
                    break
                cut = offset + 1
            if cut is None:
                return 0
            deleted = self._connection.execute(
                "DELETE FROM records WHERE topic = ? AND number = ? AND offset < ?", (*where, cut)
            )
            self._connection.execute(
                "UPDATE partitions SET start_offset = ? WHERE topic = ? AND number = ?", (cut, *where)
            )
            return deleted.rowcount

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def _counts(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT topic, count(*) FROM partitions GROUP BY topic").fetchall())

    def _advance(self, partition: Partition, count: int) -> int:
        row = self._connection.execute(
            "UPDATE partitions SET next_offset = next_offset + ? WHERE topic = ? AND number = ? RETURNING next_offset",
            (count, partition.topic, partition.number),
        ).fetchone()
        if row is None:
            raise BusUnavailable(
                f"{self.path}: the log has no partition {partition.number} of {partition.topic} any more:"
                " restore it from its backup"
            )
        return int(row[0]) - count

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FileReplaced as error:
            raise LogReplaced(str(error)) from error
        except (sqlite3.Error, OSError) as error:
            raise BusUnavailable(explain(error, self.path)) from error


def encode(topic: str, record: Record, partitions: Mapping[str, int]) -> Row:
    """A record as a row; its key decides the partition.

    Raises:
        BusUnavailable: the log has no such topic.
        UnicodeEncodeError: the key cannot be written as UTF-8.
    """
    count = partitions.get(topic)
    if count is None:
        raise BusUnavailable(f"the log has no topic {topic}; it has {', '.join(sorted(partitions)) or 'none'}")
    number = zlib.crc32(record.key.encode()) % count
    return (
        Partition(topic, number),
        record.key,
        record.value,
        json.dumps(dict(record.headers)) if record.headers else "",
    )
