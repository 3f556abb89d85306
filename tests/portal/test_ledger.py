"""The portal's part of the ledger balances, and notices every row that is taken or doubled."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal import tables as t
from runtime.bus.protocol import Record
from schemas.topics import COMPLAINTS

from .conftest import House, complaint, identity

TABLES: dict[str, Table] = {table.name: table for table in t.metadata.sorted_tables}
FRESH: dict[str, Any] = {"seq": 10_000, "complaint_id": uuid4(), "id": 2, "partition": 77, "topic": COMPLAINTS.name}
"""What a copy gets where its key must differ; `portal_feed` is copied whole but for its number."""


async def furnish(house: House) -> None:
    """Something in every table, a loss and what cannot be read included."""
    await house.stop()
    await house.publish(complaint(1), complaint(1, 2), complaint(2), complaint(3))
    starts = {p: min(end, 1) for p, end in (await house.bus.ends(COMPLAINTS.name)).items()}
    await house.bus.prune(COMPLAINTS.name, 1e12, starts)
    await house.start()
    await house.bus.publish(COMPLAINTS.name, [Record(str(identity(1)), b"?")])
    await house.show(complaint(1, 3), complaint(2, 2), complaint(2, 1))


async def broken(house: House) -> list[str]:
    return [check.name for check in (await house.portal.ledger()).checks if not check.holds]


async def test_it_balances_and_says_how_much(house: House) -> None:
    await furnish(house)
    found = await house.portal.ledger()
    assert found.service == "portal"
    assert not await broken(house)
    ends = await house.bus.ends(COMPLAINTS.name)
    assert found.counts["positions_complaints"] == sum(ends.values()) == 8
    assert found.counts["unreadable"] == 1
    assert found.counts["lost"] == len([end for end in ends.values() if end])
    async with house.store.reading() as connection:
        for table in TABLES.values():
            assert (await connection.execute(select(table))).first() is not None, f"{table.name} is not furnished"


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_one_row_deleted_is_noticed(house: House, name: str) -> None:
    await furnish(house)
    for row in await rows(house, TABLES[name]):
        async with house.store.writing() as connection:
            await connection.execute(delete(TABLES[name]).where(*same(TABLES[name], row)))
        assert await broken(house)
        async with house.store.writing() as connection:
            await connection.execute(insert(TABLES[name]), [row])
        assert not await broken(house)


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_one_row_copied_is_noticed(house: House, name: str) -> None:
    await furnish(house)
    table = TABLES[name]
    for row in await rows(house, table):
        copy = row | {column.name: FRESH[column.name] for column in table.primary_key if column.name in FRESH}
        async with house.store.writing() as connection:
            await connection.execute(insert(table), [copy])
        assert await broken(house)
        async with house.store.writing() as connection:
            await remove(connection, table, copy)
        assert not await broken(house)


async def rows(house: House, table: Table) -> list[dict[str, Any]]:
    async with house.store.reading() as connection:
        found = [dict(row) for row in (await connection.execute(select(table))).mappings()]
    assert found
    return found


async def remove(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    await connection.execute(delete(table).where(*same(table, row)))


def same(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]
