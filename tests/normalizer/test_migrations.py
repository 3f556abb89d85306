"""The tables that the revisions make are those of the code."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from normalizer import tables as t
from normalizer.migrations import SERVICE, VERSIONS
from runtime.store.migrate import migrate, versions_of
from runtime.store.versions import version_table

from .rig import Rig


def difference(connection: Connection) -> object:
    def ours(thing: object, name: str | None, kind: str, *others: object) -> bool:
        return not (kind == "table" and name == version_table(SERVICE))

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
    return compare_metadata(context, t.metadata)


async def test_the_migrated_tables_are_those_of_the_code(rig: Rig) -> None:
    async with rig.store.reading() as connection:
        assert await connection.run_sync(difference) == []
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert set(names) == {*t.metadata.tables, version_table(SERVICE)}


async def test_migrating_twice_changes_nothing(rig: Rig) -> None:
    await rig.say("Lampu jalan mati di Jalan Melati")
    await rig.work()
    await migrate(rig.store, SERVICE, VERSIONS)
    current, head = await versions_of(rig.store, SERVICE, VERSIONS)
    assert current == head
    assert current is not None
    assert await rig.counts("complaint") == (1,)


def test_all_tables_are_named_for_the_service() -> None:
    assert all(name.startswith("normalizer_") for name in t.metadata.tables)
