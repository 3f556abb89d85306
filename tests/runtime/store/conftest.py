"""A store on a file, with a table to write into."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from runtime.store.engine import Store
from runtime.store.outbox import Outbox
from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment, Words

metadata = MetaData()
things = Table("things", metadata, Column("id", Integer, primary_key=True), Column("name", String(40), nullable=False))
typed = Table("typed", metadata, Column("id", Id, primary_key=True), Column("at", Moment))
told = Table(
    "told", metadata, Column("id", Integer, primary_key=True), Column("words", Words), Column("name", Words(8))
)
outbox = Outbox(metadata, "uji")
positions = PositionTable(metadata, "uji")


def store_at(path: Path, patience: float = 30.0) -> Store:
    return Store(f"sqlite+aiosqlite:///{path}", patience=patience)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = store_at(path)
    async with store.writing() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()
