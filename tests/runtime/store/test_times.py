"""What a process asks of the database, told as it happens."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from runtime.store.engine import Store

from .conftest import things


async def test_each_statement_that_succeeds_is_told_with_its_time(store: Store) -> None:
    told: list[tuple[str, float]] = []
    store.observe(lambda word, seconds: told.append((word, seconds)))
    async with store.writing() as connection:
        await connection.execute(insert(things), [{"id": 1, "name": "x"}])
        assert store.connections[0] == 1
    async with store.reading() as connection:
        await connection.execute(select(things))
        await connection.execute(text("  \n(SELECT 1)") if store.dialect == "postgresql" else text("  \nSELECT 1"))
    with pytest.raises(IntegrityError):
        async with store.writing() as connection:
            await connection.execute(insert(things), [{"id": 1, "name": "x"}])
    words = [word for word, _ in told if word in ("insert", "select")]
    assert words == ["insert", "select", "select"]
    assert all(0 < seconds < 60 for _, seconds in told)
    in_use, idle = store.connections
    assert (in_use, idle > 0) == (0, True)
