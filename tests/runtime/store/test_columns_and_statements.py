"""Column types that mean the same everywhere, and the statements whose dialects differ."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from runtime.store.engine import Store
from runtime.store.statements import chunks, insert_new, insert_returning_new, upsert
from runtime.store.types import Moment
from tests.stores import OpenStore

from .conftest import things, told, typed

SQLITE = sqlite.dialect()


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3.5))])))
def test_moments_are_exact_to_the_microsecond(moment: datetime) -> None:
    stored = Moment().process_bind_param(moment, SQLITE)
    assert isinstance(stored, int)
    back = Moment().process_result_value(stored, SQLITE)
    assert back == moment
    assert back is not None
    assert back.utcoffset() == timedelta(0)


async def test_typed_columns_in_the_database(store: Store) -> None:
    identity = uuid4()
    at = datetime(2026, 11, 24, 10, 0, 0, 123457, tzinfo=timezone(timedelta(hours=7)))
    async with store.writing() as connection:
        await connection.execute(insert(typed), [{"id": identity, "at": at}, {"id": UUID(int=1), "at": None}])
        raw = (await connection.execute(text("SELECT id, at FROM typed ORDER BY at"))).all()
        rows = (await connection.execute(select(typed).order_by(typed.c.at))).all()
    assert [tuple(row) for row in raw] == [(str(UUID(int=1)), None), (str(identity), 1795489200123457)]
    assert [tuple(row) for row in rows] == [(UUID(int=1), None), (identity, at)]
    assert rows[1].at.tzinfo == UTC


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        async with store.writing() as connection:
            await connection.execute(insert(typed).values(id=uuid4(), at=datetime(2026, 1, 1)))  # noqa: DTZ001


WORDS = [
    ("biasa", "biasa"),
    ("NUL\0di tengah", "NULdi tengah"),
    ("setengah \ud83d huruf", "setengah \ufffd huruf"),
    ("sepasang \ud83d\ude00", "sepasang \U0001f600"),
    ("\\u0000 ditulis", "\\u0000 ditulis"),
    (None, None),
]


async def test_words_of_others_always_fit(open_store: OpenStore) -> None:
    store = await open_store()
    async with store.writing() as connection:
        await connection.run_sync(told.metadata.create_all)
        rows = [{"id": number, "words": given, "name": given} for number, (given, _) in enumerate(WORDS)]
        await connection.execute(insert(told), rows)
        found = (await connection.execute(select(told.c.words, told.c.name).order_by(told.c.id))).all()
    assert [tuple(row) for row in found] == [(kept, kept and kept[:8]) for _, kept in WORDS]


async def test_only_new_rows_go_in_and_come_back(store: Store) -> None:
    rows = [{"id": n, "name": f"baru {n}"} for n in range(3)]
    async with store.writing() as connection:
        await connection.execute(insert(things).values(id=1, name="lama"))
        assert await insert_returning_new(connection, things, rows, "id", "name") == {(0, "baru 0"), (2, "baru 2")}
        assert await insert_returning_new(connection, things, rows, "id") == set()
        assert await insert_returning_new(connection, things, [], "id") == set()
        names = (await connection.execute(select(things.c.name).order_by(things.c.id))).scalars().all()
    assert names == ["baru 0", "lama", "baru 2"]


async def test_only_what_conflicts_is_ignored(store: Store) -> None:
    with pytest.raises(Exception, match="NOT NULL"):
        async with store.writing() as connection:
            await connection.execute(insert_new(connection, things), [{"id": 1, "name": None}])


async def test_an_upsert_changes_what_it_names(store: Store) -> None:
    async with store.writing() as connection:
        for name in ("satu", "dua"):
            await connection.execute(upsert(connection, things, ["name"]), [{"id": 1, "name": name}])
        assert (await connection.execute(select(things.c.name))).scalars().all() == ["dua"]


def test_both_dialects_are_known() -> None:
    class Connection:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    for statement in (insert_new(Connection(), things), upsert(Connection(), things, ["name"])):  # type: ignore[arg-type]
        assert "ON CONFLICT" in str(statement.compile(dialect=Connection.dialect))


def test_chunks_are_all_of_it_in_slices() -> None:
    items = list(range(1201))
    slices = list(chunks(items))
    assert [len(each) for each in slices] == [500, 500, 201]
    assert [item for each in slices for item in each] == items
