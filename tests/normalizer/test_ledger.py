"""One row deleted or copied in any table, and the ledger says no."""

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, Table, delete, insert, select

from normalizer import tables as t
from normalizer.attaching import MediaWriter
from runtime.bus.protocol import Gap, Partition
from runtime.store.outbox import Outgoing
from schemas.identity import complaint_id
from schemas.topics import MEDIA

from .rig import SITI, WAYAN, Rig, text

LAMP = "Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri, sudah seminggu gelap"
TABLES = sorted(set(t.metadata.tables) - {t.words.name})
"""All but the words' history: statistics, written now and then, on which no sum rests."""


async def full(rig: Rig) -> None:
    """At least two rows in every table, for the ordinary reasons."""
    for number in range(2):
        first = await rig.say(f"{LAMP} nomor {number}", after=10_000 * number)
        await rig.say("gelap sekali", after=10_000 * number + 20)
        await rig.whatsapp(text("x", ident=f"wamid.{number}", sender=WAYAN, after=9000 * number))
        await rig.whatsapp(text("x", ident=f"wamid.{number}", sender=WAYAN, after=9000 * number))
        await rig.row(number, isi="Pungutan liar", rahasia="mungkin")
        await rig.say("tes", sender="6281100000009", after=9000 * number)
        await rig.say(f"Air PDAM keruh di Penarukan blok {number}", sender=f"628110000010{number}")
        await rig.work()
        await rig.status(complaint_id(first), state="disposed")
        await rig.command("undo", first)
        await rig.publish(MEDIA.name, "x", b"{}")
        await MediaWriter(rig.store, rig.sealing, rig.clock).write(await rig.records(MEDIA.name))
    one, other, *_, last = [each.complaint_id for each in await rig.live()]
    await rig.command("link", other, one)
    await rig.command("undo", other)
    await rig.command("merge", last, one)
    await rig.work()
    for partition in range(2):  # a log that lost its beginning on partitions that this test does not use
        gap = Gap(Partition("complaints.raw", 100 + partition), 0, 5)
        await t.positions.on_gap(rig.store)(gap)
    waiting = [Outgoing("complaints.dead", "key", f"event {number}".encode()) for number in range(2)]
    async with rig.store.writing() as connection:
        await t.outbox.write(connection, waiting)


async def rows(rig: Rig, table: Table) -> list[Row[Any]]:
    async with rig.store.reading() as connection:
        return list((await connection.execute(select(table))).all())


def another(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row under another key: as much of a copy as the table takes."""
    copy = dict(row)
    unique = {"complaint_id", "message_id"} if table is t.complaints else set()
    for column in table.columns:
        if not (column.primary_key or column.name in unique):
            continue
        value = copy[column.name]
        if isinstance(value, UUID):
            copy[column.name] = uuid.uuid5(value, "copy")
        elif isinstance(value, int):
            copy[column.name] = value + 1_000_003
        elif column.name in ("complaint_id", "id"):
            copy[column.name] = str(uuid.uuid5(UUID(value), "copy"))
    return copy


async def test_it_balances_as_it_is(rig: Rig) -> None:
    await full(rig)
    assert await rig.wrong() == []
    for name in TABLES:
        few = 1 if name == t.origins.name else 2  # of those there is never more than one
        assert len(await rows(rig, t.metadata.tables[name])) >= few, name


@pytest.mark.parametrize("name", TABLES)
async def test_a_copied_row_is_noticed(rig: Rig, name: str) -> None:
    await full(rig)
    table = t.metadata.tables[name]
    for row in await rows(rig, table):
        copy = another(table, dict(row._mapping))
        async with rig.store.writing() as connection:
            await connection.execute(insert(table), [copy])
        assert await rig.wrong(), f"a copy of {row} went unnoticed"
        key = [column == copy[column.name] for column in table.primary_key]
        async with rig.store.writing() as connection:
            await connection.execute(delete(table).where(*key))
        assert await rig.wrong() == []


@pytest.mark.parametrize("name", [name for name in TABLES if name != "normalizer_outbox"])
async def test_a_deleted_row_is_noticed(rig: Rig, name: str) -> None:
    """Of the outbox only the log can tell: see the next test."""
    await full(rig)
    table = t.metadata.tables[name]
    for row in await rows(rig, table):
        key = [column == row._mapping[column.name] for column in table.primary_key]
        async with rig.store.writing() as connection:
            await connection.execute(delete(table).where(*key))
        assert await rig.wrong(), f"the loss of {row} went unnoticed"
        async with rig.store.writing() as connection:
            await connection.execute(insert(table), [dict(row._mapping)])
        assert await rig.wrong() == []


async def test_a_row_deleted_from_the_outbox_shows_in_what_its_readers_have(rig: Rig) -> None:
    """The sum of revisions is what the audit holds against those of the readers of `complaints`."""
    await rig.say(LAMP, sender=SITI)
    await rig.work()
    await rig.say("gelap sekali", after=20)
    await rig.take_in()
    rig.clock.advance(600)
    assert await rig.settler.settle() is not None  # not published
    async with rig.store.writing() as connection:
        await connection.execute(delete(t.outbox.table))
    counts = (await rig.ledger()).counts
    assert counts["outbox"] == 0
    assert counts["revisions"] == 2
    assert sum(complaint.revision for complaint in await rig.live()) == 1
