"""Nothing personal and no secret in clear: not in the data of a home, not in logs, dead letters, feed or metrics."""

import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
import pytest_asyncio
import structlog

from runtime.telemetry import logs
from sandbox.city.clients.mail_shapes import picture
from sandbox.city.utterances import Attachment

from .sizes import Size, kept_by
from .town import MAILBOX, Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITI = Person("Sitirahayu Kusumaningtyas", 7301)
BUDI = Person("Budihartanto Wirasasmita", 7302)
DEWI = Person("Dewilestari Ambarwati", 7303)
JOKO = Person("Jokosusilo Prawirodirjo", 7304)
RINA = Person("Rinamelati Sastrowardoyo", 7305)
PEOPLE = (SITI, BUDI, DEWI, JOKO, RINA)
NIK = "3273014405730001"


def spellings(person: Person) -> list[str]:
    """Everything by which somebody could be found, as people and machines write it."""
    national = person.phone[3:]
    dashed = f"{national[:3]}-{national[3:7]}-{national[7:]}"
    found = [
        person.phone,
        person.digits,
        f"0{national}",
        national,
        f"0{dashed}",
        f"+62 {dashed}",
        dashed.replace("-", " "),
    ]
    found += [person.email, person.email.split("@")[0], *person.name.split(), person.name.upper()]
    return found


@dataclass
class Seen:
    """A town after a busy hour, and all that its process wrote to its log meanwhile."""

    town: Town
    log: str
    kept: dict[str, bytes]
    """Every byte of its data, by where it is."""


@pytest.fixture(scope="module")
def log() -> Iterator[io.StringIO]:
    """What a process logs at its most talkative."""
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(sys, "stderr", stream)
        logs.configure(json=True, level="debug")
        yield stream
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if type(each).__module__ != logs.__name__]


def mail_of(person: Person, words: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{person.name} <{person.email}>", MAILBOX, f"Laporan {person.name}"
    mail["Message-ID"], mail["Date"] = f"<{person.number}.{person.email}>", "Tue, 24 Nov 2026 09:00:00 +0700"
    mail.set_content(f"{words}\n\nSalam,\n{person.name}\nHP {person.phone}\n")
    name = f"foto {person.name} {person.digits}.png"
    mail.add_attachment(picture(Attachment("image/png", name, 9)), maintype="image", subtype="png", filename=name)
    return mail


async def busy_hour(town: Town) -> None:
    """Messages that are accepted, ignored, dead, refused, doubled, merged and linked, with identities everywhere."""
    said = f"Saluran di Jalan Teratai RT 3 mampet. Hubungi {SITI.name} di {SITI.phone}, KTP {NIK}, {SITI.email}"
    await town.whatsapp(town.text(SITI, said), name=SITI.name)
    await town.whatsapp(town.text(SITI, said), name=SITI.name)
    await town.sms(SITI, f"Saluran di Jalan Teratai RT 3 mampet, hubungi {SITI.phone}", f"SM{SITI.digits}")
    await town.whatsapp(
        {
            "from": BUDI.digits,
            "id": f"wamid.{BUDI.digits}",
            "timestamp": "x",
            "type": "hologram",
            "hologram": BUDI.name,
        },
        town.message(BUDI, "contacts", [{"name": {"formatted_name": BUDI.name}, "phones": [{"phone": BUDI.phone}]}]),
        name=BUDI.name,
    )
    await town.mail(mail_of(DEWI, f"Nama saya {DEWI.name}, saluran di Jalan Teratai RT 3 mampet."), DEWI.email)
    absent = mail_of(DEWI, "Saya cuti.")
    absent.replace_header("Message-ID", "<cuti.1@warga.example>")
    absent["Auto-Submitted"] = "auto-replied"
    await town.mail(absent, DEWI.email)
    await town.mail(b"From: " + RINA.email.encode() + b"\r\nSubject: \xff" + RINA.phone.encode() + b"\r\n\r\n")
    await town.desk({"nomor_tiket": f"RS {JOKO.phone}", "waktu": f"kata {JOKO.name}", "keluhan": {"isi": JOKO.phone}})
    await town.desk(
        {
            "nomor_tiket": f"RS-{JOKO.name}",
            "waktu": "24/11/2026 14:05",
            "pasien": {"nama": JOKO.name, "kontak": JOKO.phone},
            "keluhan": {"isi": f"Dokter menolak {JOKO.name}. Telp 0{JOKO.phone[3:]}. Ini rahasia, mohon dirahasiakan."},
            "lampiran": [{"nama": f"{JOKO.name}.jpg", "tautan": f"https://rsud.example/{JOKO.digits}"}],
        }
    )
    await town.post_whatsapp(town.whatsapp_body(town.text(RINA, RINA.name), name=RINA.name), signature="sha256=00")
    town.drop(
        "daftar.csv",
        "no;tanggal;nama;telepon;alamat;isi_laporan\r\n"
        f"1;24/11/2026;{RINA.name};{RINA.phone};Jl. Teratai 3;Saluran mampet kata {RINA.name}\r\n"
        f"2;{RINA.name};{RINA.phone}\r\n"
        f"3;{RINA.phone};{RINA.name};{RINA.phone};;{RINA.email}\r\n",
    )
    town.hub.behave(next_n={"p_5xx": 1, "p_wrong_json": 1, "p_drop_after_accept": 1})
    # Twelve messages, and one that is redelivered.
    await town.rest(12)
    town.hub.behave(strict_tables=True)
    await town.sms(BUDI, f"{BUDI.phone} {BUDI.email}: genangan di Jalan Sawo", f"SM{BUDI.digits}")
    await town.rest(1)
    await town.hub.advance(2)
    for _ in range(3):
        await town.muara("hubs", "list")
    await town.rest()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory, size: Size, log: io.StringIO) -> AsyncIterator[Seen]:
    """The town, the log, and the bytes of all its data while it runs: write-ahead logs are there then."""
    async with AsyncExitStack() as stack:
        town = await open_town(stack, tmp_path_factory.mktemp("town"), size)
        await busy_hour(town)
        yield Seen(town, log.getvalue(), await kept_by(town.ground))


