"""A table of an agency, polled: no row is missed, however late it commits; its database is never touched."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.marks import BadMark, furthest, lowered
from connectors.migrations import SERVICE, VERSIONS
from connectors.source import Source
from connectors.sql.agency import AgencyUnavailable, TableMisfit
from connectors.sql.poller import TablePoller
from connectors.sql.settings import BadTableSettings, database_url, table_settings
from connectors.tables import METADATA
from recipes.channel import Channel
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import Store
from tests.stores import OpenStore

from .conftest import House, make_channel

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Agency:
    """The agency's own system, which writes into its own database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute(
            "CREATE TABLE pengaduan (id INTEGER, dibuat_pada TEXT, isi TEXT, foto BLOB, nilai REAL)"
        )

    def write(self, key: int | None, at: str | None = None, text: str = "Air mati") -> None:
        self.connection.execute("INSERT INTO pengaduan VALUES (?, ?, ?, NULL, NULL)", (key, at, text))


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """One polled source and all that belongs to it."""

    agency: Agency
    house: House
    store: Store
    clock: Clock
    make: Callable[..., TablePoller]

    async def ids(self) -> list[str]:
        return [self.house.external_id(raw) for raw in await self.house.raws()]


@pytest.fixture
def channel() -> Channel:
    return make_channel(
        "tabel",
        {
            "transport": "sql",
            "settings": {"table": "pengaduan", "key": "id", "overlap_numbers": 5, "batch": 3},
            "decode": "row",
            "external_id": "id",
        },
        {"text": "isi"},
    )


@pytest.fixture
async def desk(
    house: House, make_source: Callable[..., Source], channel: Channel, tmp_path: Path, open_store: OpenStore
) -> AsyncIterator[Desk]:
    agency, clock = Agency(tmp_path / "opd.db"), Clock()
    store = await open_store(SERVICE, VERSIONS)

    def make(**settings: Any) -> TablePoller:  # noqa: ANN401 any setting of the source
        source = make_source(channel, settings={"database": f"sqlite:///{agency.path}", **settings})
        cursors = Cursors(store, lambda value: house.sealing.blind("row", value), clock)
        return TablePoller(source, house.acceptance, cursors, Leases(store, clock, alone=True), clock)

    yield Desk(agency, house, store, clock, make)
    agency.connection.close()


async def test_rows_become_messages_once(desk: Desk) -> None:
    poller = desk.make()
    for key in range(1, 8):
        desk.agency.write(key)
    assert await poller.round() == 7
    assert await poller.round() == 0
    desk.agency.write(8)
    assert await poller.round() == 1
    assert await desk.ids() == [str(key) for key in range(1, 9)]
    [first, *_] = await desk.house.raws()
    assert json.loads(await desk.house.payload(first)) == {
        "id": 1, "dibuat_pada": None, "isi": "Air mati", "foto": None, "nilai": None,
    }  # fmt: skip
    assert first.provenance == "pengaduan"


async def test_a_new_process_goes_on_where_the_last_one_stood(desk: Desk) -> None:
    desk.agency.write(1)
    await desk.make().round()
    desk.agency.write(2)
    assert await desk.make().round() == 1
    assert await desk.ids() == ["1", "2"]


async def test_a_number_that_commits_late_is_found_by_the_overlap(desk: Desk) -> None:
    poller = desk.make()
    desk.agency.write(1)
    desk.agency.write(3)  # 2 was given out before, and its transaction is still open
    await poller.round()
    desk.agency.write(2)
    assert await poller.round() == 1
    assert await desk.ids() == ["1", "3", "2"]


async def test_a_time_that_commits_late_is_found_by_the_overlap(desk: Desk) -> None:
    poller = desk.make(mark="dibuat_pada", overlap_seconds=60)
    desk.agency.write(7, "2026-11-24 09:59:00")
    desk.agency.write(9, "2026-11-24 10:00:00")
    await poller.round()
    desk.agency.write(8, "2026-11-24 09:59:30")
    desk.agency.write(10, "2026-11-24 10:00:00")
    assert await poller.round() == 2
    assert sorted(await desk.ids()) == ["10", "7", "8", "9"]


