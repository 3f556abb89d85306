"""The clients against real servers: what arrives, how it is signed, when it is tried again."""

import csv
import io
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from sandbox.city.clients import files, mail_shapes, opd, twilio, whatsapp
from sandbox.city.clients.base import Client, Patience
from sandbox.city.clients.files import FilesClient
from sandbox.city.clients.mail import MailClient
from sandbox.city.clients.opd import OpdClient
from sandbox.city.clients.sql import SqlClient
from sandbox.city.clients.twilio import TwilioClient
from sandbox.city.clients.whatsapp import WhatsAppClient
from sandbox.city.filing import Upload
from sandbox.city.geography import STREETS, City
from sandbox.city.people import Census, Citizen
from sandbox.city.stage import MAIL_SHAPES
from sandbox.city.targets import FilesTarget, MailTarget, OpdTarget, SqlTarget, TwilioTarget, WhatsAppTarget
from sandbox.city.utterances import Attachment, Channel, Kind, Location, Utterance

Serve = Callable[..., AbstractAsyncContextManager[Any]]
HASTY = Patience(tries=4, first_wait=0.01, longest_wait=0.05, timeout=5)
AT = datetime(2026, 11, 24, 7, 5, 9, tzinfo=UTC)
PHOTO = Attachment("image/jpeg", "foto.jpg", 7)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def citizen() -> Citizen:
    return Census(random.Random(1), City(), STREETS).newcomer()


def _said(citizen: Citizen, channel: Channel, external_id: str = "x1", **more: object) -> Utterance:
    said = Utterance(AT, channel, citizen, external_id, text="Jalan rusak di Jl. Melati", phone="0811-0000-0001")
    return replace(said, **more)  # type: ignore[arg-type]


# --- signatures, held against values that another program computed -----------------------------------------------


def test_the_signature_of_whatsapp_is_hmac_sha256_over_the_bytes() -> None:
    # printf '{"a":"b"}' | openssl dgst -sha256 -hmac rahasia
    expected = "sha256=2ff7d012f9ffc3c77ed61d4f2f87ca94be2a71b162ed14941ee351e39fbe3505"
    assert whatsapp.signature("rahasia", b'{"a":"b"}') == expected