def hits(text: str) -> list[str]:
    """Which spellings of which people stand in a text, whatever their case."""
    low = text.lower()
    return [word for person in PEOPLE for word in [*spellings(person), NIK] if word.lower() in low]


async def test_the_data_holds_nobody(seen: Seen, size: Size) -> None:
    files = {"log.db", "log.db-wal", "store.db", "store.db-wal"}
    assert (files if size.name == "embedded" else {"spool.db", "the log", "the database"}) <= set(seen.kept)
    assert any(where.startswith("objects/") for where in seen.kept)
    for where, content in seen.kept.items():
        # One byte a character, and two as UTF-16 would have it.
        for text in (content.decode("latin-1"), content.decode("utf-16-le", "replace"), where):
            assert hits(text) == [], where


async def test_the_hub_has_everybody(seen: Seen) -> None:
    """Else the scan would prove nothing."""
    forms = json.dumps([report.formulir for report in await seen.town.hub.reports()])
    assert {SITI.phone, JOKO.phone, DEWI.email, NIK, "Rinamelati", "Budihartanto"} <= set(hits(forms))


async def test_trap_13_the_log_holds_no_identity_and_no_secret(seen: Seen) -> None:
    for event in ("request refused", "file imported"):
        assert event in seen.log, "the log was not listened to"
    assert hits(seen.log) == []
    for name, secret in seen.town.scene.secrets.items():
        assert secret not in seen.log, name
    assert seen.town.feed_key.split("_", 2)[2] not in seen.log


async def test_trap_13_the_data_holds_no_secret(seen: Seen) -> None:
    key = (seen.town.scene.home / "master.key").read_bytes()
    secrets = [*(each.encode() for each in seen.town.scene.secrets.values()), seen.town.feed_key.encode()]
    secrets += [line for line in re.split(rb"\s+", key) if len(line) >= 32]
    for where, content in seen.kept.items():
        assert not any(secret in content for secret in secrets), where


async def test_trap_13_dead_letters_hold_no_identity(seen: Seen) -> None:
    listed = await seen.town.muara("dead", "list", "--json")
    letters = json.loads(listed.stdout)
    assert {letter["stage"] for letter in letters} == {"normalizer", "dispatcher"}
    assert len(letters) >= 4
    assert hits(listed.stdout) == []
    for letter in letters:
        shown = await seen.town.muara("dead", "show", letter["id"], "--json")
        assert hits(shown.stdout) == []


async def test_feed_and_metrics_hold_nobody(seen: Seen) -> None:
    feed = await seen.town.feed()
    assert len(feed) >= 5
    assert hits(json.dumps(feed, ensure_ascii=False)) == []
    assert any(each["rahasia"] for each in feed)
    metrics = (await seen.town.http.get(f"{seen.town.url}/metrics")).text
    assert hits(metrics) == []
    page = await seen.town.http.get(f"{seen.town.url}/readyz")
    assert hits(page.text) == []
