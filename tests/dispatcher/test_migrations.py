"""What migrations make is what the code says: columns, types, indexes."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from dispatcher import tables as t
from dispatcher.migrations import SERVICE, VERSIONS
from tests.stores import OpenStore


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in t.metadata.tables}
    )
    return list(compare_metadata(context, t.metadata))


async def test_the_migrated_tables_are_those_of_the_code(open_store: OpenStore) -> None:
    store = await open_store(SERVICE, VERSIONS)
    async with store.reading() as connection:
        assert await connection.run_sync(_differences) == []
