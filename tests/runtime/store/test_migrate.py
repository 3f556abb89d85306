"""Migrations: whole or not at all, once though two start together, each service by itself."""

# ruff: noqa: ASYNC220 - a test may wait for a file or a child

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from runtime.store.engine import Store
from runtime.store.migrate import migrate, versions_of
from tests.stores import OpenStore

from .conftest import store_at

FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{service}_0001", None, None, None

def upgrade() -> None:
    op.create_table("{service}_satu", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO {service}_satu VALUES (1)")

def downgrade() -> None:
    op.drop_table("{service}_satu")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{service}_0002", "{service}_0001", None, None

def upgrade() -> None:
    op.create_table("{service}_dua", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO {service}_dua VALUES (1)")
    op.execute("{then}")

def downgrade() -> None:
    op.drop_table("{service}_dua")
"""
GOOD, BAD = "SELECT 1", "INSERT INTO tidak_ada VALUES (1)"


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0001.py").write_text(FIRST.format(service="uji"))
    return folder


async def tables(store: Store) -> set[str]:
    async with store.reading() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_a_new_database_gets_everything_and_a_second_start_nothing(path: Path, versions: Path) -> None:
    store = store_at(path)
    assert await versions_of(store, "uji", versions) == (None, "uji_0001")
    for _ in range(2):
        await migrate(store, "uji", versions)
        assert await tables(store) == {"uji_satu", "uji_version"}
        assert await versions_of(store, "uji", versions) == ("uji_0001", "uji_0001")
    (versions / "0002.py").write_text(SECOND.format(service="uji", then=GOOD))
    await migrate(store, "uji", versions)
    assert await versions_of(store, "uji", versions) == ("uji_0002", "uji_0002")
    await store.close()


@pytest.mark.parametrize("started", [True, False], ids=["on top of the first", "together with the first"])
async def test_a_migration_that_fails_leaves_nothing_behind(path: Path, versions: Path, started: bool) -> None:
    store = store_at(path)
    if started:
        await migrate(store, "uji", versions)
    before = await tables(store)
    (versions / "0002.py").write_text(SECOND.format(service="uji", then=BAD))
    with pytest.raises(Exception, match="tidak_ada"):
        await migrate(store, "uji", versions)
    assert await tables(store) == before
    (versions / "0002.py").write_text(SECOND.format(service="uji", then=GOOD))
    await migrate(store, "uji", versions)
    assert await tables(store) == {"uji_satu", "uji_dua", "uji_version"}
    await store.close()


async def test_services_have_chains_of_their_own(path: Path, tmp_path: Path, versions: Path) -> None:
    other = tmp_path / "others"
    other.mkdir()
    (other / "0001.py").write_text(FIRST.format(service="lain"))
    store = store_at(path)
    await migrate(store, "uji", versions)
    await migrate(store, "lain", other)
    assert await tables(store) == {"uji_satu", "uji_version", "lain_satu", "lain_version"}
    await store.close()


START = """
import asyncio, sys
from pathlib import Path
from runtime.store.engine import Store
from runtime.store.migrate import migrate

async def main():
    store = Store("sqlite+aiosqlite:///" + sys.argv[1])
    await migrate(store, "uji", Path(sys.argv[2]))
    await store.close()

asyncio.run(main())
"""


async def test_two_processes_start_at_once(path: Path, versions: Path) -> None:
    (versions / "0002.py").write_text(SECOND.format(service="uji", then=GOOD))
    children = [
        subprocess.Popen([sys.executable, "-c", START, str(path), str(versions)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for child in children:
        _, errors = await asyncio.to_thread(child.communicate, timeout=60)
        assert child.returncode == 0, errors.decode()
    store = store_at(path)
    assert await versions_of(store, "uji", versions) == ("uji_0002", "uji_0002")
    await store.close()


async def test_two_chains_at_the_same_moment_in_one_process(open_store: OpenStore, versions: Path) -> None:
    """Alembic has one place for what it works on: without turns one chain loses its tables."""
    store = await open_store()
    names = [f"rantai_{n}" for n in range(6)]
    await asyncio.gather(*(migrate(store, name, versions_for(versions.parent, name)) for name in names))
    for name in names:
        current, head = await versions_of(store, name, versions_for(versions.parent, name))
        assert current == head is not None


def versions_for(folder: Path, name: str) -> Path:
    """A chain with one table of its own."""
    made = folder / name
    if not made.exists():
        made.mkdir()
        (made / "0001_first.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '0001'\ndown_revision = None\n"
            "branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n"
            f"    op.create_table('{name}_things', sa.Column('id', sa.Integer(), primary_key=True))\n",
            encoding="utf-8",
        )
    return made