async def test_a_row_later_than_any_overlap_is_found_by_the_sweep(desk: Desk) -> None:
    poller = desk.make(sweep_every=3600)
    for key in (1, 3, 50):
        desk.agency.write(key)
    await poller.round()
    desk.agency.write(2)
    assert await poller.round() == 0, "far behind the overlap"
    desk.clock.now += timedelta(hours=1)
    with structlog.testing.capture_logs() as entries:
        assert await poller.round() == 1
    assert entries[0]["event"] == "the sweep found rows that every round had missed"
    assert await desk.ids() == ["1", "3", "50", "2"]


async def test_rows_without_a_mark_are_found_and_rows_without_a_key_are_reported(desk: Desk) -> None:
    desk.agency.write(1, None)
    desk.agency.write(None, "2026-11-24 10:00:00")
    with structlog.testing.capture_logs() as entries:
        assert await desk.make(mark="dibuat_pada").round() == 1
    assert await desk.ids() == ["1"]
    assert any(entry["event"] == "rows without a key are not read" and entry["rows"] == 1 for entry in entries)


async def test_a_date_in_the_far_future_blinds_nobody(desk: Desk) -> None:
    poller = desk.make(mark="dibuat_pada", overlap_seconds=60)
    desk.agency.write(1, "2099-01-01 00:00:00")
    desk.agency.write(2, "2026-11-24 10:00:00")
    await poller.round()
    desk.agency.write(3, "2026-11-24 10:01:00")
    assert await poller.round() == 1
    assert sorted(await desk.ids()) == ["1", "2", "3"]


async def test_the_mark_moves_only_after_the_log_has_acknowledged(desk: Desk) -> None:
    poller = desk.make()
    for key in range(1, 6):
        desk.agency.write(key)
    desk.house.bus.away = True
    with pytest.raises(BusUnavailable):
        await poller.round()
    desk.house.bus.away = False
    assert await poller.round() == 5
    assert len(await desk.ids()) == 5


async def test_a_crash_between_publication_and_cursor_repeats_under_the_same_ids(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.agency.write(1)

    class Killed(BaseException):
        pass

    async def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Cursors, "save", killed)
        with pytest.raises(Killed):
            await desk.make().round()
    await desk.make().round()
    one, two = await desk.house.raws()
    assert one.message_id == two.message_id


async def test_start_now_passes_over_what_is_there(desk: Desk) -> None:
    poller = desk.make(start="now")
    for key in range(1, 8):
        desk.agency.write(key)
    assert await poller.round() == 0
    desk.agency.write(8)
    assert await poller.round() == 1
    assert await poller.round() == 0
    assert await desk.ids() == ["8"]


async def test_a_view_and_chosen_columns(desk: Desk) -> None:
    desk.agency.connection.execute("CREATE VIEW \"Buka\" AS SELECT * FROM pengaduan WHERE isi <> ''")
    desk.agency.write(1)
    desk.agency.write(2, text="")
    assert await desk.make(table="Buka", columns=["id", "isi"]).round() == 1
    [raw] = await desk.house.raws()
    assert json.loads(await desk.house.payload(raw)) == {"id": 1, "isi": "Air mati"}


async def test_values_that_json_does_not_know(desk: Desk) -> None:
    desk.agency.connection.execute(
        "INSERT INTO pengaduan VALUES (1, NULL, CAST(X'41FF42' AS TEXT), X'FFD8', 9e999),"
        " (2, NULL, 'a' || char(0), X'6162', 1.5)"
    )
    assert await desk.make().round() == 2
    payloads = [json.loads(await desk.house.payload(raw)) for raw in await desk.house.raws()]
    assert [(p["isi"], p["foto"], p["nilai"]) for p in payloads] == [("A\ufffdB", "/9g=", None), ("a\0", "ab", 1.5)]


async def test_historical(desk: Desk) -> None:
    desk.agency.write(1)
    await desk.make(historical=True).round()
    assert [raw.historical for raw in await desk.house.raws()] == [True]


async def test_keys_are_kept_blind(desk: Desk) -> None:
    desk.agency.write(7_301_234_567_890_123)
    await desk.make().round()
    async with desk.store.reading() as connection:
        seen = (await connection.exec_driver_sql("SELECT * FROM connectors_seen")).all()
    assert len(seen) == 1
    assert "7301234567890123" not in str(seen)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("opd.db*")}


async def test_the_agencys_database_is_not_written(desk: Desk, tmp_path: Path) -> None:
    desk.agency.write(1)
    before = contents(tmp_path)
    await desk.make().round()
    assert contents(tmp_path) == before


