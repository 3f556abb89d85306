"""The life of reports, the changes that pollers see, and what survives a restart or a kill."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import sandbox
from sandbox.hub.database import DatabaseUnavailable
from sandbox.hub.server import HubSimulation, create_app

MakeForm = Callable[..., dict[str, Any]]

FINAL = {"selesai", "arsip", "bukan_wewenang"}
MAY_FOLLOW = {
    None: {"belum_diverifikasi"},
    "belum_diverifikasi": {"terdisposisi", "tunda", "arsip", "bukan_wewenang"},
    "tunda": {"terdisposisi"},
    "terdisposisi": {"ditindaklanjuti"},
    "ditindaklanjuti": {"ditanggapi_pelapor", "selesai"},
    "ditanggapi_pelapor": {"ditindaklanjuti"},
}


async def fill(client: httpx.AsyncClient, form: MakeForm, count: int) -> None:
    for n in range(count):
        answer = await client.post("/pengaduan", json=form(f"cmp-{n}", kanal="sms" if n % 3 == 0 else "whatsapp"))
        assert answer.status_code == 201


async def all_changes(client: httpx.AsyncClient, limit: int = 7) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = []
    cursor, more = "0", True
    while more:
        page = (await client.get("/perubahan", params={"sejak": cursor, "batas": limit})).json()
        changes += page["perubahan"]
        cursor, more = page["kursor"], page["lagi"]
    return changes


async def test_every_report_lives_to_an_end_by_allowed_steps(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    await fill(client, form, 40)
    moved = await hub.advance(20)

    changes = await all_changes(client)
    assert len(changes) == 40 + moved
    assert [change["nomor"] for change in changes] == list(range(1, len(changes) + 1))
    state: dict[str, str | None] = {}
    for change in changes:
        before = state.get(change["referensi"])
        assert change["status"] in MAY_FOLLOW[before]
        state[change["referensi"]] = change["status"]
    assert set(state.values()) == FINAL
    assert await hub.advance(5) == 0
    assert set((await hub.summary()).by_status) == FINAL
    words = {change["keterangan"] for change in changes}
    assert "Terdisposisi ke Dinas Pekerjaan Umum Kota Muara Simulasi" in words
    assert any(change["otomatis"] and change["status"] == "selesai" for change in changes)
    assert all(change["tanggapan"] for change in changes if change["status"] == "ditindaklanjuti")


async def test_the_same_seed_lives_the_same_life(tmp_path: Path, form: MakeForm) -> None:
    async def life(name: str, seed: int) -> list[tuple[str, str, str]]:
        async with (
            HubSimulation(tmp_path / name, token="t", admin_token="a", seed=seed) as hub,
            httpx.AsyncClient(base_url=f"{hub.url}/api/v1", headers={"Authorization": "Bearer t"}) as client,
        ):
            await fill(client, form, 8)
            await hub.advance(12)
            return [(c["tracking_id"], c["status"], c["keterangan"]) for c in await all_changes(client)]

    first = await life("a.db", 3)
    assert first == await life("b.db", 3)
    assert first != await life("c.db", 4)


async def test_a_cursor_never_skips_while_reports_come_in(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    seen: list[int] = []
    cursor = "0"
    filling = asyncio.create_task(fill(client, form, 25))
    while not filling.done() or len(seen) < 25:
        page = (await client.get("/perubahan", params={"sejak": cursor, "batas": 4})).json()
        seen += [change["nomor"] for change in page["perubahan"]]
        cursor = page["kursor"]
    await filling

    assert seen == list(range(1, 26))
    empty = (await client.get("/perubahan", params={"sejak": cursor})).json()
    assert empty == {"perubahan": [], "kursor": cursor, "lagi": False}


@pytest.mark.parametrize("cursor", ["26", "-1", "abc"])
async def test_a_cursor_of_another_database_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/perubahan", params={"sejak": cursor})

    assert answer.status_code == 422
    assert answer.json()["galat"][0]["kolom"] == "sejak"


async def test_a_comment_by_the_reporter_answers_the_agency(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    await fill(client, form, 6)
    while "ditindaklanjuti" not in (await hub.summary()).by_status:
        assert await hub.advance() >= 0
    report = next(report for report in await hub.reports() if report.status == "ditindaklanjuti")

    answer = await client.post(f"/pengaduan/{report.tracking_id}/komentar", json={"revisi": 1, "isi": "Belum, Pak."})
    assert answer.json()["status"] == "ditanggapi_pelapor"
    assert (await all_changes(client))[-1]["keterangan"] == "Ditanggapi oleh pelapor"


async def test_the_clock_runs_by_itself_when_told_to(database: Path, form: MakeForm) -> None:
    async with (
        HubSimulation(database, token="t", admin_token="a", advance_every=0.01) as hub,
        httpx.AsyncClient(base_url=f"{hub.url}/api/v1", headers={"Authorization": "Bearer t"}) as client,
        asyncio.timeout(10),
    ):
        await client.post("/pengaduan", json=form())
        while (await hub.reports())[0].status not in FINAL:  # noqa: ASYNC110 - nothing tells that it moved
            await asyncio.sleep(0.01)


async def test_the_administrator_advances_and_counts_over_http(
    hub: HubSimulation, admin: httpx.AsyncClient, client: httpx.AsyncClient, form: MakeForm
) -> None:
    await fill(client, form, 9)
    moved = (await admin.post("/maju", json={"langkah": 3})).json()["perubahan"]

    summary = (await admin.get("/ringkasan")).json()
    assert moved >= 9
    assert (summary["reports"], summary["distinct_references"], summary["doubled"]) == (9, 9, 0)
    assert summary["by_channel"] == {"sms": 3, "whatsapp": 6}
    assert summary["changes"] == 9 + moved
    page = (await admin.get("/pengaduan", params={"batas": 5})).json()
    rest = (await admin.get("/pengaduan", params={"setelah": page[-1]["tracking_id"]})).json()
    assert [report["referensi"] for report in page + rest] == [f"cmp-{n}" for n in range(9)]
    assert page[0]["formulir"]["pelapor"]["nama"] == "Siti Contoh"


async def test_the_log_of_requests_names_no_person(
    hub: HubSimulation, admin: httpx.AsyncClient, client: httpx.AsyncClient, form: MakeForm
) -> None:
    await client.post("/pengaduan", json=form(), headers={"Idempotency-Key": "dlv-1"})
    await client.get("/pengaduan", params={"referensi": "Siti Contoh"})
    await client.get("/tidak-ada")

    answer = await admin.get("/permintaan")
    lines = [(line["method"], line["path"], line["status"], line["idempotency_key"]) for line in answer.json()]
    assert lines == [
        ("POST", "/api/v1/pengaduan", 201, "dlv-1"),
        ("GET", "/api/v1/pengaduan", 200, None),
        ("GET", "/api/v1/tidak-ada", 404, None),
    ]
    assert "Siti" not in answer.text
    assert "0000-0001" not in answer.text
    assert len(await hub.requests()) == 3


async def test_a_restart_on_the_same_port_keeps_everything(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    headers = {"Idempotency-Key": "dlv-1"}
    first = await client.post("/pengaduan", json=form(), headers=headers)
    await fill(client, form, 8)
    await hub.advance(2)
    before, url = await hub.summary(), hub.url
    await hub.stop()
    with pytest.raises(httpx.ConnectError):
        await client.get("/kategori")
    await hub.start()

    assert hub.url == url
    assert await hub.summary() == before
    again = await client.post("/pengaduan", json=form(), headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await hub.advance(12) > 0


PROGRAM = """
import asyncio, sys
from pathlib import Path
from sandbox.hub.server import HubSimulation

