"""An agency's table in a real PostgreSQL: the same nets as for SQLite, and what only a server does."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest

from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.migrations import SERVICE, VERSIONS
from connectors.probing import probed
from connectors.source import Source
from connectors.sql.agency import AgencyTable, AgencyUnavailable, TableMisfit
from connectors.sql.poller import TablePoller
from connectors.sql.settings import database_url, table_settings
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

    agency: asyncpg.Connection
    url: str
    house: House
    make: Callable[..., TablePoller]
    now: datetime = START

    async def ids(self) -> list[str]:
        return [self.house.external_id(raw) for raw in await self.house.raws()]

    async def payloads(self) -> list[Any]:
        return [json.loads(await self.house.payload(raw)) for raw in await self.house.raws()]


@pytest.fixture
def dialect() -> str:
    """Of our own store; the agency's database is what is tried here."""
    return "sqlite"


@pytest.fixture
async def desk(
    postgres: str, house: House, make_source: Callable[..., Source], open_store: OpenStore
) -> AsyncIterator[Desk]:
    store = await open_store(SERVICE, VERSIONS)
    pollers: list[TablePoller] = []

    def clock() -> datetime:
        return made.now

    def make(**settings: Any) -> TablePoller:  # noqa: ANN401 any setting of the source
        url = settings.pop("database", postgres)
        source = make_source(CHANNEL, settings=settings, secrets={"database": (url,)}, zone="Asia/Makassar")
        cursors = Cursors(store, lambda value: house.sealing.blind("row", value), clock)
        pollers.append(TablePoller(source, house.acceptance, cursors, Leases(store, clock, alone=True), clock))
        return pollers[-1]

    agency = await asyncpg.connect(postgres)
    made = Desk(agency, postgres, house, make)
    yield made
    for poller in pollers:
        await poller.close()
    await agency.close()


async def test_numbers_that_commit_late_are_found_by_the_overlap(desk: Desk) -> None:
    await desk.agency.execute("CREATE TABLE pengaduan (id bigserial PRIMARY KEY, isi text)")
    poller = desk.make()
    other = await asyncpg.connect(desk.url)
    late = other.transaction()
    await late.start()
    await other.execute("INSERT INTO pengaduan (isi) VALUES ('terlambat')")
    await desk.agency.execute("INSERT INTO pengaduan (isi) SELECT 'Air mati' FROM generate_series(1, 4)")
    assert await poller.round() == 4
    await late.commit()
    await other.close()
    assert await poller.round() == 1
    assert await poller.round() == 0
    assert await desk.ids() == ["2", "3", "4", "5", "1"]
    await desk.agency.execute("INSERT INTO pengaduan VALUES (9000000000, 'besar')")
    assert await desk.make().round() == 1


@pytest.mark.parametrize(
    ("kind", "first", "late"),
    [
        ("timestamptz", "2026-11-24 10:00+08", "2026-11-24 09:50+08"),
        ("timestamp", "2026-11-24 10:00", "2026-11-24 09:50"),
        ("date", "2026-11-24", "2026-11-24"),
        ("text", "2026-11-24 10:00:00", "2026-11-24 09:50:00"),
        ("numeric", "5000.5", "4998"),
    ],
)
async def test_marks_of_every_type(desk: Desk, kind: str, first: str, late: str) -> None:
    await desk.agency.execute(f'CREATE TABLE pengaduan ("Kode" uuid DEFAULT gen_random_uuid(), isi text, waktu {kind})')
    poller = desk.make(key="kode", mark="waktu")
    for value in (first, *(("infinity",) if kind not in ("text", "numeric") else ())):
        await desk.agency.execute(f"INSERT INTO pengaduan (isi, waktu) VALUES ('Air mati', '{value}'), ('Keruh', NULL)")
    taken = await poller.round()
    assert taken == (4 if kind not in ("text", "numeric") else 2)
    await desk.agency.execute(f"INSERT INTO pengaduan (isi, waktu) VALUES ('Bocor', '{late}')")
    assert await poller.round() == 1
    assert await poller.round() == 0


async def test_values_of_a_servers_types(desk: Desk) -> None:
    await desk.agency.execute(
        "CREATE TYPE jenis AS ENUM ('air', 'jalan');"
        "CREATE TABLE pengaduan (id int, isi text, biaya money, harga numeric, tanggal date, jam time,"
        " dibuat timestamp, diubah timestamptz, foto bytea, data json, lain jsonb, jenis jenis, kata text[], ip inet,"
        " lama interval);"
        "INSERT INTO pengaduan VALUES (1, 'Air “mati” 🚰', 12.5, 12.50, '2026-11-24', '14:05', '2026-11-24 14:05',"
        " '2026-11-24 14:05+08', '\\xffd8',"
        " '{\"a\": \"x\\u0000\"}', '{\"b\": [1]}', 'air', '{a,b}', '10.0.0.1', '90 s')"
    )
    assert await desk.make().round() == 1
    [found] = await desk.payloads()
    assert found.pop("biaya").endswith("12.50")
    assert found == {
        "id": 1, "isi": "Air “mati” 🚰", "harga": "12.50", "tanggal": "2026-11-24", "jam": "14:05:00",
        "dibuat": "2026-11-24T14:05:00", "diubah": "2026-11-24T06:05:00+00:00", "foto": "/9g=", "data": {"a": "x\0"},
        "lain": {"b": [1]}, "jenis": "air", "kata": ["a", "b"], "ip": "10.0.0.1", "lama": "0:01:30",
    }  # fmt: skip


