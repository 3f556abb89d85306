"""An agency's table in a real MariaDB: charsets of old systems, zero dates, what its users may, late commits."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiomysql  # type: ignore[import-untyped]
import pytest

from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.migrations import SERVICE, VERSIONS
from connectors.probing import probed
from connectors.source import Source
from connectors.sql.agency import AgencyUnavailable
from connectors.sql.kinds import _version
from connectors.sql.poller import TablePoller
from tests.stores import OpenStore

from .conftest import House, make_channel

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CHANNEL = make_channel(
    "tabel",
    {
        "transport": "sql",
        "settings": {"table": "pengaduan", "key": "id", "overlap_numbers": 5, "batch": 3},
        "decode": "row",
        "external_id": "id",
    },
    {"text": "isi"},
)


@dataclass
class Desk:
    """One polled source and all that belongs to it."""

    agency: Any
    url: str
    house: House
    make: Callable[..., TablePoller]
    now: datetime = START

    async def say(self, *statements: str) -> None:
        async with self.agency.cursor() as cursor:
            for statement in statements:
                await cursor.execute(statement)

    async def ids(self) -> list[str]:
        return [self.house.external_id(raw) for raw in await self.house.raws()]


async def connected(url: str, *, autocommit: bool = True) -> Any:  # noqa: ANN401 the driver has no types
    parts = urlsplit(url)
    return await aiomysql.connect(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        password=parts.password,
        db=parts.path.strip("/"),
        charset="utf8mb4",
        autocommit=autocommit,
    )


@pytest.fixture
def dialect() -> str:
    """Of our own store; the agency's database is what is tried here."""
    return "sqlite"


@pytest.fixture
async def desk(
    mariadb: str, house: House, make_source: Callable[..., Source], open_store: OpenStore
) -> AsyncIterator[Desk]:
    store = await open_store(SERVICE, VERSIONS)
    pollers: list[TablePoller] = []

    def clock() -> datetime:
        return made.now

    def make(**settings: Any) -> TablePoller:  # noqa: ANN401 any setting of the source
        url = settings.pop("database", mariadb)
        source = make_source(CHANNEL, settings=settings, secrets={"database": (url,)}, zone="Asia/Makassar")
        cursors = Cursors(store, lambda value: house.sealing.blind("row", value), clock)
        pollers.append(TablePoller(source, house.acceptance, cursors, Leases(store, clock, alone=True), clock))
        return pollers[-1]

    made = Desk(await connected(mariadb), mariadb, house, make)
    yield made
    for poller in pollers:
        await poller.close()
    made.agency.close()


async def test_numbers_that_commit_late_are_found_by_the_overlap(desk: Desk) -> None:
    await desk.say("CREATE TABLE pengaduan (id INT AUTO_INCREMENT PRIMARY KEY, isi TEXT)")
    poller = desk.make()
    other = await connected(desk.url, autocommit=False)
    async with other.cursor() as cursor:
        await cursor.execute("INSERT INTO pengaduan (isi) VALUES ('terlambat')")
    await desk.say("INSERT INTO pengaduan (isi) VALUES ('a'), ('b'), ('c'), ('d')")
    taken = await poller.round()
    await other.commit()
    other.close()
    assert taken == 4
    assert await poller.round() == 1
    assert await poller.round() == 0
    assert await desk.ids() == ["2", "3", "4", "5", "1"]


