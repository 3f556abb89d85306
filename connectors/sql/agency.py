"""Reading an agency's table, without a trace in its database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, and_, column, func, inspect, literal_column, or_, select, table
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import JSON, Date, DateTime

from connectors.marks import Mark
from connectors.sql.kinds import kind_of
from connectors.sql.settings import TableSettings
from connectors.sql.values import document

Key = Any
"""A value of the key's column, as the driver gives it."""


class AgencyUnavailable(Exception):
    """The database does not answer; says why, without its address."""


class TableMisfit(Exception):
    """The table is not as the settings say; says what is there."""


class SpoiltValue(AgencyUnavailable):
    """The database itself cannot read a value that it holds."""


class UnreadableRow(Exception):
    """A row that the driver cannot read."""


class AgencyTable:
    """One table or view. Each question has its own short connection, so that the agency's system is never held up."""

    def __init__(self, url: URL, settings: TableSettings, zone: str = "Asia/Jakarta") -> None:
        """`zone` is that of times that name none."""
        self._settings = settings
        self._kind = kind_of(url, settings.timeout, zone)
        self._engine = self._kind.engine()
        schema, _, name = settings.table.rpartition(".")
        self._table = table(quoted_name(name, quote=True), schema=quoted_name(schema, quote=True) if schema else None)
        self._key: ColumnElement[Any] = column(quoted_name(settings.key, quote=True))
        self._mark: ColumnElement[Any] = column(quoted_name(settings.mark or settings.key, quote=True))
        self._columns: list[ColumnElement[Any]] = [literal_column("*")]
        self._json: frozenset[str] = frozenset()
        self._bits: frozenset[str] = frozenset()
        self._checked = False

    async def check(self) -> None:
        """Compare the settings with the table.

        Raises:
            TableMisfit: the table or a column is not there. Some databases take a column that is not there for a text.
            AgencyUnavailable: see there.
        """
        async with self._connection() as connection:
            await connection.run_sync(self._compare)
        self._checked = True

    async def newer(self, low: Mark | None, after: tuple[Mark, Key] | None, limit: int) -> list[tuple[Mark, Key]]:
        """Marks and keys from a mark on, in order; `after` is where the last page ended."""
        await self._check_once()
        statement = select(self._mark, self._key).where(self._mark.is_not(None), self._key.is_not(None))
        if self._kind.earliest is not None and isinstance(self._mark.type, Date | DateTime):
            statement = statement.where(self._mark >= self._kind.earliest)
        if low is not None:
            statement = statement.where(self._mark >= low)
        if after is not None:
            mark, key = after
            statement = statement.where(or_(self._mark > mark, and_(self._mark == mark, self._key > key)))
        found = await self._ask(statement.select_from(self._table).order_by(self._mark, self._key).limit(limit))
        return [(row[0], row[1]) for row in found]

    async def keys(self, after: Key | None, limit: int) -> list[Key]:
        """All keys, in order."""
        await self._check_once()
        statement = select(self._key).where(self._key.is_not(None))
        if after is not None:
            statement = statement.where(self._key > after)
        return [row[0] for row in await self._ask(statement.select_from(self._table).order_by(self._key).limit(limit))]

    async def without_key(self) -> int:
        """How many rows have no key, and so no identity."""
        await self._check_once()
        statement = select(func.count()).select_from(self._table).where(self._key.is_(None))
        return int((await self._ask(statement))[0][0])

    async def rows(self, keys: Sequence[Key]) -> dict[Key, bytes | UnreadableRow]:
        """Rows by key, as JSON objects. Those that are gone meanwhile are not among them; one that the driver cannot
        read spoils no other.
        """
        await self._check_once()
        try:
            return dict(await self._documents(keys))
        except (ValueError, OverflowError, SpoiltValue) as error:
            if len(keys) == 1:
                why = (
                    f"the row cannot be read ({type(error).__name__}): a text is in another charset than the database's"
                )
                return {keys[0]: UnreadableRow(f"{why}, or a time is none")}
        middle = len(keys) // 2
        return {**await self.rows(keys[:middle]), **await self.rows(keys[middle:])}

    async def close(self) -> None:
        """Give back what is held."""
        await self._engine.dispose()

    async def _documents(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        # The key once more, under a name that no column has: it may not be among the columns that are read. Last, since
        # MySQL takes an asterisk at the beginning only.
        statement = select(*self._columns, self._key.label("muara key")).select_from(self._table)
        found = await self._ask(statement.where(self._key.in_(keys)))
        return {row[-1]: document(row._fields[:-1], row[:-1], json_in=self._json, bits_in=self._bits) for row in found}

    async def _check_once(self) -> None:
        if not self._checked:
            await self.check()

    async def _ask(self, statement: Any) -> Sequence[Any]:  # noqa: ANN401 SQLAlchemy's Select has a type for each shape
        async with self._connection() as connection:
            return (await connection.execute(statement)).all()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(self._settings.timeout), self._engine.connect() as connection:
                await self._kind.begin(connection)
                yield connection
        except TimeoutError as error:
            raise AgencyUnavailable(f"no answer within {self._settings.timeout:g} s") from error
        except self._kind.trouble as error:
            self._checked = False
            kind = SpoiltValue if self._kind.is_spoilt(error) else AgencyUnavailable
            raise kind(self._kind.explain(error)) from error

    def _compare(self, connection: Connection) -> None:
        schema, _, name = self._settings.table.rpartition(".")
        try:
            there = {found["name"]: found["type"] for found in inspect(connection).get_columns(name, schema or None)}
        except NoSuchTableError as error:
            raise TableMisfit(f"there is no table or view {self._settings.table}") from error
        # Names are found whatever their capitals are, and then written as the table has them.
        known = {each.casefold(): each for each in there} | {each: each for each in there}
        named = [self._settings.key, self._settings.mark or self._settings.key, *self._settings.columns]
        missing = sorted({each for each in named if each not in known and each.casefold() not in known})
        if missing:
            raise TableMisfit(
                f"{self._settings.table} has no column {', '.join(missing)}; its columns are {', '.join(there)}"
            )
        found = [known.get(each) or known[each.casefold()] for each in named]
        # SQLite's columns hold values of any type, whatever they are declared to be.
        typed = self._engine.dialect.name != "sqlite"
        quoted = [column(quoted_name(each, quote=True), there[each] if typed else None) for each in found]
        self._key, self._mark = quoted[0], quoted[1]
        if self._settings.columns:
            self._columns = [column(quoted_name(each, quote=True)) for each in found[2:]]
        self._json = frozenset(each for each, kind in there.items() if typed and isinstance(kind, JSON))
        self._bits = frozenset(each for each, kind in there.items() if typed and kind.__visit_name__ == "BIT")
