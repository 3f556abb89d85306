"""Gammu's table of received SMS, read as its own program leaves it."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.migrations import SERVICE, VERSIONS
from connectors.source import Source
from connectors.sql.poller import TablePoller
from recipes.library import load_channel
from recipes.mapped import Mapped
from tests.stores import OpenStore

from .conftest import House

RECIPE = Path(__file__).parents[2] / "connectors" / "channels" / "gammu_smsd.yaml"
COLUMNS = (
    "UpdatedInDB, ReceivingDateTime, Text, SenderNumber, Coding, UDH, SMSCNumber, Class, TextDecoded, ID, Processed"
)
PARTS = [
    ("050003CC0201", "Lampu jalan mati su", "", 41),
    ("050003CC0202", "dah seminggu", "", 42),
    ("", "Air mati", "", 43),
    ("050003CD0201", "Air bau ?", "Air bau \ud83d", 44),  # as a database without room for half an emoji keeps it
    ("050003CD0202", "?", "\ude21", 45),
]


async def test_the_parts_of_a_long_sms_carry_the_mark_of_their_whole(
    house: House, make_source: Callable[..., Source], open_store: OpenStore, tmp_path: Path
) -> None:
    database = sqlite3.connect(tmp_path / "smsd.db", isolation_level=None)
    database.execute(f"CREATE TABLE inbox ({COLUMNS.replace(' ID,', ' ID INTEGER PRIMARY KEY,')})")
    for udh, text, wide, key in PARTS:
        coding = "Unicode_No_Compression" if wide else "Default_No_Compression"
        digits = wide.encode("utf-16-be", "surrogatepass").hex().upper()
        row = ("2026-11-24 14:05:01", "2026-11-24 14:05:00", digits, "+6281100000181", coding, udh)
        database.execute(
            f"INSERT INTO inbox VALUES ({', '.join('?' * 11)})",
            (*row, "+6281100000000", -1, text, key, "false"),
        )
    source = make_source(load_channel(RECIPE), settings={"database": f"sqlite:///{tmp_path / 'smsd.db'}"})
    store = await open_store(SERVICE, VERSIONS)

    def clock() -> datetime:
        return datetime(2026, 11, 24, 8, tzinfo=UTC)

    cursors = Cursors(store, lambda value: house.sealing.blind("row", value), clock)
    poller = TablePoller(source, house.acceptance, cursors, Leases(store, clock, alone=True), clock)
    assert await poller.round() == 5
    assert await poller.round() == 0, "nothing is written to the table, and nothing is read twice"
    database.close()
    raws = await house.raws()
    assert [house.external_id(raw) for raw in raws] == ["41", "42", "43", "44", "45"]
    assert len({raw.conversation for raw in raws}) == 1
    found = [source.channel.map(await house.payload(raw), raw.media_type, zone="Asia/Jakarta") for raw in raws]
    assert [(each.text, each.group, each.sequence) for each in found if isinstance(each, Mapped)] == [
        ("Lampu jalan mati su", "+6281100000181:CC02", 1),
        ("dah seminggu", "+6281100000181:CC02", 2),
        ("Air mati", None, None),
        ("Air bau \ud83d", "+6281100000181:CD02", 1),
        ("\ude21", "+6281100000181:CD02", 2),
    ]
