"""Our own transports keep the contract that other packages' transports are held to; so does an example of theirs."""

import csv
import io
import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.contract.suite import TransportContract
from connectors.files.folder import DropFolder
from connectors.settings import WebhookSettings
from connectors.source import Source
from connectors.sql.poller import TablePoller
from connectors.transports import Surroundings
from connectors.webhook.router import router
from recipes.channel import Channel
from tests.connectors.conftest import make_channel

HOW = {"external_id": "id", "sender": "from"}
MAP = {"text": "text", "phone": {"phone": "from"}}


def channel_of(name: str, receive: dict[str, Any]) -> Channel:
    return make_channel(name, {**HOW, **receive}, MAP)


class WebhookRig:
    """A provider that posts until it hears 2xx, and gives a message up that is refused for good."""

    secrets: Sequence[str] = ("kunci-yang-rahasia",)
    hosts: Collection[str] = ()

    def __init__(self) -> None:
        channel = channel_of("web", {"signature": {"scheme": "token", "header": "X-Key", "secret": "kunci"}})
        self._source = Source("web", "dinas-air", channel, secrets={"kunci": tuple(self.secrets)})
        self._messages: list[tuple[str, bytes]] = []
        self._heard: list[str] = []

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._messages.append((ident, json.dumps({"id": ident, "from": sender, "text": text}).encode()))

    async def put_bad(self) -> None:
        self._messages.append(("", b"{no json"))

    async def serve(self, surroundings: Surroundings) -> None:
        app = FastAPI()
        app.include_router(router({"web": self._source}, surroundings.acceptance, WebhookSettings()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muara.example") as http:
            for ident, body in [each for each in self._messages if each[0] not in self._heard]:
                headers = {"X-Key": self.secrets[0], "Content-Type": "application/json"}
                answer = await http.post("/in/web", content=body, headers=headers)
                if answer.is_success:
                    self._heard.append(ident)

    async def acknowledged(self) -> Collection[str]:
        return [ident for ident in self._heard if ident]

    async def offer_again(self) -> None:
        self._heard = []


class FilesRig:
    """An agency that drops one file for each message, and looks for it among those that are done."""

    secrets: Sequence[str] = ()
    hosts: Collection[str] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._number = 0

    async def put(self, ident: str, sender: str, text: str) -> None:
        written = io.StringIO()
        csv.writer(written).writerows([["id", "from", "text"], [ident, sender, text]])
        self._drop(written.getvalue().encode(), ident)

    async def put_bad(self) -> None:
        self._drop(b"PK\x03\x04 no workbook", "rusak", ".xlsx")

    async def serve(self, surroundings: Surroundings) -> None:
        channel = channel_of("berkas", {"transport": "files", "decode": "row"})
        source = Source("berkas", "dinas-air", channel, settings={"folder": str(self._folder)})
        folder = DropFolder(self._folder, source, surroundings.acceptance, surroundings.leases, patience=0.1)
        for _ in range(2):  # a file has to stand still for one look
            await folder._rounds.one()

    async def acknowledged(self) -> Collection[str]:
        return [path.stem.partition("-")[2] for path in self._done()]

    async def offer_again(self) -> None:
        for path in self._done():
            path.rename(self._folder / path.name)

    def _done(self) -> list[Path]:
        return sorted((self._folder / "done").glob("*.csv"))

    def _drop(self, content: bytes, ident: str, ending: str = ".csv") -> None:
        self._number += 1
        (self._folder / f"{self._number:03}-{ident}{ending}").write_bytes(content)


class TableRig:
    """An agency's table. It acknowledges nothing itself: what counts is whether a later process asks again."""

    secrets: Sequence[str] = ()
    hosts: Collection[str] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write("CREATE TABLE t (nr INTEGER PRIMARY KEY, id TEXT, sender TEXT, text TEXT)")
        self._forget = False
        self._around: Surroundings | None = None

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._write("INSERT INTO t (id, sender, text) VALUES (?, ?, ?)", ident, sender, text)

    async def put_bad(self) -> None:
        self._write("INSERT INTO t (id, sender, text) VALUES (?, ?, ?)", None, b"\xff\xfe", None)

    async def serve(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        channel = make_channel(
            "tabel",
            {"transport": "sql", "decode": "row", "external_id": "id", "sender": "sender"},
            {"text": "text", "phone": {"phone": "sender"}},
        )
        settings = {"database": f"sqlite:///{self._path}", "table": "t", "key": "nr"}
        source = Source("tabel", "dinas-air", channel, settings=settings)
        if self._forget:
            lease = await surroundings.leases.hold("tabel")
            assert lease is not None
            await surroundings.cursors.save(lease, {})
            self._forget = False
        poller = TablePoller(
            source, surroundings.acceptance, surroundings.cursors, surroundings.leases, surroundings.clock
        )
        await poller._rounds.one()
        await poller.close()

    async def acknowledged(self) -> Collection[str]:
        assert self._around is not None
        with closing(sqlite3.connect(self._path)) as agency:
            rows = agency.execute("SELECT nr, id FROM t WHERE id IS NOT NULL ORDER BY nr").fetchall()
        unseen = await self._around.cursors.unseen("tabel", [nr for nr, _ in rows])
        return [ident for nr, ident in rows if nr not in unseen]

    async def offer_again(self) -> None:
        self._forget = True

    def _write(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self._path)) as agency, agency:
            agency.execute(statement, values)


class TestWebhook(TransportContract):
    @pytest.fixture
    def rig(self) -> WebhookRig:
        return WebhookRig()


class TestFiles(TransportContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FilesRig:
        return FilesRig(tmp_path / "masuk")


class TestTable(TransportContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> TableRig:
        return TableRig(tmp_path / "opd.db")


class _Hasty(WebhookRig):
    """A provider that takes every answer for a yes: as if we acknowledged before anything was durable."""

    async def serve(self, surroundings: Surroundings) -> None:
        await super().serve(surroundings)
        self._heard = [ident for ident, _ in self._messages]


async def test_the_contract_notices_who_acknowledges_too_early(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        await TransportContract().test_nothing_is_acknowledged_before_it_is_durable(_Hasty(), tmp_path)


class _Talkative(WebhookRig):
    """Prints what it gets."""

    async def put(self, ident: str, sender: str, text: str) -> None:
        await super().put(ident, sender, text)
        print(sender)  # noqa: T201 that is the fault


async def test_the_contract_notices_who_talks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError):
        await TransportContract().test_no_log_tells_secrets_or_people(_Talkative(), tmp_path, caplog, capfd)
