"""Traps that the best peers fell into, end to end: files that stop midway, mails that no person wrote, bad rows."""

import json
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.acceptance import Acceptance
from connectors.checks import TRANSPORTS
from connectors.files import importer
from connectors.metrics import ConnectorMetrics
from muara.parts import build_sources
from normalizer import queries
from recipes.library import load_channels
from runtime.clock import system_clock
from schemas.topics import REPLIES

from .town import MAILBOX, NOTICES, Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]
HEADER = "no;tanggal;nama;telepon;alamat;isi_laporan\r\n"


def mail(sender: str, subject: str, text: str, ident: str, **headers: str) -> EmailMessage:
    """A plain mail."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, MAILBOX, subject
    made["Message-ID"], made["Date"] = f"<{ident}@warga.example>", "Tue, 24 Nov 2026 09:00:00 +0700"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def register(first: int, count: int, what: str) -> list[str]:
    """Rows of a register, each by another person about another place."""
    return [
        f"{n};24/11/2026;Warga {n};0811-0000-{n};Jl. Nomor {n};{what} di tiang listrik nomor {n}\r\n"
        for n in range(first, first + count)
    ]


async def dead_letters(town: Town) -> list[dict[str, Any]]:
    """As `muara dead list --json` shows them, the newest first."""
    shown = await town.muara("dead", "list", "--json")
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = json.loads(shown.stdout)
    return found


async def test_trap_04_a_bad_message_in_the_middle_of_a_batch(town: Town, person: People) -> None:
    before, after = person("Ayu Contoh"), person("Putu Contoh")
    await town.whatsapp(
        town.text(before, "Rambu di Simpang Kemuning hilang"),
        {"from": after.digits, "id": "wamid.rusak", "timestamp": "1", "type": "text", "text": ["rusak"]},
        town.text(after, "Drainase di Simpang Flamboyan ambles"),
    )
    gained = await town.rest(3)
    assert (gained["complaints"], gained["dead"], gained["delivered"]) == (2, 1, 2)
    (newest, *_) = await dead_letters(town)
    assert (newest["channel"], newest["source"], newest["stage"]) == ("whatsapp_cloud", "wa-kota", "normalizer")
    assert newest["reason"]
    for someone in (before, after):
        await town.report(someone)


async def test_trap_04_a_bad_mail_in_the_middle_of_an_inbox(town: Town, person: People) -> None:
    before, after = person("Luh Contoh"), person("Made Contoh")
    await town.mail(mail(before.email, "Tanggul Kali Bambu retak", "Tanggul Kali Bambu retak di RT 4.", "sebelum"))
    await town.mail(b"\xff\xfe\x00\x00 this is no mail at all \x80\x81\r\n.\xc3\x28\r\n")
    await town.mail(mail(after.email, "Papan nama Pasar Bambu jatuh", "Papan nama Pasar Bambu jatuh.", "sesudah"))
    gained = await town.rest(3)
    assert gained["delivered"] >= 2
    assert [(await town.report(one))[0].formulir["judul"] for one in (before, after)] == [
        "Tanggul Kali Bambu retak",
        "Papan nama Pasar Bambu jatuh",
    ]


async def test_trap_04_a_bad_row_in_the_middle_of_a_file(town: Town, person: People) -> None:
    before, after = person("Wayan Contoh"), person("Kadek Contoh")
    rows = [
        f"1;24/11/2026;{before.name};{before.phone};Jl. Teratai 1;Gorong-gorong Jalan Teratai runtuh\r\n",
        "2;24/11/2026;Nyoman Contoh\r\n",
        "3;31/02/2026;Gede Contoh;;Jl. Teratai 3;Tanggal yang tidak ada\r\n",
        f"4;24/11/2026;{after.name};{after.phone};Jl. Seroja 4;Pagar makam di Jalan Seroja roboh\r\n",
    ]
    town.drop("rusak.csv", HEADER + "".join(rows))
    gained = await town.rest(4)
    assert (gained["complaints"], gained["dead"], gained["delivered"]) == (2, 2, 2)
    found = {letter["where"]: letter["reason"] for letter in (await dead_letters(town))[:2]}
    assert set(found) == {"rusak.csv:3", "rusak.csv:4"}
    assert "31/02/2026" in found["rusak.csv:4"]
    for someone in (before, after):
        await town.report(someone)


async def test_trap_10_a_file_that_was_cut_midway_and_uploaded_again(town: Town) -> None:
    rows = register(2000, 36, "Kabel menjuntai")
    whole = HEADER + "".join(rows)
    town.drop("daftar.csv", whole[: whole.index(rows[24]) + 25])
    assert await town.rest(25) == {"received": 25, "complaints": 24, "dead": 1, "delivered": 24}
    town.drop("daftar.csv", whole)
    gained = await town.rest(12)
    assert gained == {"received": 12, "complaints": 12, "delivered": 12, "redelivered": 24}


class _AbortedError(Exception):
    pass


async def test_trap_10_an_import_that_was_aborted_midway_and_begun_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH", 15)
    home = town.ground.home
    sources = build_sources(home, town.ground.config, load_channels(home.channels, TRANSPORTS))
    metrics = ConnectorMetrics(CollectorRegistry())
    acceptance = Acceptance(town.ground.bus, town.ground.sealer, town.ground.objects, system_clock, metrics)
    file = town.scene.home / "besar.csv"
    file.write_text(HEADER + "".join(register(4000, 36, "Panel rusak")), encoding="utf-8")

    def abort(progress: importer.Progress) -> None:
        raise _AbortedError

    with pytest.raises(_AbortedError):
        await importer.import_file(file, sources["kecamatan"], acceptance, progress=abort)
    first = (await town.audit()).terms["received"] - town.before["received"]
    assert first == 15
    again = await town.muara("import", str(file), "--source", "kecamatan", "--json")
    assert again.exit_code == 0, again.output
    gained = await town.rest(36)
    assert gained == {"received": 36, "complaints": 36, "delivered": 36, "redelivered": 15}


OFFICE = "budi@dinas.example"


async def ignored_mails(town: Town) -> Counter[str]:
    """How many mails were ignored so far, by reason."""
    rows = await queries.by_channel(town.ground.store)
    return Counter({name: n for row in rows if row.channel == "email" for name, n in row.ignored.items()})


@pytest.mark.parametrize(
    ("reason", "made"),
    [
        ("auto_reply", mail(OFFICE, "Laporan", "Saya cuti.", "o1", Auto_Submitted="auto-replied")),
        ("auto_reply", mail(OFFICE, "Out of Office Re: Laporan", "Saya sedang cuti sampai Senin.", "o2")),
        ("bounce", mail("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", "mailbox full", "o3")),
        ("own_notification", mail(NOTICES, "Laporan Anda selesai", "Nomor laporan 78.", "o6")),
        ("loop", mail(MAILBOX, "Laporan Anda kami terima", "Nomor laporan 77.", "o4", X_Muara_Loop="1")),
        ("mailing_list", mail("x@milis.example", "Buletin", "Kabar kota.", "o5", Precedence="list")),
    ],
    ids=["vacation", "out_of_office", "bounce", "own_notification", "loop", "mailing_list"],
)
async def test_trap_11_mails_of_machines_are_ignored_by_name(reason: str, made: EmailMessage, town: Town) -> None:
    ignored = await town.metric("muara_records_processed_total", channel="email", outcome="ignored")
    before = await ignored_mails(town)
    await town.mail(made, "" if reason in ("bounce", "auto_reply") else "x@dinas.example")
    assert await town.rest(1) == {"received": 1, "ignored": 1}
    assert await town.metric("muara_records_processed_total", channel="email", outcome="ignored") == ignored + 1
    assert await ignored_mails(town) - before == {reason: 1}
    assert sum((await town.ground.bus.ends(REPLIES.name)).values()) == 0, "somebody was answered"


async def test_trap_12_a_mapping_error_moves_a_counter(town: Town) -> None:
    dead = await town.metric("muara_records_processed_total", channel="opd_webhook", outcome="dead")
    await town.desk({"nomor_tiket": "RS-12", "waktu": "kemarin sore", "keluhan": {"isi": "Parkir penuh"}})
    assert await town.rest(1) == {"received": 1, "dead": 1}
    assert await town.metric("muara_records_processed_total", channel="opd_webhook", outcome="dead") == dead + 1
