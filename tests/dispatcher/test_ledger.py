"""One row deleted or copied in any table, and the books no longer balance."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, delete, insert

from dispatcher import tables as t
from dispatcher.deadlines import DeadlineRules
from runtime.working_days import WorkingDays
from sandbox.hub.server import HubSimulation
from schemas.topics import COMMANDS, COMPLAINTS

from .conftest import START, House, settled, until


async def _history(house: House, simulation: HubSimulation) -> Any:  # noqa: ANN401 the dispatcher
    """A dispatcher that has been through everything: every table has rows."""
    from runtime.bus.protocol import Record  # noqa: PLC0415

    rules = DeadlineRules(WorkingDays("Asia/Jakarta"))
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, deadlines=rules)})
    await house.publish(house.complaint("a"), house.complaint("b"), house.complaint("past", historical=True))
    await house.bus.publish(COMPLAINTS.name, [Record("x", b"not json")])
    await settled(house, dispatcher)
    await house.publish(house.complaint("a", 2, private={"text": "Lampu mati, tiang roboh"}))
    await house.command("approve", "all")
    await settled(house, dispatcher)
    await until(lambda: _timed(house))
    return dispatcher


async def _timed(house: House) -> bool:
    return len(await house.rows(t.deadlines)) == 2


async def test_a_history_of_everything_balances(house: House, simulation: HubSimulation) -> None:
    dispatcher = await _history(house, simulation)
    ledger = await dispatcher.ledger()
    assert [f"{c.name}: {c.left} != {c.right}" for c in ledger.checks if not c.holds] == []
    assert ledger.counts["delivered"] == ledger.counts["routed"] == 2
    assert (ledger.counts["updates"], ledger.counts["outbox"]) == (1, 0)


_TABLES = [
    (t.complaints, {"complaint_id": uuid4}),
    (t.routes, {"complaint_id": uuid4}),
    (t.deliveries, {"delivery_id": uuid4, "sequence": lambda: 99}),
    (t.hubs, {"destination": lambda: "copy"}),
    (t.deadlines, {"complaint_id": uuid4}),
    (t.commands, {"offset": lambda: 99}),
    (t.unreadable, {"offset": lambda: 99}),
    (t.positions.table, {"partition": lambda: 99}),
    (t.positions.losses, {"position": lambda: 0}),
    (t.outbox.table, {"id": lambda: str(uuid4())}),
]


def test_every_table_is_sabotaged_below() -> None:
    assert {table.name for table, _ in _TABLES} == set(t.metadata.tables)


@pytest.mark.parametrize(("table", "key"), _TABLES, ids=[table.name for table, _ in _TABLES])
async def test_one_row_gone_or_copied_is_noticed(
    house: House, simulation: HubSimulation, table: Table, key: dict[str, Any]
) -> None:
    dispatcher = await _history(house, simulation)
    await dispatcher.stop()
    if table is t.positions.losses:
        await _into(
            house, table, {"topic": COMMANDS.name, "partition": 0, "position": 1, "start": 3, "noticed_at": START}
        )
    elif table is t.outbox.table:
        await _into(
            house, table, {"id": "1", "topic": "x", "key": "x", "value": b"x", "written_at": START.replace(year=2025)}
        )
    else:
        rows = await house.rows(table)
        assert rows
        for row in rows:
            where = [column == row._mapping[column.name] for column in table.primary_key]
            async with house.store.writing() as connection:
                await connection.execute(delete(table).where(*where))
            assert not await _balanced(dispatcher), f"a row of {table.name} is gone"
            await _into(house, table, dict(row._mapping))
            assert await _balanced(dispatcher)
            await _into(house, table, {**row._mapping, **{name: make() for name, make in key.items()}})
            assert not await _balanced(dispatcher), f"a row of {table.name} is there twice"
            async with house.store.writing() as connection:
                await connection.execute(delete(table).where(*_others(table, rows)))
        return
    assert not await _balanced(dispatcher)


async def test_a_state_that_is_changed_by_hand_is_noticed(house: House, simulation: HubSimulation) -> None:
    dispatcher = await _history(house, simulation)
    await dispatcher.stop()
    async with house.store.writing() as connection:
        await connection.execute(t.deliveries.update().where(t.deliveries.c.kind == "create").values(state="rejected"))
    assert not await _balanced(dispatcher)


async def _balanced(dispatcher: Any) -> bool:  # noqa: ANN401 the dispatcher
    return all(check.holds for check in (await dispatcher.ledger()).checks)


async def _into(house: House, table: Table, row: dict[str, Any]) -> None:
    async with house.store.writing() as connection:
        await connection.execute(insert(table), [row])


def _others(table: Table, rows: Any) -> list[Any]:  # noqa: ANN401 rows
    """Everything in a table that is not one of these rows."""
    first, *rest = table.primary_key
    kept = [tuple(row._mapping[column.name] for column in (first, *rest)) for row in rows]
    conditions = []
    for values in kept:
        same = first == values[0]
        for column, value in zip(rest, values[1:], strict=True):
            same = same & (column == value)
        conditions.append(~same)
    return conditions
