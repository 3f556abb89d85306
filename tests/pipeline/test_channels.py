"""Each channel from the citizen's words to the hub's form, over its real protocol; and what the feed shows of it."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from sandbox.city.clients.mail_shapes import picture
from sandbox.city.utterances import Attachment

from .town import Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]


def row(person: Person, ident: int, words: str) -> tuple[object, ...]:
    """A row of the water company's own table."""
    when = "2026-11-24 08:15:00"
    return (ident, "00012345", person.name, person.phone, "Jl. Cempaka 9 RT 2", words, "Distribusi", when, when)


def masked(person: Person) -> dict[str, str]:
    """Name and number as the feed shows them."""
    name = " ".join(f"{word[0]}***" for word in person.name.split())
    return {"name": name, "phone": f"{'*' * (len(person.phone) - 3)}{person.phone[-3:]}"}


async def test_whatsapp(town: Town, person: People) -> None:
    siti = person("Siti Contoh")
    words = (
        f"Lampu jalan di Jalan Melati No. 12 RT 3 RW 5 mati, depan SD 4. Hubungi saya di {siti.phone} ya, Siti Contoh"
    )
    picture_of_it = {"id": "931", "mime_type": "image/jpeg", "caption": words}
    assert (await town.whatsapp(town.message(siti, "image", picture_of_it), name=siti.name)).text == '{"accepted":1}'
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    report, shown = await town.report(siti)
    form = report.formulir
    assert form["isi"] == words
    assert str(form["judul"]).startswith("Lampu jalan di Jalan Melati No. 12 RT 3 RW 5 mati, depan SD 4")
    assert form["lokasi_kejadian"] == "Jalan Melati, No. 12, RT 003, RW 005, depan SD 4"
    assert form["pelapor"] == {"nama": "Siti Contoh", "telepon": siti.phone, "surel": None}
    assert (form["kanal"], form["kategori"]) == ("whatsapp_cloud", "Penerangan jalan umum")
    assert shown["reporter"] == {**masked(siti), "email": None}
    assert shown["text"] == (
        "Lampu jalan di Jalan Melati No. 12 RT 3 RW 5 mati, depan SD 4. Hubungi saya di [telepon] ya, [nama]"
    )
    assert siti.phone[-4:] not in shown["title"]
    assert shown["attachments"] == [{"media_type": "image/jpeg", "filename": None, "size": None}]
    assert (shown["agency"], shown["source"], shown["channel"]) == ("kominfo", "wa-kota", "whatsapp_cloud")
    assert [each["tracking_id"] for each in shown["hub_receipts"]] == [report.tracking_id]
    assert shown["deadlines"]["forward_by"] is not None


async def test_sms_of_twilio_which_signs_the_public_address(town: Town, person: People) -> None:
    agus = person("Agus Contoh")
    refused = await town.sms(agus, "Halte Simpang Rambutan roboh", "SMc1", public=town.url)
    assert refused.status_code == 401
    assert "public_url" in refused.json()["remedy"]
    taken = await town.sms(agus, "Halte Simpang Rambutan roboh", "SMc1")
    assert (taken.status_code, taken.headers["content-type"].split(";")[0]) == (200, "text/xml")
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    report, shown = await town.report(agus)
    assert (report.formulir["kanal"], report.formulir["isi"]) == ("twilio_sms", "Halte Simpang Rambutan roboh")
    assert report.formulir["pelapor"] == {"nama": "Pelapor tanpa nama", "telepon": agus.phone, "surel": None}
    assert shown["reporter"] == {"name": None, "phone": masked(agus)["phone"], "email": None}