async def main() -> None:
    async with HubSimulation(Path(sys.argv[1]), token="t", admin_token="a") as hub:
        print(hub.url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_that_was_answered(database: Path, form: MakeForm) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(database)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(sandbox.__file__).parents[1])},
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    answered: list[str] = []
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Authorization": "Bearer t"}) as client:

        async def send(sender: int) -> None:
            for n in range(1000):
                answer = await client.post("/pengaduan", json=form(f"cmp-{sender}-{n}"))
                answered.append(answer.json()["tracking_id"])
                if len(answered) == 60:
                    process.send_signal(signal.SIGKILL)

        results = await asyncio.gather(*(send(n) for n in range(6)), return_exceptions=True)
    await process.wait()

    assert all(isinstance(result, httpx.TransportError) for result in results)
    async with HubSimulation(database, token="t", admin_token="a") as hub:
        stored = {report.tracking_id for report in await hub.reports()}
        summary = await hub.summary()
    assert set(answered) <= stored
    assert len(stored) - len(answered) <= 6  # stored, but killed before the answer: at most one a sender
    assert summary.doubled == 0
    assert summary.changes == summary.reports


async def test_what_cannot_be_opened_or_listened_to_says_what_to_do(hub: HubSimulation, tmp_path: Path) -> None:
    port = int(hub.url.rsplit(":", 1)[1])
    taken = HubSimulation(tmp_path / "other.db", token="t", admin_token="a", port=port)
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}.*choose another port"):
        await taken.start()
    for path in (tmp_path, tmp_path / "missing" / "hub.db"):
        with pytest.raises(DatabaseUnavailable, match="Name a writable file"):
            await HubSimulation(path, token="t", admin_token="a").start()
    with pytest.raises(ValueError, match="two different tokens"):
        create_app(tmp_path / "x.db", token="same", admin_token="same")


async def test_a_database_that_refuses_is_a_503_and_recovers(
    hub: HubSimulation, database: Path, client: httpx.AsyncClient, form: MakeForm
) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    refused = await client.post("/pengaduan", json=form(), headers={"Idempotency-Key": "dlv-1"})
    connection.execute("DROP TRIGGER full")
    connection.close()
    accepted = await client.post("/pengaduan", json=form(), headers={"Idempotency-Key": "dlv-1"})

    assert refused.status_code == 503
    assert "disk is full" in json.dumps(refused.json())
    assert accepted.status_code == 201