async def test_a_database_that_is_not_there_is_neither_made_nor_fatal(desk: Desk, tmp_path: Path) -> None:
    gone = tmp_path / "tidak-ada.db"
    poller = desk.make(database=f"sqlite:///{gone}")
    with pytest.raises(AgencyUnavailable, match="unable to open"):
        await poller.round()
    assert not gone.exists()


async def test_a_database_that_is_away_and_comes_back(desk: Desk) -> None:
    away = desk.agency.path.with_suffix(".away")
    desk.agency.write(1)
    desk.agency.path.rename(away)
    poller, stopping = desk.make(interval=0.01), asyncio.Event()

    def comes_back(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if event["event"] == "table not served" and away.exists():
            away.rename(desk.agency.path)
        raise structlog.DropEvent

    with structlog.testing.capture_logs(processors=[comes_back]):
        running = asyncio.create_task(poller.run(stopping))
        async with asyncio.timeout(10):
            while not await desk.ids():  # noqa: ASYNC110 the log tells nobody outside
                await asyncio.sleep(0.005)
        stopping.set()
        await running
    assert await desk.ids() == ["1"]
    assert poller.problem is None
    assert desk.house.registry.get_sample_value("muara_source_failures_total", {"channel": "tabel"})


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"table": "tidak_ada"}, "there is no table or view tidak_ada"),
        ({"mark": "diubah_pada"}, "has no column diubah_pada; its columns are id, dibuat_pada, isi"),
        ({"columns": ["id", "teks"]}, "has no column teks"),
    ],
)
async def test_a_table_of_another_shape_says_what_is_there(desk: Desk, settings: dict[str, Any], why: str) -> None:
    with pytest.raises(TableMisfit, match=why):
        await desk.make(**settings).round()


async def test_a_mark_that_is_none(desk: Desk) -> None:
    desk.agency.write(1)
    with pytest.raises(BadMark, match="name another column"):
        await desk.make(mark="isi").round()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"table": "a; DROP TABLE b"}, "no name of a table"),
        ({"table": "a.b.c"}, "too many dots"),
        ({"key": 'id"'}, "no name of a table"),
        ({"interval": 0}, "interval"),
        ({"database": "oracle://x"}, "not read, only sqlite"),
        ({"database": "sandi-rahasia"}, "no address of a database"),
        ({"database": "sqlite://"}, "names no file"),
    ],
)
def test_bad_settings_are_refused_with_a_remedy(
    make_source: Callable[..., Source], channel: Channel, settings: dict[str, Any], why: str
) -> None:
    source = make_source(channel, settings={"database": "sqlite:////srv/opd.db", **settings})

    def read() -> None:
        table_settings(source)
        database_url(source)

    with pytest.raises(BadTableSettings, match=why) as raised:
        read()
    assert "sandi-rahasia" not in str(raised.value)


def test_the_address_is_a_secret_if_there_is_one(make_source: Callable[..., Source], channel: Channel) -> None:
    source = make_source(channel, secrets={"database": ("sqlite:////srv/a.db",)})
    assert database_url(source).database == "file:/srv/a.db"
    with pytest.raises(BadTableSettings, match="does not say where"):
        database_url(make_source(channel))


def test_migrations_make_the_tables_that_the_code_reads() -> None:
    assert set(METADATA.tables) == {"connectors_cursors", "connectors_leases", "connectors_seen"}


@pytest.mark.parametrize(
    ("mark", "low"),
    [
        (1500, 500),
        ("2026-11-24 10:00:30", "2026-11-24 09:59:30"),
        ("2026-11-24T10:00:30.123456+07:00", "2026-11-24T09:59:30"),
        ("2026-11-24", "2026-11-23"),
        (datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC), datetime(2026, 11, 24, 9, 59, 30, tzinfo=UTC)),
    ],
)
def test_marks_go_back_in_their_own_form(mark: Any, low: Any) -> None:  # noqa: ANN401
    assert lowered(mark, 60, 1000) == low
    assert mark >= low


def test_marks_go_forward_only() -> None:
    assert furthest(None, 5, START, "Asia/Jakarta") == 5
    assert furthest(7, 5, START, "Asia/Jakarta") == 7
    assert furthest("2026-11-24 10:00:00", "2099-01-01 00:00:00", START, "Asia/Jakarta") == "2026-11-24 10:00:00"
    assert furthest(None, "2099-01-01 00:00:00", START, "Asia/Jakarta") == "2026-11-24 10:00:00"
    with pytest.raises(BadMark):
        furthest(None, b"x", START, "Asia/Jakarta")