async def test_mail_with_attachments_quoted_history_and_a_signature(town: Town, person: People) -> None:
    dewi = person("Dewi Contoh")
    photo = picture(Attachment("image/png", "saluran.png", 7))
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{dewi.name} <{dewi.email}>", "lapor@muarasari.example"
    mail["Subject"] = "Saluran air Jalan Anyelir tersumbat"
    mail["Message-ID"], mail["Date"] = "<kanal-1@warga.example>", "Tue, 24 Nov 2026 09:00:00 +0700"
    mail.set_content(
        "Saluran air di Jalan Anyelir RT 2 tersumbat, air meluap ke rumah warga.\n\n"
        f"Hormat saya,\nDewi Contoh\nHP {dewi.phone}\n\n"
        "Pada Sen, 23 Nov 2026 pukul 10.00 Kantor Lurah <lurah@kota.example> menulis:\n"
        "> Silakan lapor ke alamat ini.\n"
    )
    mail.add_attachment(photo, maintype="image", subtype="png", filename="saluran.png")
    await town.mail(mail)
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    report, shown = await town.report(dewi)
    form = report.formulir
    assert form["judul"] == "Saluran air Jalan Anyelir tersumbat"
    assert form["isi"] == "Saluran air di Jalan Anyelir RT 2 tersumbat, air meluap ke rumah warga."
    assert form["lokasi_kejadian"] == "Jalan Anyelir, RT 002"
    assert (form["kanal"], form["tanggal_kejadian"]) == ("email", None)
    assert form["pelapor"] == {"nama": dewi.name, "telepon": None, "surel": dewi.email}
    digest = hashlib.sha256(photo).hexdigest()
    assert form["lampiran"] == [{"nama": "saluran.png", "jenis": "image/png", "ukuran": len(photo), "sha256": digest}]
    assert await town.ground.objects.get(digest) == photo
    assert shown["reporter"] == {"name": "D*** C***", "phone": None, "email": "d***@warga.example"}
    assert shown["attachments"] == [{"media_type": "image/png", "filename": "saluran.png", "size": len(photo)}]
    kept = [p for p in town.ground.home.objects.rglob("*") if p.is_file()]
    assert kept
    assert not any(photo in file.read_bytes() for file in kept), "an object lies open"


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
async def test_the_webhook_of_a_hospital(form: bool, town: Town, person: People) -> None:
    ketut = person("Ketut Contoh" if form else "Nyoman Contoh")
    where = "loket kasir" if form else "farmasi"
    words = f"Antrean {where} lebih dari tiga jam, kursi tunggu tidak cukup."
    ticket: dict[str, Any] = {"nomor_tiket": f"RS-{where}", "waktu": "24/11/2026 14:05"}
    if form:
        ticket |= {"nama": ketut.name, "kontak": ketut.phone, "isi": words, "unit": "Rawat Jalan"}
    else:
        file = {"nama": "antre.jpg", "tautan": "https://rsud.example/f/1", "tipe": "image/jpeg"}
        ticket |= {"pasien": {"nama": ketut.name, "kontak": ketut.phone}, "keluhan": {"isi": words, "unit": "Farmasi"}}
        ticket["lampiran"] = [file]
    assert (await town.desk(ticket, form=form)).status_code == 200
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    report, shown = await town.report(ketut)
    assert (report.formulir["isi"], report.formulir["kanal"]) == (words, "opd_webhook")
    assert report.formulir["pelapor"] == {"nama": ketut.name, "telepon": ketut.phone, "surel": None}
    assert (shown["agency"], shown["sent_at"]) == ("rsud", "2026-11-24T07:05:00Z")
    assert [file["filename"] for file in shown["attachments"]] == ([] if form else ["antre.jpg"])


async def test_a_wrong_key_of_the_hospital_is_refused(town: Town) -> None:
    answer = await town.http.post(f"{town.url}/in/rsud", json={"nomor_tiket": "1"}, headers={"X-API-Key": "tebakan"})
    assert answer.status_code == 401
    assert await town.rest() == {}


async def test_files_of_a_sub_district_as_csv_and_ndjson(town: Town, person: People) -> None:
    wayan, kadek = person("Wayan Contoh"), person("Kadek Contoh")
    words = "Jembatan kayu di Dusun Sukun lapuk; berbahaya"
    town.drop(
        "buku.csv",
        "no;tanggal;nama;telepon;alamat;isi_laporan\r\n"
        f'1;24/11/2026;{wayan.name};0{wayan.digits[2:]};Jl. Kenanga 5 RT 2;"{words}"\r\n',
    )
    line = {"tanggal": "23/11/2026", "nama": kadek.name, "telepon": kadek.digits[2:]}
    line["isi_laporan"] = "Sumur Desa Salak kering"
    town.drop("buku.ndjson", json.dumps(line) + "\n")
    assert await town.rest(2) == {"received": 2, "complaints": 2, "delivered": 2}
    report, shown = await town.report(wayan)
    assert (report.formulir["isi"], report.formulir["kanal"]) == (words, "kecamatan_csv")
    assert report.formulir["pelapor"] == {"nama": wayan.name, "telepon": wayan.phone, "surel": None}
    assert "Kenanga" in str(report.formulir["lokasi_kejadian"])
    assert shown["reporter"] == {**masked(wayan), "email": None}
    report, shown = await town.report(kadek)
    assert report.formulir["isi"] == "Sumur Desa Salak kering"
    assert shown["sent_at"] == "2026-11-22T17:00:00Z"


async def test_a_table_of_the_water_company_with_a_row_that_commits_late(town: Town, person: People) -> None:
    early, late = person("Gede Contoh"), person("Rai Contoh")
    agency = sqlite3.connect(town.scene.water, isolation_level=None)
    insert = "INSERT INTO pengaduan_pelanggan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    # Number 501 was given out first, and its row is committed last.
    agency.execute(insert, row(early, 502, "Meteran air di Gang Sirsak bocor"))
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    agency.execute(insert, row(late, 501, "Air di Perumahan Delima mati sejak kemarin pagi"))
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    agency.execute("UPDATE pengaduan_pelanggan SET kategori = 'Selesai', diubah_pada = '2026-11-25 08:00:00'")
    agency.close()
    report, shown = await town.report(late)
    assert report.formulir["isi"] == "Air di Perumahan Delima mati sejak kemarin pagi"
    assert report.formulir["pelapor"] == {"nama": late.name, "telepon": late.phone, "surel": None}
    assert "Cempaka" in str(report.formulir["lokasi_kejadian"])
    assert (shown["agency"], shown["sent_at"]) == ("pdam", "2026-11-24T01:15:00Z")
    assert len(await town.reports(early)) == 1