@pytest.mark.parametrize(
    ("token", "url", "parameters", "expected"),
    [
        (  # The example of Twilio's own manual.
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            {
                "Digits": "1234",
                "CallSid": "CA1234567890ABCDE",
                "From": "+14158675309",
                "To": "+18005551212",
                "Caller": "+14158675309",
            },
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (  # printf '%s' URL and sorted parameters | openssl dgst -sha1 -hmac rahasia -binary | base64
            "rahasia",
            "https://lapor.example/sms?x=1",
            {"MessageSid": "SM0001", "From": "+6281100001234", "Body": "Jalan rusak di Jl. Melati"},
            "REX8SeT2OKT28sczNOlmrp0Lwo8=",
        ),
    ],
)
def test_the_signature_of_twilio_is_hmac_sha1_over_address_and_sorted_parameters(
    token: str, url: str, parameters: dict[str, str], expected: str
) -> None:
    assert twilio.signature(token, url, parameters) == expected


# --- WhatsApp ----------------------------------------------------------------------------------------------------


async def test_whatsapp_sends_a_signed_batch_with_contacts_and_statuses(
    http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    other = replace(citizen, number=9, national="81100009876", name="Budi Santoso")
    pin = Location(-6.1, 106.1, "musala", "Jl. Melati")
    parcel = [
        _said(citizen, Channel.WHATSAPP, "wamid.1"),
        _said(citizen, Channel.WHATSAPP, "wamid.2", kind=Kind.IMAGE, attachments=(PHOTO,)),
        _said(other, Channel.WHATSAPP, "wamid.3", kind=Kind.LOCATION, location=pin, text=""),
        _said(other, Channel.WHATSAPP, "wamid.4", kind=Kind.REACTION, text="👍"),
    ]
    async with http_receiver() as receiver:
        client = WhatsAppClient(WhatsAppTarget(f"{receiver.url}/wa", "rahasia"), http, HASTY)
        await client.send(parcel)
    (taken,) = receiver.taken
    assert taken.headers["x-hub-signature-256"] == whatsapp.signature("rahasia", taken.body)
    values = [change["value"] for entry in json.loads(taken.body)["entry"] for change in entry["changes"]]
    messages = [message for value in values for message in value.get("messages", ())]
    assert [message["id"] for message in messages] == ["wamid.1", "wamid.2", "wamid.3", "wamid.4"]
    assert [message["type"] for message in messages] == ["text", "image", "location", "reaction"]
    assert {message["timestamp"] for message in messages} == {"1795503909"}
    assert messages[1]["image"]["caption"] == parcel[1].text
    assert messages[2]["location"]["address"] == "Jl. Melati"
    assert {contact["wa_id"] for contact in values[0]["contacts"]} == {citizen.e164[1:], "6281100009876"}
    assert sum(len(value.get("statuses", ())) for value in values) == 2
    assert client.counts.accepted == client.counts.sent == 4


@pytest.mark.parametrize("text", ["a\0b", "setengah \ud83d emoji", "🙏 selesai"])
def test_whatsapp_escapes_what_utf_8_cannot_hold(citizen: Citizen, text: str) -> None:
    body = whatsapp.encode([_said(citizen, Channel.WHATSAPP, text=text)], WhatsAppTarget("http://x", "s"))
    assert json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] == text
    assert body.isascii()


async def test_broken_json_is_signed_all_the_same(
    http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    async with http_receiver() as receiver:
        client = WhatsAppClient(WhatsAppTarget(receiver.url, "rahasia"), http, HASTY)
        await client.send([_said(citizen, Channel.WHATSAPP, kind=Kind.BROKEN)])
    (taken,) = receiver.taken
    assert taken.headers["x-hub-signature-256"] == whatsapp.signature("rahasia", taken.body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(taken.body)


# --- Twilio and the hospital -------------------------------------------------------------------------------------


async def test_twilio_signs_the_public_address_and_sends_a_form(
    http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    public = "https://lapor.example/sms?agency=kota"
    async with http_receiver() as receiver:
        client = TwilioClient(TwilioTarget(f"{receiver.url}/sms", "token", public), http, HASTY)
        await client.send([_said(citizen, Channel.SMS, "MM01", text="Banjir & bau 🙏", attachments=(PHOTO,))])
    (taken,) = receiver.taken
    fields = {name: values[0] for name, values in parse_qs(taken.body.decode()).items()}
    assert taken.headers["x-twilio-signature"] == twilio.signature("token", public, fields)
    assert (fields["MessageSid"], fields["From"], fields["Body"]) == ("MM01", citizen.e164, "Banjir & bau 🙏")
    assert (fields["NumMedia"], fields["MediaContentType0"]) == ("1", "image/jpeg")


async def test_the_hospital_sends_json_and_forms_with_its_key(
    http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    said = _said(citizen, Channel.HOSPITAL, "RS-2026-000123", subject="Poli Anak", attachments=(PHOTO,), shape="json")
    async with http_receiver() as receiver:
        client = OpdClient(OpdTarget(receiver.url, "kunci"), http, HASTY)
        await client.send([said, replace(said, shape="form"), replace(said, kind=Kind.BROKEN)])
    as_json, as_form, broken = receiver.taken
    assert {taken.headers["x-api-key"] for taken in receiver.taken} == {"kunci"}
    document = json.loads(as_json.body)
    assert document["waktu"] == "24/11/2026 14:05"
    assert document["pasien"] == {"nama": citizen.name, "kontak": "0811-0000-0001"}
    assert document["keluhan"] == {"isi": said.text, "unit": "Poli Anak"}
    assert document["lampiran"][0]["tipe"] == "image/jpeg"
    fields = {name: values[0] for name, values in parse_qs(as_form.body.decode()).items()}
    assert fields == opd.form(said)
    assert as_form.headers["content-type"] == "application/x-www-form-urlencoded"
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.body)


# --- trying again ------------------------------------------------------------------------------------------------


async def test_503_is_tried_again_after_what_it_asks_for_with_the_same_bytes(
    http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    def busy_twice(request: int) -> tuple[int, dict[str, str]]:
        return (503, {"Retry-After": "1"}) if request < 2 else (200, {})

    async with http_receiver(busy_twice) as receiver:
        client = WhatsAppClient(WhatsAppTarget(receiver.url, "s"), http, HASTY)
        await client.send([_said(citizen, Channel.WHATSAPP)])
    assert len({taken.body for taken in receiver.taken}) == 1
    assert (client.counts.accepted, client.counts.retries, client.counts.sent) == (1, 2, 1)


def test_the_wait_obeys_what_is_asked_for_up_to_the_longest() -> None:
    patience = Patience(first_wait=1, longest_wait=10)
    assert [patience.wait(tried) for tried in (1, 2, 3, 9)] == [1, 2, 4, 10]
    assert patience.wait(1, asked=7) == 7
    assert patience.wait(1, asked=3600) == 10


@pytest.mark.parametrize("status", [400, 401, 404, 413])
async def test_a_refusal_is_final(http_receiver: Serve, http: httpx.AsyncClient, citizen: Citizen, status: int) -> None:
    async with http_receiver(lambda _: (status, {})) as receiver:
        client = TwilioClient(TwilioTarget(receiver.url, "t"), http, HASTY)
        await client.send([_said(citizen, Channel.SMS)])
    assert len(receiver.taken) == 1
    assert (client.counts.refused, client.counts.accepted) == (1, 0)


async def test_nobody_there_is_given_up_after_all_tries(
    free_port: int, http: httpx.AsyncClient, citizen: Citizen
) -> None:
    port = free_port
    clients: Sequence[Client] = (
        WhatsAppClient(WhatsAppTarget(f"http://127.0.0.1:{port}", "s"), http, HASTY),
        MailClient(MailTarget("127.0.0.1", port), HASTY),
    )
    for client, channel in zip(clients, (Channel.WHATSAPP, Channel.EMAIL), strict=True):
        await client.send([_said(citizen, channel, shape="gmail")])
        assert (client.counts.given_up, client.counts.retries, client.counts.accepted) == (1, 3, 0)


# --- mail --------------------------------------------------------------------------------------------------------


def _read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.mark.parametrize("shape", MAIL_SHAPES)
async def test_mails_of_every_shape_arrive_with_text_phone_and_photo(
    mail_receiver: Serve, citizen: Citizen, shape: str
) -> None:
    photo = Attachment("image/png", "foto.png", 7)
    text = (
        "Assalamualaikum, jalan berlubang sedalam betis di Jl. Melati RT 03/RW 05, sudah dua minggu & belum ditambal."
    )
    said = _said(
        citizen, Channel.EMAIL, "m1@surat.example", text=text, subject="Jalan é", shape=shape, attachments=(photo,)
    )
    async with mail_receiver() as mailbox:
        client = MailClient(MailTarget("127.0.0.1", mailbox.port), HASTY)
        await client.send([said])
    ((sender, recipients, raw),) = mailbox.taken
    assert (sender, recipients) == (citizen.email, ["lapor@muarasari.example"])
    mail = _read(raw)
    assert (mail["Message-ID"], mail["Subject"]) == ("<m1@surat.example>", "Jalan é")
    body = mail.get_body(("plain", "html"))
    assert body is not None
    content = " ".join(body.get_content().replace("&amp;", "&").split())
    assert text in content
    assert "0811-0000-0001" in content
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content() == mail_shapes.picture(photo)
    assert client.counts.accepted == 1


def test_a_mail_that_is_sent_again_has_the_same_bytes(citizen: Citizen) -> None:
    for shape in MAIL_SHAPES:
        said = _said(citizen, Channel.EMAIL, shape=shape, attachments=(PHOTO,))
        assert mail_shapes.encode(said, "a@b.example") == mail_shapes.encode(said, "a@b.example")


@pytest.mark.parametrize(("reply", "accepted", "tries"), [("451 later", 1, 2), ("554 no", 0, 1)])
async def test_a_mail_server_that_says_later_is_asked_again(
    mail_receiver: Serve, citizen: Citizen, reply: str, accepted: int, tries: int
) -> None:
    async with mail_receiver(reply) as mailbox:
        client = MailClient(MailTarget("127.0.0.1", mailbox.port), HASTY)
        await client.send([_said(citizen, Channel.EMAIL, shape="plain")])
    assert len(mailbox.taken) == tries
    assert (client.counts.accepted, client.counts.refused) == (accepted, 1 - accepted)


async def test_machines_write_from_nobody_and_say_so(mail_receiver: Serve, citizen: Citizen) -> None:
    bounce = _said(citizen, Channel.EMAIL, "b@x", kind=Kind.BOUNCE, text="mailbox full", subject="Undelivered")
    away = _said(citizen, Channel.EMAIL, "a@x", kind=Kind.AUTO_REPLY, shape="auto_submitted", subject="Di luar kantor")
    async with mail_receiver() as mailbox:
        client = MailClient(MailTarget("127.0.0.1", mailbox.port), HASTY)
        await client.send([bounce, away])
    # The server library hands the null sender over as it stood on the wire.
    assert [sender.strip("<>") for sender, _, _ in mailbox.taken] == ["", ""]
    first, second = (_read(raw) for _, _, raw in mailbox.taken)
    assert first.get_content_type() == "multipart/report"
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "message/delivery-status"]
    assert second["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize("name", ["a", "b", "c", "d", "e", "f"])
def test_a_broken_mail_still_holds_its_text(citizen: Citizen, name: str) -> None:
    raw = mail_shapes.encode(
        _said(citizen, Channel.EMAIL, name, kind=Kind.BROKEN, subject="Jalan rusak"), "a@b.example"
    )
    assert b"Jalan rusak di Jl. Melati" in raw
    mail = message_from_bytes(raw)
    assert mail["Message-ID"] == f"<{name}>"
    damaged = (
        mail.defects or mail.get_content_charset() == "x-tidak-dikenal" or "text; charset" in str(mail["Content-Type"])
    )
    assert damaged


# --- table and files ---------------------------------------------------------------------------------------------


async def test_rows_stand_in_the_water_companys_table_in_local_time(tmp_path: Path, citizen: Citizen) -> None:
    path = tmp_path / "pdam.db"
    client = SqlClient(SqlTarget(path), HASTY)
    said = _said(citizen, Channel.WATER, "1007", address="Jl. Melati RT 03", subject="air_bersih")
    await client.send([said])
    await client.send([replace(said, external_id="1006")])
    await client.send([said])
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT * FROM pengaduan_pelanggan ORDER BY id").fetchall()
    database.close()
    moment = "2026-11-24 14:05:09"
    common = (citizen.customer_number, citizen.name, said.phone, said.address, said.text, "air_bersih", moment, moment)
    assert rows == [(1006, *common), (1007, *common)]
    assert (client.counts.accepted, client.counts.refused) == (2, 1)


async def test_a_locked_database_is_waited_for_and_given_up_at_last(tmp_path: Path, citizen: Citizen) -> None:
    path = tmp_path / "pdam.db"
    client = SqlClient(SqlTarget(path), replace(HASTY, timeout=0.01, tries=2))
    owner = sqlite3.connect(path, isolation_level=None)
    owner.execute("BEGIN EXCLUSIVE")
    await client.send([_said(citizen, Channel.WATER, "1")])
    owner.execute("COMMIT")
    owner.close()
    await client.send([_said(citizen, Channel.WATER, "1")])
    assert (client.counts.given_up, client.counts.accepted, client.counts.retries) == (1, 1, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
async def test_files_have_the_offices_columns_and_a_short_row_for_a_bad_one(
    tmp_path: Path, citizen: Citizen, encoding: str
) -> None:
    good = _said(citizen, Channel.SUBDISTRICT, address="Jl. Melati; gang 2", text='Lampu "mati" é')
    rows = (good, replace(good, kind=Kind.BROKEN), good)
    client = FilesClient(FilesTarget(tmp_path / "masuk"))
    await client.upload(Upload("laporan.csv", 0, encoding, rows))  # type: ignore[arg-type]
    (path,) = (tmp_path / "masuk").iterdir()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    table = list(csv.reader(io.StringIO(path.read_text(encoding=encoding), newline=""), delimiter=";"))
    assert table[0] == ["no", "tanggal", "nama", "telepon", "alamat", "isi_laporan"]
    assert table[1] == ["1", "24/11/2026", citizen.name, good.phone, good.address, good.text]
    assert [len(row) for row in table] == [6, 6, 3, 6]
    assert client.counts.accepted == 3


async def test_newline_delimited_json_has_the_same_fields(tmp_path: Path, citizen: Citizen) -> None:
    good = _said(citizen, Channel.SUBDISTRICT, address="Jl. Melati")
    client = FilesClient(FilesTarget(tmp_path))
    await client.upload(Upload("laporan.ndjson", 0, "utf-8-sig", (good, replace(good, kind=Kind.BROKEN))))
    first, second = (tmp_path / "laporan.ndjson").read_text(encoding="utf-8").splitlines()
    assert tuple(json.loads(first)) == files.COLUMNS
    with pytest.raises(json.JSONDecodeError):
        json.loads(second)
