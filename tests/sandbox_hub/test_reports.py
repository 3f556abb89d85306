"""Filing, changing and finding reports."""

import asyncio
import base64
import hashlib
import itertools
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.hub.server import HubSimulation

MakeForm = Callable[..., dict[str, Any]]


def attachment(content: bytes = b"foto", **changes: object) -> dict[str, Any]:
    return {
        "nama": "foto.jpg",
        "jenis": "image/jpeg",
        "ukuran": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "isi_base64": base64.b64encode(content).decode(),
        **changes,
    }


async def test_a_report_gets_a_decimal_tracking_id_and_a_public_page(client: httpx.AsyncClient, form: MakeForm) -> None:
    answer = await client.post("/pengaduan", json=form())

    assert answer.status_code == 201
    body = answer.json()
    assert body["tracking_id"].isdecimal()
    assert len(body["tracking_id"]) == 7
    assert body["status"] == "belum_diverifikasi"
    page = await client.get(body["url"])
    assert page.status_code == 200
    assert "SIMULASI" in page.text
    assert "Jalan berlubang sedalam lutut" in page.text


async def test_every_answer_says_that_it_is_a_simulation(hub: HubSimulation, client: httpx.AsyncClient) -> None:
    for path in ("/kategori", "/tidak-ada", f"{hub.url}/docs", f"{hub.url}/pengaduan/1/halaman"):
        assert (await client.get(path)).headers["X-Simulation"] == "assumption"
    specification = (await client.get(f"{hub.url}/openapi.json")).json()
    assert "SIMULATION" in specification["info"]["description"]
    assert "/api/v1/pengaduan" in specification["paths"]


async def test_tracking_ids_rise_by_uneven_steps(client: httpx.AsyncClient, form: MakeForm) -> None:
    ids = [int((await client.post("/pengaduan", json=form(f"cmp-{n}"))).json()["tracking_id"]) for n in range(12)]

    steps = {later - earlier for earlier, later in itertools.pairwise(ids)}
    assert min(steps) >= 1
    assert len(steps) > 1


@pytest.mark.parametrize("token", [None, "Bearer salah", "Basic dG9rZW4tcGVuZ2lyaW0=", "Bearer token-pengelola"])
async def test_a_wrong_token_is_refused_before_the_body_is_looked_at(hub: HubSimulation, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": token}
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{hub.url}/api/v1/pengaduan", content=b"{bukan json", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await hub.summary()).reports == 0


TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"judul": ""}, "judul", "at least 1"),
    ({"judul": "x" * 151}, "judul", "at most 150"),
    ({"isi": "  pendek  "}, "isi", "at least 10"),
    ({"klasifikasi": "keluhan"}, "klasifikasi", "must be one of"),
    ({"pelapor": None}, "pelapor", "wajib diisi"),
    ({"pelapor": {"nama": "Siti Contoh"}}, "pelapor", "phone or e-mail"),
    ({"pelapor": {"telepon": "+62 811-0000-0001"}}, "pelapor", "nama"),
    ({"pelapor": {"nama": "Siti", "surel": "bukan surel"}}, "pelapor.surel", "wrong form"),
    ({"lintang": -7.2}, "lintang", "go together"),
    ({"lintang": 97, "bujur": 112.7}, "lintang", "at most 90"),
    ({"kode_wilayah": "3578"}, "kode_wilayah", "wrong form"),
    ({"tanggal_kejadian": TOMORROW}, "tanggal_kejadian", "in the future"),
    ({"tanggal_kejadian": "kemarin"}, "tanggal_kejadian", "is not valid"),
    ({"judull": "salah ketik"}, "judull", "not known"),
    ({"lampiran": [attachment(ukuran=9)]}, "lampiran.0", "does not match"),
    ({"lampiran": [attachment(isi_base64="@@")]}, "lampiran.0", "base64"),
    ({"jumlah_pendukung": -1}, "jumlah_pendukung", "at least 0"),
]


