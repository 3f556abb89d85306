"""Sources that an operator pauses: by the command topic, in every process, over restarts."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from aiosmtpd.smtp import Envelope
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from connectors.service import Connectors
from connectors.settings import ConnectorSettings, SmtpSettings
from connectors.source import Source
from connectors.standing import standings
from connectors.webhook.trial import trial_body
from runtime.bus.protocol import Record
from runtime.store.engine import Store
from schemas.events import Command
from schemas.topics import COMMANDS
from tests.stores import OpenStore, beside

from .conftest import House, make_channel

WEB = make_channel("web", {"signature": {"scheme": "token", "header": "X-Key", "secret": "kunci"}, "external_id": "id"})
MAIL = make_channel("surel", {"transport": "smtp", "decode": "rfc822", "external_id": "message_id"})
TABLE = make_channel(
    "tabel", {"transport": "sql", "decode": "row", "external_id": "id", "settings": {"table": "t", "key": "id"}}
)
KEY = {"X-Key": "k"}


def _connectors(house: House, store: Store, *sources: Source) -> Connectors:
    return Connectors(
        sources,
        bus=house.bus,  # type: ignore[arg-type]  # all it needs
        sealing=house.sealing,
        objects=house.objects,
        store=store,
        registry=CollectorRegistry(),
        settings=ConnectorSettings(smtp=SmtpSettings(port=0)),
        clock=lambda: datetime.now(UTC),
        alone=True,
    )


@asynccontextmanager
async def _running(connectors: Connectors) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(connectors.router)
    running = asyncio.create_task(connectors.run())
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muara.example") as http:
            yield http
    finally:
        await connectors.stop()
        await running


async def _order(house: House, action: str, source: str) -> None:
    order = Command.model_validate(
        {
            "event_id": uuid4(), "occurred_at": datetime.now(UTC), "origin": "budi", "action": action,
            "subject": source, "reason": "nomor diganti",
        }
    )  # fmt: skip
    await house.bus.publish(COMMANDS.name, [Record(source, order.model_dump_json().encode())])


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.02)


async def test_a_paused_source_takes_nothing_and_a_resumed_one_goes_on(
    house: House, make_source: Callable[..., Source], open_store: OpenStore, tmp_path: Path
) -> None:
    store = await open_store()
    database = tmp_path / "opd.db"
    with sqlite3.connect(database) as agency:
        agency.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    agency.close()
    sources = (
        make_source(WEB, id="web", secrets={"kunci": ("k",)}),
        make_source(WEB, id="lain", secrets={"kunci": ("k",)}),
        make_source(MAIL, id="surel", settings={"default": True}),
        make_source(TABLE, id="tabel", settings={"database": f"sqlite:///{database}", "interval": 0.02}),
    )
    first = _connectors(house, store, *sources)
    async with _running(first) as http:
        for source in ("web", "surel", "tabel", "tidak-ada"):
            await _order(house, "pause_source", source)
        await _order(house, "pause", "lain")  # a hub of that name, no source
        paused = first.acceptance.activity
        await _until(lambda: {*paused.paused} == {"web", "surel", "tabel"})
        assert any('source "web" is paused (nomor diganti)' in words for words in first.ready())
        refused = await http.post("/in/web", json={"id": 1, "text": "x"}, headers=KEY)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "300")
        assert (await http.post("/in/lain", json={"id": 2, "text": "x"}, headers=KEY)).status_code == 200
        assert first.smtp
        answer = await first.smtp._handler.handle_RCPT(None, None, Envelope(), "siapa@saja.example", [])  # type: ignore[arg-type]  # unused
        assert answer.startswith("451 ")
    # A look at the table that had begun before the pause may still have gone on: the row comes after it.
    with sqlite3.connect(database) as agency:
        agency.execute("INSERT INTO t VALUES (1, 'x')")
    agency.close()
    # Another process, after a restart: still paused, from the first moment on.
    other = beside(store)
    again = _connectors(house, other, *sources)
    async with _running(again) as http:
        await _until(lambda: bool(again.acceptance.activity.paused))
        assert (await http.post("/in/web", json={"id": 1, "text": "x"}, headers=KEY)).status_code == 503
        assert [each.source for each in await house.raws()] == ["lain"]
        for source in ("web", "surel", "tabel"):
            await _order(house, "resume_source", source)
        await _until(lambda: not again.acceptance.activity.paused)
        assert (await http.post("/in/web", json={"id": 1, "text": "x"}, headers=KEY)).status_code == 200
        tried = await http.post("/in/web", content=trial_body(sources[0]), headers=KEY)
        assert tried.json() == {"accepted": 0, "trial": True}
        assert (await http.post("/in/web", content=trial_body(sources[0]))).status_code == 401
        await _until(lambda: again.pollers[0].problem is None)
        async with asyncio.timeout(20):
            while len(await house.raws()) < 3:  # noqa: ASYNC110 the log tells nobody
                await asyncio.sleep(0.02)
    assert sorted(raw.source for raw in await house.raws()) == ["lain", "tabel", "web"]
    now = datetime.now(UTC)
    stand = {each.source: (each.state, each.messages, each.errors) for each in await standings(other, sources, now)}
    assert stand == {
        "web": ("receiving", 1, 1), "lain": ("receiving", 1, 0), "surel": ("waiting", 0, 0),
        "tabel": ("receiving", 1, 0),
    }  # fmt: skip
    await other.close()
