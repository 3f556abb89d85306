"""Killed at a known point: what each side has seen decides when, no clock does. Traps 5 and 15."""

import asyncio
import smtplib
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from sandbox.city.clients.base import Counts, Patience, persist
from sandbox.hub.server import HubSimulation
from tests.outside import Place, make_place, muara, start, until, whatsapp

WORDS = "Jalan berlubang di depan Pasar Minggu, dalamnya selutut"


@dataclass
class Stage:
    """A home and its hub."""

    place: Place
    hub: HubSimulation

    async def send(self, words: str = WORDS) -> int | None:
        """A provider's try; None when no answer came."""
        try:
            return await whatsapp(self.place.url, self.place.secret, words)
        except httpx.TransportError:
            return None

    async def stored(self) -> int:
        return (await self.hub.summary()).reports

    def rows(self, file: str, query: str) -> int:
        """A count in a database of the home; 0 while it is not there yet."""
        path = self.place.home / "data" / file
        if not path.exists():
            return 0
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
            try:
                return int(connection.execute(query).fetchone()[0])
            except sqlite3.OperationalError:
                return 0

    async def once(self, received: int = 1) -> None:
        """After a restart: everything is there, just once."""
        found = await self.place.rest(received)
        assert found.balanced, (found.faults, [check for check in found.checks if not check.holds])
        assert found.terms["received"] == received
        summary = await self.hub.summary()
        assert (summary.doubled, summary.reports) == (0, found.terms["delivered"])
        assert found.terms["delivered"] == found.terms["complaints"] > 0


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        place = make_place(tmp_path / "home", hub.url)
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        yield Stage(place, hub)


async def _reached(count: Awaitable[int]) -> str:
    return "" if await count else "not yet"


async def test_trap_15_killed_right_after_the_answer_to_the_provider(stage: Stage) -> None:
    with start(stage.place) as running:
        await running.ready()
        assert await stage.send() == 200
        running.kill()
    with start(stage.place):
        await stage.once()


async def test_trap_05_killed_when_the_log_has_it_and_the_provider_tries_again(stage: Stage) -> None:
    with start(stage.place) as running:
        await running.ready()
        trying = asyncio.create_task(stage.send())
        count = "SELECT count(*) FROM records WHERE topic = 'complaints.raw'"
        await until(lambda: not stage.rows("log.db", count), "nothing on the log", pause=0)
        running.kill()
        await trying
    with start(stage.place) as running:
        await running.ready()
        assert await stage.send() == 200
        await stage.once()
        assert (await stage.place.audit()).terms["redelivered"] == 1


async def test_trap_05_killed_while_the_hub_has_the_request_and_has_not_answered(stage: Stage) -> None:
    with start(stage.place) as running:
        await running.ready()
        stage.hub.behave(latency_ms=60_000)
        assert await stage.send() == 200
        leased = "SELECT count(*) FROM dispatcher_deliveries WHERE state = 'leased' AND request IS NOT NULL"
        await until(lambda: not stage.rows("store.db", leased), "nothing is being sent")
        running.kill()
    stage.hub.behave()
    with start(stage.place):
        await stage.once()


async def test_trap_05_killed_when_the_hub_has_it_and_its_answer_got_lost(stage: Stage) -> None:
    stage.hub.behave(p_drop_after_accept=1)
    with start(stage.place) as running:
        await running.ready()
        assert await stage.send() == 200
        await until(lambda: _reached(stage.stored()), "the hub has nothing", pause=0)
        running.kill()
    stage.hub.behave()
    with start(stage.place):
        await stage.once()


async def test_trap_05_killed_when_the_hub_has_it_and_knows_no_idempotency(stage: Stage) -> None:
    stage.place.without_idempotency()
    stage.hub.behave(p_drop_after_accept=1, idempotency=False)
    with start(stage.place) as running:
        await running.ready()
        assert await stage.send() == 200
        await until(lambda: _reached(stage.stored()), "the hub has nothing", pause=0)
        running.kill()
    stage.hub.behave(idempotency=False)
    with start(stage.place):
        await stage.once()


async def test_killed_while_it_makes_its_home(stage: Stage) -> None:
    for file in ("key.id", "log.db", "store.db"):
        with start(stage.place) as running:
            await until(lambda name=file: not (stage.place.home / "data" / name).exists(), f"no {file}", pause=0)  # type: ignore[misc]
            running.kill()
    with start(stage.place) as running:
        await running.ready()
        assert await stage.send() == 200
        await stage.once()


async def test_trap_10_an_import_is_killed_midway_and_run_again(stage: Stage, tmp_path: Path) -> None:
    rows = [f"{n};01/11/2026;Warga {n};;Jalan Kenanga {n};Lampu nomor {n} di Jalan Kenanga padam" for n in range(600)]
    file = tmp_path / "laporan.csv"
    file.write_text("no;tanggal;nama;telepon;alamat;isi_laporan\n" + "\n".join(rows), encoding="utf-8")
    command = ("import", str(file), "--source", "kecamatan")
    with start(stage.place, *command) as running:
        some = "SELECT count(*) FROM records WHERE topic = 'complaints.raw'"
        await until(lambda: not stage.rows("log.db", some), "nothing on the log", pause=0)
        running.kill()
    for _ in range(2):
        done = await asyncio.to_thread(muara, *command, "--home", stage.place.home, env=stage.place.scene.secrets)
        assert done.returncode == 0, done.said
    stage.place.rewrite("mode: send", "mode: shadow")
    with start(stage.place):
        found = await stage.place.rest(600)
    assert found.balanced
    assert found.terms["received"] == 600


async def test_a_mail_is_taken_once_although_its_server_was_killed(stage: Stage) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "siti@surat.example", "lapor@muarasari.example", "Sampah menumpuk"
    mail["Message-ID"] = "<satu@surat.example>"
    mail.set_content("Sampah di Pasar Lama sudah dua minggu tidak diangkut.")

    def deliver() -> bool | None:
        try:
            with smtplib.SMTP("127.0.0.1", stage.place.smtp_port, timeout=10) as server:
                server.send_message(mail)
        except (smtplib.SMTPException, OSError):
            return None
        return True

    async def once() -> tuple[bool | None, float | None]:
        return await asyncio.to_thread(deliver), None

    counts = Counts()
    with start(stage.place) as running:
        await running.ready()
        trying = asyncio.create_task(persist(once, Patience(tries=400, longest_wait=0.3), counts, 1))
        await until(lambda: not stage.rows("log.db", "SELECT count(*) FROM records"), "nothing on the log", pause=0)
        running.kill()
    with start(stage.place):
        assert await trying is True
        await stage.once()