async def test_a_wrong_field_is_named_with_the_reason(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    for changes, field, says in WRONG:
        answer = await client.post("/pengaduan", json=form(**changes))

        assert answer.status_code == 422, changes
        [error] = answer.json()["galat"]
        assert error["kolom"] == field, changes
        assert says in error["pesan"], changes
    assert (await hub.summary()).reports == 0


async def test_an_error_does_not_repeat_what_was_sent(client: httpx.AsyncClient, form: MakeForm) -> None:
    answer = await client.post(
        "/pengaduan", json=form(pelapor={"nama": "Siti", "telepon": "nol delapan satu"}, klasifikasi="rahasia-saya")
    )

    assert answer.status_code == 422
    assert "nol delapan" not in answer.text
    assert "rahasia-saya" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/pengaduan", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.json()["galat"]


async def test_half_a_surrogate_is_refused_and_a_nul_is_kept(client: httpx.AsyncClient, form: MakeForm) -> None:
    surrogate = json.dumps(form(isi="Air mati sejak kemarin \ud83d"))
    refused = await client.post("/pengaduan", content=surrogate, headers={"Content-Type": "application/json"})
    kept = await client.post("/pengaduan", json=form(isi="Air mati \x00 sejak kemarin"))

    assert refused.status_code in (400, 422)
    assert kept.status_code == 201
    view = await client.get(f"/pengaduan/{kept.json()['tracking_id']}")
    assert view.json()["isi"] == "Air mati \x00 sejak kemarin"


async def test_an_anonymous_report_needs_no_reporter_and_hides_a_given_one(
    client: httpx.AsyncClient, form: MakeForm
) -> None:
    without = await client.post("/pengaduan", json=form("a", anonim=True, pelapor=None))
    given = await client.post("/pengaduan", json=form("b", anonim=True))

    assert (without.status_code, given.status_code) == (201, 201)
    view = await client.get(f"/pengaduan/{given.json()['tracking_id']}")
    assert view.json()["pelapor"] is None
    assert "Siti Contoh" not in (await client.get(given.json()["url"])).text


async def test_the_page_of_a_secret_report_shows_only_its_state(client: httpx.AsyncClient, form: MakeForm) -> None:
    url = (await client.post("/pengaduan", json=form(rahasia=True))).json()["url"]

    page = (await client.get(url)).text
    assert "Belum diverifikasi" in page
    assert "lutut" not in page
    assert "Siti Contoh" not in page


async def test_the_page_escapes_what_a_citizen_wrote(client: httpx.AsyncClient, form: MakeForm) -> None:
    url = (await client.post("/pengaduan", json=form(isi="<script>alert(1)</script> {judul}"))).json()["url"]

    page = (await client.get(url)).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {judul}" in page


async def test_strict_tables_refuse_what_is_not_listed(
    hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm
) -> None:
    hub.behave(strict_tables=True)
    listed = {entry["kode"] for entry in (await client.get("/kategori")).json()["daftar"]}
    agencies = {entry["kode"] for entry in (await client.get("/instansi")).json()["daftar"]}

    assert {"INFRA.JALAN"} <= listed
    assert {"DPU"} <= agencies
    good = await client.post("/pengaduan", json=form())
    category = await client.post("/pengaduan", json=form(kategori="Antah berantah"))
    agency = await client.post("/pengaduan", json=form(instansi_tujuan="Dinas Antah"))
    assert [good.status_code, category.status_code, agency.status_code] == [201, 422, 422]
    assert category.json()["galat"][0]["kolom"] == "kategori"
    assert agency.json()["galat"][0]["kolom"] == "instansi_tujuan"


async def test_reports_are_found_by_the_senders_reference(client: httpx.AsyncClient, form: MakeForm) -> None:
    tracking_id = (await client.post("/pengaduan", json=form("cmp-9"))).json()["tracking_id"]
    await client.post("/pengaduan", json=form("cmp-90"))

    found = (await client.get("/pengaduan", params={"referensi": "cmp-9"})).json()["laporan"]
    assert [report["tracking_id"] for report in found] == [tracking_id]
    assert (await client.get("/pengaduan", params={"referensi": "cmp"})).json() == {"laporan": []}
    assert (await client.get("/pengaduan")).status_code == 422
    assert (await client.get("/pengaduan/12")).status_code == 404


async def test_an_update_adds_and_replaces(hub: HubSimulation, client: httpx.AsyncClient, form: MakeForm) -> None:
    photo = attachment()
    path = f"/pengaduan/{(await client.post('/pengaduan', json=form())).json()['tracking_id']}"
    change = {
        "revisi": 2,
        "tambahan": "RT 03 RW 05 ya Pak.",
        "jumlah_pendukung": 3,
        "pendukung": [{"referensi": "msg-2"}, {"referensi": "msg-3", "nama": "Budi Contoh"}],
        "lampiran": [photo],
        "kategori": "INFRA.DRAINASE",
    }

    assert (await client.patch(path, json=change)).json()["revisi"] == 2
    again = {**change, "revisi": 3, "tambahan": None}
    assert (await client.patch(path, json=again)).status_code == 200
    [report] = await hub.reports()
    assert report.formulir["isi"] == f"{form()['isi']}\n\nRT 03 RW 05 ya Pak."
    assert report.formulir["kategori"] == "INFRA.DRAINASE"
    assert report.formulir["judul"] == form()["judul"]
    assert report.formulir["jumlah_pendukung"] == 3
    supporters = report.formulir["pendukung"]
    assert isinstance(supporters, list)
    assert [supporter["referensi"] for supporter in supporters] == ["msg-2", "msg-3"]
    view = (await client.get(path)).json()
    assert (view["lampiran"], view["jumlah_pendukung"], view["revisi"]) == (1, 3, 3)


async def test_an_older_revision_is_answered_with_the_current_one(client: httpx.AsyncClient, form: MakeForm) -> None:
    path = f"/pengaduan/{(await client.post('/pengaduan', json=form(revisi=2))).json()['tracking_id']}"
    assert (await client.patch(path, json={"revisi": 5, "judul": "Judul revisi lima"})).status_code == 200

    for answer in (
        await client.patch(path, json={"revisi": 4, "judul": "Judul revisi empat"}),
        await client.post(f"{path}/komentar", json={"revisi": 4, "isi": "terlambat"}),
    ):
        assert answer.status_code == 409
        assert answer.json()["revisi"] == 5
    view = (await client.get(path)).json()
    assert view["judul"] == "Judul revisi lima"
    assert view["komentar"] == []


async def test_comments_are_kept_in_order(client: httpx.AsyncClient, form: MakeForm) -> None:
    path = f"/pengaduan/{(await client.post('/pengaduan', json=form())).json()['tracking_id']}"
    for text in ("pertama", "kedua"):
        answer = await client.post(f"{path}/komentar", json={"revisi": 1, "isi": text, "dari": "pengirim"})
        assert answer.status_code == 201
        assert answer.json()["status"] == "belum_diverifikasi"

    assert [comment["isi"] for comment in (await client.get(path)).json()["komentar"]] == ["pertama", "kedua"]
    assert (await client.post("/pengaduan/12/komentar", json={"revisi": 1, "isi": "?"})).status_code == 404


async def test_the_content_of_a_file_is_checked_and_not_kept(
    hub: HubSimulation, database: Path, client: httpx.AsyncClient, form: MakeForm
) -> None:
    content = b"isi berkas yang panjang" * 40
    assert (await client.post("/pengaduan", json=form(lampiran=[attachment(content)]))).status_code == 201

    await hub.stop()
    with sqlite3.connect(database) as connection:
        [(stored,)] = connection.execute("SELECT form FROM reports")
    connection.close()
    assert hashlib.sha256(content).hexdigest() in stored
    assert base64.b64encode(content).decode() not in stored


async def test_a_body_that_is_too_large_is_refused_unread(hub: HubSimulation) -> None:
    host, port = hub.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /api/v1/pengaduan HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer token-pengirim\r\n"
        b"Content-Length: 99999999\r\n\r\n"
    )
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()

    assert b" 413 " in status
