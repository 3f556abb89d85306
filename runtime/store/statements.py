"""Statements whose dialects differ, in one place."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Insert, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Item = TypeVar("Item")

_CHUNK = 500
"""Values in one IN list: below every dialect's limit of bound parameters, with room for the others."""


def insert_new(connection: AsyncConnection, table: Table) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING`: rows that are there already stay as they are."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def upsert(connection: AsyncConnection, table: Table, changing: Sequence[str]) -> Insert:
    """`INSERT … ON CONFLICT (primary key) DO UPDATE` of some columns."""
    keys = [column.name for column in table.primary_key]
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(table)
        return statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in changing}
        )
    other = sqlite.insert(table)
    return other.on_conflict_do_update(index_elements=keys, set_={name: other.excluded[name] for name in changing})


async def insert_returning_new(
    connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]], *returned: str
) -> set[tuple[Any, ...]]:
    """Insert rows that are not there yet; returns the named columns of just those that went in."""
    if not rows:
        return set()
    columns = [table.c[name] for name in returned]
    if connection.dialect.name == "postgresql":
        result = await connection.execute(_insert_arrays(table, rows).on_conflict_do_nothing().returning(*columns))
    else:
        result = await connection.execute(insert_new(connection, table).returning(*columns), rows)
    return {tuple(row) for row in result}


def _insert_arrays(table: Table, rows: Sequence[dict[str, Any]]) -> postgresql.Insert:
    """One statement for all rows, and the same text for any number of them: a column is one array."""
    columns = [table.c[name] for name in rows[0]]
    arrays = [
        bindparam(f"{column.name}_", [row[column.name] for row in rows], type_=postgresql.ARRAY(column.type))
        for column in columns
    ]
    return postgresql.insert(table).from_select(columns, select(*(func.unnest(array) for array in arrays)))


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Slices that fit one IN list."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
