"""Reading an agency's table, without a trace in its database."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, column, event, func, inspect, literal_column, or_, select, table
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import quoted_name

from connectors.marks import Mark
from connectors.sql.settings import TableSettings

Key = Any
"""A value of the key's column, as the driver gives it."""


class AgencyUnavailable(Exception):
    """The database does not answer; says why, without its address."""


class TableMisfit(Exception):
    """The table is not as the settings say; says what is there."""


class AgencyTable:
    """One table or view. Each question has its own short connection, so that the agency's system is never held up."""

    def __init__(self, url: URL, settings: TableSettings) -> None:
        self._settings = settings
        self._engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": 5}, hide_parameters=True)
        event.listen(self._engine.sync_engine, "connect", _prepare)
        schema, _, name = settings.table.rpartition(".")
        self._table = table(quoted_name(name, quote=True), schema=quoted_name(schema, quote=True) if schema else None)
        self._key: ColumnElement[Any] = column(quoted_name(settings.key, quote=True))
        self._mark: ColumnElement[Any] = column(quoted_name(settings.mark or settings.key, quote=True))
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
        statement = select(self._mark, self._key).where(self._mark.is_not(None), self._key.is_not(None))
        if low is not None:
            statement = statement.where(self._mark >= low)
        if after is not None:
            mark, key = after
            statement = statement.where(or_(self._mark > mark, and_(self._mark == mark, self._key > key)))
        found = await self._ask(statement.select_from(self._table).order_by(self._mark, self._key).limit(limit))
        return [(row[0], row[1]) for row in found]

    async def keys(self, after: Key | None, limit: int) -> list[Key]:
        """All keys, in order."""
        statement = select(self._key).where(self._key.is_not(None))
        if after is not None:
            statement = statement.where(self._key > after)
        return [row[0] for row in await self._ask(statement.select_from(self._table).order_by(self._key).limit(limit))]

    async def without_key(self) -> int:
        """How many rows have no key, and so no identity."""
        statement = select(func.count()).select_from(self._table).where(self._key.is_(None))
        return int((await self._ask(statement))[0][0])

    async def rows(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        """Rows by key, as JSON objects. Those that are gone meanwhile are not among them."""
        wanted: list[ColumnElement[Any]] = [
            column(quoted_name(name, quote=True)) for name in self._settings.columns
        ] or [literal_column("*")]
        # The key once more, under a name that no column has: it may not be among the columns that are read.
        statement = select(self._key.label("muara key"), *wanted).select_from(self._table).where(self._key.in_(keys))
        found = await self._ask(statement)
        return {row[0]: _document(row._fields[1:], row[1:]) for row in found}

    async def close(self) -> None:
        """Give back what is held."""
        await self._engine.dispose()

    async def _ask(self, statement: Any) -> Sequence[Any]:  # noqa: ANN401 SQLAlchemy's Select has a type for each shape
        if not self._checked:
            await self.check()
        async with self._connection() as connection:
            return (await connection.execute(statement)).all()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(self._settings.timeout), self._engine.connect() as connection:
                yield connection
        except TimeoutError as error:
            raise AgencyUnavailable(f"no answer within {self._settings.timeout:g} s") from error
        except (SQLAlchemyError, OSError) as error:
            self._checked = False
            raise AgencyUnavailable(str(getattr(error, "orig", None) or error)) from error

    def _compare(self, connection: Connection) -> None:
        schema, _, name = self._settings.table.rpartition(".")
        try:
            there = [found["name"] for found in inspect(connection).get_columns(name, schema or None)]
        except NoSuchTableError as error:
            raise TableMisfit(f"there is no table or view {self._settings.table}") from error
        known = {name.casefold() for name in there}
        named = {self._settings.key, self._settings.mark or self._settings.key, *self._settings.columns}
        missing = sorted(name for name in named if name.casefold() not in known)
        if missing:
            raise TableMisfit(
                f"{self._settings.table} has no column {', '.join(missing)}; its columns are {', '.join(there)}"
            )


def _prepare(connection: Any, entry: object) -> None:  # noqa: ANN401 a DBAPI connection has no type
    del entry
    # A text that is not UTF-8 would fail the whole page; so it fails nobody, and shows as U+FFFD.
    connection.driver_connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _document(names: Sequence[str], values: Sequence[Any]) -> bytes:
    document = {name: _plain(value) for name, value in zip(names, values, strict=True)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:  # noqa: ANN401 a database's value in, a JSON value out
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # NaN and infinities have no JSON
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else repr(value)
