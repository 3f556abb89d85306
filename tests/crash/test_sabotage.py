"""One row less, or one row twice, in any table there is: the audit must not say that all is well."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

import connectors.media.tables
import connectors.source_table
import connectors.tables
import dispatcher.tables
import normalizer.tables
import portal.tables
from muara.audit import Audit, audit
from muara.config import load_config
from muara.ground import SERVICES, open_books
from muara.home import Home
from schemas.topics import MEDIA, WANTED
from tests.crash.conftest import Copier
from tests.outside import ledger, muara

_METADATA = (
    connectors.tables.METADATA,
    connectors.source_table.METADATA,
    connectors.media.tables.METADATA,
    normalizer.tables.metadata,
    dispatcher.tables.metadata,
    portal.tables.metadata,
)
STORE = sorted({name for each in _METADATA for name in each.tables} | {f"{each.SERVICE}_version" for each in SERVICES})
LOG = ["partitions", "records"]
ON_THEIR_WAY = ["connectors_media_outbox", "dispatcher_outbox", "normalizer_outbox"]
OWN_LOSSES = ["connectors_losses", "connectors_media_losses"]
LOSSES = ["dispatcher_losses", "normalizer_losses", "portal_losses", *OWN_LOSSES]
"""Empty unless the log was emptied too early, which is a fault by itself."""
ESTIMATES = ["connectors_positions", "connectors_sources", "normalizer_words"]
"""How often sources bring something, who is paused, by which command, which words are rare: no message hangs on them,
and nobody balances them.
"""
FETCHED = ["connectors_media_sources"]
"""Of the fetch queue: whether a source's provider answers. No file hangs on it."""
STORE = sorted(set(STORE) - {*LOSSES, *ESTIMATES, *FETCHED})
TABLES = [("store.db", name) for name in STORE] + [("log.db", name) for name in LOG]


@dataclass(frozen=True)
class _Table:
    """A table of an SQLite file, whatever its columns are."""

    connection: sqlite3.Connection
    name: str

    @property
    def columns(self) -> list[str]:
        return [row[1] for row in self.connection.execute(f'PRAGMA table_info("{self.name}")')]

    @property
    def unique(self) -> list[list[str]]:
        """Of the primary key and each unique index: its columns."""
        key = [row[1] for row in self.connection.execute(f'PRAGMA table_info("{self.name}")') if row[5]]
        found = [key] if key else []
        for index in self.connection.execute(f'PRAGMA index_list("{self.name}")').fetchall():
            columns = [row[2] for row in self.connection.execute(f'PRAGMA index_info("{index[1]}")')]
            if index[2] and columns not in found:
                found.append(columns)
        return found

    def rows(self) -> list[tuple[object, ...]]:
        return self.connection.execute(f'SELECT * FROM "{self.name}"').fetchall()

    def delete(self, row: tuple[object, ...]) -> None:
        key = self.unique[0] if self.unique else self.columns
        where = " AND ".join(f'"{column}" IS ?' for column in key)
        values = [row[self.columns.index(column)] for column in key]
        assert self.connection.execute(f'DELETE FROM "{self.name}" WHERE {where}', values).rowcount == 1

    def insert(self, row: tuple[object, ...]) -> None:
        self.connection.execute(f'INSERT INTO "{self.name}" VALUES ({",".join("?" * len(row))})', row)

    def copies(self, row: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
        """The row once more, under another key: each column of the key changed in turn, as far as that is enough."""
        first, *others = self.unique or [self.columns]
        for column in first:
            copy = list(row)
            for name in [column, *(each[-1] for each in others)]:
                copy[self.columns.index(name)] = _another(row[self.columns.index(name)])
            yield tuple(copy)


def _another(value: object) -> object:
    if isinstance(value, int):
        return value + 1_000_003
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    assert isinstance(value, str)
    return ("1" if value[0] == "0" else "0") + value[1:]


async def _audit(home: Path) -> Audit:
    async with open_books(Home(home), load_config(home)) as books:
        return await audit(books)


def _open(home: Path, file: str, table: str) -> _Table:
    return _Table(sqlite3.connect(home / "data" / file, isolation_level=None), table)


def _home_for(table: str, rested: Path, torn: Path) -> Path:
    return torn if table in ON_THEIR_WAY else rested


def test_the_tables_below_are_all_there_are(rested: Path) -> None:
    found = set()
    for file in ("store.db", "log.db"):
        with closing(sqlite3.connect(rested / "data" / file)) as connection:
            found |= {(file, row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    assert found == {*TABLES, *(("store.db", name) for name in [*LOSSES, *ESTIMATES, *FETCHED])}


async def test_both_homes_balance_before_the_sabotage(rested: Path, torn: Path) -> None:
    assert (await _audit(rested)).line().endswith("balanced=yes")
    found = await _audit(torn)
    assert found.balanced, [check for check in found.checks if not check.holds]
    assert found.terms["in_flight"] == 2


@pytest.mark.parametrize(("file", "table"), TABLES, ids=[table for _, table in TABLES])
async def test_a_row_gone_or_copied_is_noticed(
    file: str, table: str, rested: Path, torn: Path, copy_of: Copier
) -> None:
    home = copy_of(_home_for(table, rested, torn))
    place = _open(home, file, table)
    with closing(place.connection):
        async with open_books(Home(home), load_config(home)) as books:
            # An empty partition too many holds nothing that could be missed.
            rows = [row for row in place.rows() if table != "partitions" or row[0] not in (MEDIA.name, WANTED.name)]
            assert rows, f"{table} is empty: the history of these homes must fill it"
            row = rows[len(rows) // 2]
            place.delete(row)
            assert not (await audit(books)).balanced, f"{row} is gone"
            place.insert(row)
            for copy in place.copies(row):
                place.insert(copy)
                assert not (await audit(books)).balanced, f"{copy} is too many"
                place.delete(copy)
            assert (await audit(books)).balanced, "the tables are as they were, the audit is not"


@pytest.mark.parametrize("table", LOSSES)
async def test_a_loss_is_a_fault_and_cannot_be_forged(table: str, rested: Path, copy_of: Copier) -> None:
    home = copy_of(rested)
    place = _open(home, "store.db", table)
    with closing(place.connection):
        topic = {"normalizer_losses": "complaints.raw", "connectors_losses": "complaints.commands"}.get(
            table, "complaints"
        )
        place.insert((topic, 0, 5, 7, "2026-11-24 00:00:00.000000"))
    found = await _audit(home)
    assert not found.balanced
    assert any("retention is too short" in fault for fault in found.faults)
    assert table in OWN_LOSSES or any(not check.holds for check in found.checks)


@pytest.mark.parametrize(("file", "table"), [("store.db", "normalizer_supporters"), ("log.db", "records")])
def test_the_command_says_no_and_where(file: str, table: str, rested: Path, copy_of: Copier) -> None:
    home = copy_of(rested)
    assert ledger(home)["balanced"] is True
    place = _open(home, file, table)
    with closing(place.connection):
        place.delete(place.rows()[0])
    done = muara("audit", "--home", home)
    assert done.returncode == 1
    assert done.said.splitlines()[-1].endswith("balanced=no")
    assert "off by" in done.said or "fault:" in done.said
    assert "Traceback" not in done.said