async def test_values_and_charsets_of_old_systems(desk: Desk) -> None:
    await desk.say(
        "SET time_zone = '+00:00'",
        "SET sql_mode = ''",
        "CREATE TABLE pengaduan (id INT PRIMARY KEY, isi VARCHAR(90) CHARACTER SET latin1,"
        " nama VARCHAR(90) CHARACTER SET utf8mb3, pesan TEXT CHARACTER SET utf8mb4, biaya DECIMAL(9, 2),"
        " aktif TINYINT(1), tanda BIT(3), tanggal DATE, jam TIME, dibuat DATETIME, diubah TIMESTAMP NULL, foto BLOB,"
        " data JSON, jenis ENUM('air', 'jalan'), tahun YEAR)",
        "INSERT INTO pengaduan VALUES (1, 'café “mati”', 'Ni Made Contoh', 'Air mati 🚰', 12.5, 1, b'101',"
        " '2026-11-24', '14:05:00', '2026-11-24 14:05:00', '2026-11-24 06:05:00', x'ffd8',"
        " '{\"a\": [1]}', 'air', 2026)",
        "INSERT INTO pengaduan (id, isi, dibuat, tanggal) VALUES (2, 'nol', '0000-00-00 00:00:00', '0000-00-00')",
    )
    poller = desk.make(mark="dibuat")
    assert await poller.round() == 2
    assert await poller.round() == 0
    first, second = [json.loads(await desk.house.payload(raw)) for raw in await desk.house.raws()]
    assert first == {
        "id": 1, "isi": "café “mati”", "nama": "Ni Made Contoh", "pesan": "Air mati 🚰", "biaya": "12.50", "aktif": 1,
        "tanda": 5, "tanggal": "2026-11-24", "jam": "14:05:00", "dibuat": "2026-11-24T14:05:00",
        "diubah": "2026-11-24T14:05:00", "foto": "/9g=", "data": '{"a": [1]}', "jenis": "air", "tahun": 2026,
    }  # fmt: skip
    assert second["isi"] == "nol"
    await desk.say("INSERT INTO pengaduan (id, isi, dibuat) VALUES (3, 'terlambat', '2026-11-24 13:55:00')")
    assert await poller.round() == 1
    desk.now += timedelta(hours=2)
    assert await poller.round() == 0
    assert await desk.make(mark="tanggal").round() == 0
    assert await desk.make(mark="diubah").round() == 0


@pytest.mark.parametrize(
    ("said", "maria", "version"),
    [
        ("8.0.36", False, (8, 0, 36)),
        ("5.5.62-0ubuntu0.14.04.1", False, (5, 5, 62)),
        ("10.11.19-MariaDB-0+deb12u1", True, (10, 11, 19)),
        ("5.5.5-10.4.1-MariaDB-log", True, (10, 4, 1)),
        ("5.5.68-MariaDB", True, (5, 5, 68)),
    ],
)
def test_versions(said: str, maria: bool, version: tuple[int, ...]) -> None:
    assert _version(said) == (maria, version)


async def test_nothing_can_be_written_and_nothing_takes_for_ever(desk: Desk) -> None:
    await desk.say(
        "CREATE TABLE pengaduan (id INT, isi TEXT)",
        "CREATE FUNCTION tulis() RETURNS TEXT MODIFIES SQL DATA"
        " BEGIN INSERT INTO pengaduan VALUES (2, 'b'); RETURN 'b'; END",
        "CREATE VIEW licik AS SELECT 1 AS id, tulis() AS isi",
        "CREATE VIEW lambat AS SELECT 1 AS id, SLEEP(30) AS isi",
    )
    with pytest.raises(AgencyUnavailable, match="READ ONLY transaction"):
        await desk.make(table="licik").round()
    with pytest.raises(AgencyUnavailable, match=r"longer than `timeout`|no answer within"):
        await desk.make(table="lambat", timeout=0.5).round()
    async with desk.agency.cursor() as cursor:
        await cursor.execute("SELECT count(*) FROM pengaduan")
        assert (await cursor.fetchone())[0] == 0


async def test_trouble_in_plain_words(desk: Desk, make_source: Callable[..., Source], unused_tcp_port: int) -> None:
    parts = urlsplit(desk.url)
    host, name = f"{parts.hostname}:{parts.port}", parts.path.strip("/")
    user = f"b_{name[5:]}"
    await desk.say(
        "CREATE TABLE pengaduan (id INT, isi TEXT)",
        f"CREATE USER {user}@'%' IDENTIFIED BY 'sandi-1'",
        f"GRANT SELECT ON {name}.pengaduan TO {user}@'%'",
    )

    async def words(url: str, **settings: Any) -> str:  # noqa: ANN401 any setting of the source
        source = make_source(CHANNEL, settings=settings, secrets={"database": (url,)})
        [found] = [each async for each in probed([source], lambda: START)]
        assert "sandi" not in found.words
        return f"{found.ok} {found.words}"

    try:
        reader = f"mysql://{user}:sandi-1@{host}"
        assert await words(f"{reader}/{name}") == "True the table pengaduan can be read"
        assert "no such table, or our user may not read it" in await words(f"{reader}/{name}", table="laporan")
        assert "its columns are id, isi" in await words(f"{reader}/{name}", mark="waktu")
        assert "the password is wrong" in await words(f"mysql://{user}:sandi-2@{host}/{name}")
        assert "may not use this database" in await words(f"{reader}/mysql")
        assert "no such database" in await words(f"{desk.url}x")
        assert "not to be reached" in await words(f"mysql://a:sandi@127.0.0.1:{unused_tcp_port}/x")
    finally:
        await desk.say(f"DROP USER {user}@'%'")