async def test_a_text_in_another_charset_than_the_database_says_spoils_no_other_row(desk: Desk) -> None:
    name = f"lama_{urlsplit(desk.url).path.strip('/')}"
    await desk.agency.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0")
    url = urlsplit(desk.url)._replace(path=f"/{name}").geturl()
    old = await asyncpg.connect(url)
    try:
        await old.execute("CREATE TABLE pengaduan (id int, isi text)")
        await old.execute("INSERT INTO pengaduan VALUES (1, 'satu'), (2, E'caf\\xe9'), (3, 'tiga')")
        poller = desk.make(database=url)
        assert await poller.round() == 3
        assert [raw.defect is not None for raw in await desk.house.raws()] == [False, True, False]
        await poller.close()
    finally:
        await old.close()
        await desk.agency.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_nothing_can_be_written_and_nothing_takes_for_ever(desk: Desk) -> None:
    await desk.agency.execute(
        "CREATE TABLE pengaduan (id int, isi text); INSERT INTO pengaduan VALUES (1, 'a');"
        "CREATE FUNCTION tulis() RETURNS text LANGUAGE sql VOLATILE"
        " AS 'INSERT INTO pengaduan VALUES (2, ''b'') RETURNING isi';"
        "CREATE VIEW licik AS SELECT 1 AS id, tulis() AS isi;"
        "CREATE VIEW lambat AS SELECT 1 AS id, pg_sleep(30)::text AS isi"
    )
    with pytest.raises(AgencyUnavailable, match="read-only transaction"):
        await desk.make(table="licik").round()
    assert await desk.agency.fetchval("SELECT count(*) FROM pengaduan") == 1
    with pytest.raises(AgencyUnavailable, match=r"longer than `timeout`|no answer within"):
        await desk.make(table="lambat", timeout=0.5).round()


async def test_trouble_in_plain_words(
    desk: Desk, make_source: Callable[..., Source], unused_tcp_port: int, tmp_path: Path
) -> None:
    await desk.agency.execute("CREATE TABLE pengaduan (id int, isi text, nik text)")
    user = f"baca_{urlsplit(desk.url).path.strip('/')}"
    await desk.agency.execute(f"CREATE USER {user} PASSWORD 'sandi-1'; GRANT SELECT (id, isi) ON pengaduan TO {user}")
    parts = urlsplit(desk.url)
    host = f"{parts.hostname}:{parts.port}"

    async def words(**settings: Any) -> str:  # noqa: ANN401
        url = settings.pop("url")
        source = make_source(CHANNEL, settings=settings, secrets={"database": (url,)})
        [found] = [each async for each in probed([source], lambda: START)]
        assert "sandi" not in found.words
        return f"{found.ok} {found.words}"

    try:
        reader = f"postgresql://{user}:sandi-1@{host}{parts.path}"
        assert await words(url=reader) == "True the table pengaduan can be read"
        assert "no table or view laporan" in await words(url=reader, table="laporan")
        assert "has no column waktu; its columns are id, isi, nik" in await words(url=reader, mark="waktu")
        assert "the password is wrong" in await words(url=f"postgresql://{user}:sandi-2@{host}{parts.path}")
        assert "no such database" in await words(url=f"{desk.url}x")
        assert "not to be reached" in await words(url=f"postgresql://a:sandi@127.0.0.1:{unused_tcp_port}/x")
        await desk.agency.execute("INSERT INTO pengaduan VALUES (1, 'Air mati', '0')")
        with pytest.raises(AgencyUnavailable, match="or name the `columns` that may be read"):
            await desk.make(database=reader).round()
        assert await desk.make(database=reader, columns=["id", "isi"]).round() == 1
    finally:
        await desk.agency.execute(f"DROP OWNED BY {user}; DROP USER {user}")


async def test_another_schema_and_a_sweep(desk: Desk) -> None:
    await desk.agency.execute('CREATE SCHEMA "opd"; CREATE TABLE opd."Aduan" (id int, isi text)')
    await desk.agency.execute("INSERT INTO opd.\"Aduan\" VALUES (100, 'a'), (200, 'b')")
    poller = desk.make(table="opd.Aduan")
    assert await poller.round() == 2
    await desk.agency.execute("INSERT INTO opd.\"Aduan\" VALUES (3, 'c'), (NULL, 'd')")
    assert await poller.round() == 0
    desk.now += timedelta(hours=2)
    assert await poller.round() == 1
    small = table_settings(poller.source).model_copy(update={"table": "opd.aduan"})
    with pytest.raises(TableMisfit, match=r"no table or view opd\.aduan"):
        await AgencyTable(database_url(poller.source), small).check()
