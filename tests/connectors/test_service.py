"""All transports of one process together."""

import asyncio
import smtplib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from connectors.checks import BadSources
from connectors.service import Connectors
from connectors.settings import ConnectorSettings, SmtpSettings
from connectors.smtp.receiver import PortUnavailable
from connectors.source import Source
from runtime.store.engine import Store

from .conftest import NOW, House, make_channel

WEB = make_channel("web", {"signature": {"scheme": "token", "header": "X-Key", "secret": "kunci"}, "external_id": "id"})
MAIL = make_channel("surel", {"transport": "smtp", "decode": "rfc822", "external_id": "message_id"})
FILES = make_channel("berkas", {"transport": "files", "decode": "row", "external_id": "id"})
TABLE = make_channel(
    "tabel", {"transport": "sql", "decode": "row", "external_id": "id", "settings": {"table": "t", "key": "id"}}
)
MakeConnectors = Callable[..., Connectors]


@pytest.fixture
async def make(house: House, tmp_path: Path) -> AsyncIterator[MakeConnectors]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")

    def make(*sources: Source, smtp: SmtpSettings | None = None) -> Connectors:
        return Connectors(
            sources,
            bus=house.bus,  # type: ignore[arg-type]  # publishing is all it needs
            sealing=house.sealing,
            objects=house.objects,
            store=store,
            registry=CollectorRegistry(),
            settings=ConnectorSettings(smtp=smtp, folder_interval=0.01),
            clock=lambda: NOW,
        )

    yield make
    await store.close()


async def test_every_transport_at_once(
    house: House, make: MakeConnectors, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    folder, database = tmp_path / "masuk", tmp_path / "opd.db"
    folder.mkdir()
    (folder / "a.csv").write_text("id,text\n1,x\n", encoding="utf-8")
    with sqlite3.connect(database) as agency:
        agency.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
        agency.execute("INSERT INTO t VALUES (1, 'x')")
    agency.close()
    connectors = make(
        make_source(WEB, id="web", secrets={"kunci": ("k",)}),
        make_source(MAIL, id="surel", settings={"default": True}),
        make_source(FILES, id="berkas", settings={"folder": str(folder)}),
        make_source(FILES, id="impor"),
        make_source(TABLE, id="tabel", settings={"database": f"sqlite:///{database}", "interval": 0.01}),
        smtp=SmtpSettings(port=0),
    )
    await connectors.start()
    running = asyncio.create_task(connectors.run())
    app = FastAPI()
    app.include_router(connectors.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muara.example") as http:
        response = await http.post("/in/web", json={"id": 1, "text": "x"}, headers={"X-Key": "k"})
    assert response.status_code == 200
    assert connectors.smtp

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("warga@example.org", ["siapa@saja.example"], "Message-ID: <1@example.org>\r\n\r\nx\r\n")

    await asyncio.to_thread(send, connectors.smtp.port)
    async with asyncio.timeout(20):
        while len(await house.raws()) < 4:  # noqa: ASYNC110 the log tells nobody outside
            await asyncio.sleep(0.01)
    assert connectors.ready() == []
    await connectors.stop()
    await running
    assert {raw.source for raw in await house.raws()} == {"web", "surel", "berkas", "tabel"}
    assert connectors.ready() == ["the mail server does not listen"]


async def test_a_missing_secret_and_a_table_that_is_away_are_told(
    make: MakeConnectors, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    connectors = make(
        make_source(WEB, id="web"),
        make_source(TABLE, id="tabel", settings={"database": f"sqlite:///{tmp_path / 'tidak-ada.db'}"}),
    )
    await connectors.start()
    running = asyncio.create_task(connectors.run())
    async with asyncio.timeout(10):
        while len(connectors.ready()) < 2:  # noqa: ASYNC110 readiness is asked, not told
            await asyncio.sleep(0.01)
    await connectors.stop()
    await running
    missing, away = connectors.ready()
    assert 'source "web" has no secret "kunci"' in missing
    assert 'source "tabel": unable to open' in away


async def test_a_taken_port_says_which(make: MakeConnectors, make_source: Callable[..., Source]) -> None:
    mail = make_source(MAIL, settings={"default": True})
    first = make(mail, smtp=SmtpSettings(port=0))
    await first.start()
    assert first.smtp
    port = first.smtp.port
    with pytest.raises(PortUnavailable, match=rf"cannot listen on 127\.0\.0\.1:{port}: .*smtp\.port"):
        await make(mail, smtp=SmtpSettings(port=port)).start()
    await first.stop()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([{"id": "a", "channel": WEB}, {"id": "a", "channel": WEB}], 'two sources are called "a"'),
        (
            [{"id": "a", "channel": WEB}, {"id": "b", "channel": WEB, "path": "a"}],
            'source "b" has the address of another source, /in/a',
        ),
        ([{"channel": WEB, "settings": {"max_body": "4 MiB"}}], "`max_body` is a number of bytes"),
        ([{"channel": MAIL}], "there is no mail server"),
        ([{"channel": TABLE}], "does not say where its database is"),
        ([{"channel": TABLE, "settings": {"key": "a b"}}], "no name of a table or column"),
        ([{"channel": make_channel("x", {"transport": "kabel"})}], 'there is no transport "kabel"'),
    ],
)
async def test_sources_that_cannot_be_served(
    make: MakeConnectors, make_source: Callable[..., Source], fields: list[dict[str, Any]], why: str
) -> None:
    with pytest.raises(BadSources, match=why):
        make(*(make_source(**each) for each in fields))
