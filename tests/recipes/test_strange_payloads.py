"""What real senders and relays make of numbers, names and forms, beyond what the channels' own examples show."""

import json
from pathlib import Path

import pytest

from recipes.functions import to_phone
from recipes.inbound import Inbound
from recipes.library import load_channels
from recipes.mapped import Value
from recipes.view import item_view

CHANNELS = load_channels([Path(__file__).parents[2] / "connectors" / "channels"])
FORM = "application/x-www-form-urlencoded"


PHONES: dict[str, tuple[Value, str | None]] = {
    "a remark beside the number": ("HP: 0811 0000 0021 (istri)", "+6281100000021"),
    "a link of WhatsApp": ("https://wa.me/6281100000021", "+6281100000021"),
    "several in a list": (["-", "0811-0000-0022"], "+6281100000022"),
    "all its digits in scientific notation": ("8.1100000031E+10", "+6281100000031"),
    "a spreadsheet that rounded it": ("8,111E+10", None),
    "the same with enough zeros to look like one": ("6,28111E+12", None),
    "RCS over Twilio": ("rcs:+6281100000011", "+6281100000011"),
    "a page-scoped id of Messenger": ("messenger:1234567890123456", None),
    "a business-scoped id of WhatsApp": ("whatsapp:ID.13491208655302741918", None),
    "with 00 for the plus": ("0062 811-0000-0021", "+6281100000021"),
    "a name": ("INFOKOTA", None),
    "an e-mail address that holds a number": ("made81100000021@warga.example", None),
    "a spreadsheet's text": ('="081100000031"', "+6281100000031"),
}


@pytest.mark.parametrize("name", PHONES)
def test_phone_numbers_as_people_and_programs_write_them(name: str) -> None:
    written, read = PHONES[name]
    assert to_phone(written) == read


@pytest.mark.parametrize(
    ("found", "kept"), [("../../etc/passwd", "passwd"), ("C:\\x\\lift.jpg", "lift.jpg"), ("..", None), ("a/", None)]
)
def test_a_sender_chooses_no_path(found: str, kept: str | None) -> None:
    ticket = {
        "nomor_tiket": "1",
        "keluhan": {"isi": "Lift rusak"},
        "lampiran": [{"nama": found, "tautan": "https://x"}],
    }
    channel = CHANNELS["opd_webhook"]
    (item,) = channel.split(Inbound(json.dumps(ticket).encode(), "application/json"))
    (attachment,) = item_view(channel, item, zone="Asia/Jakarta")["complaint"]["attachments"]
    assert attachment.get("filename") == kept


def test_a_sender_that_cannot_be_read_loses_neither_the_id_nor_the_complaint() -> None:
    ticket = {"nomor_tiket": "7", "pasien": {"kontak": ["0811-0000-0021"]}, "keluhan": {"isi": "Lift rusak"}}
    channel = CHANNELS["opd_webhook"]
    (item,) = channel.split(Inbound(json.dumps(ticket).encode(), "application/json"))
    assert (item.external_id, item.sender, item.defect) == ("7", None, None)
    assert item_view(channel, item, zone="Asia/Jakarta")["complaint"]["reporter"]["phone"] == "+6281100000021"


MULTIPART = b'--b\r\nContent-Disposition: form-data; name="nomor_tiket"\r\n\r\nF1\r\n'
FORMS: dict[str, tuple[bytes, str]] = {
    "it breaks off": (MULTIPART, "breaks off"),
    "a file that the recipe does not know": (
        MULTIPART + b'--b\r\nContent-Disposition: form-data; name="lampiran"; filename="a.jpg"\r\n\r\nx\r\n--b--\r\n',
        "none of the fields of the recipe",
    ),
    "XML that holds an equals sign": (b'<aduan id="1"/>', "looks like JSON or XML"),
    "nothing": (b"", "no form"),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_are_none_say_so(name: str) -> None:
    body, reason = FORMS[name]
    channel = CHANNELS["opd_webhook"]
    (item,) = channel.split(Inbound(body, "multipart/form-data" if b"--b" in body else FORM))
    assert reason in item_view(channel, item, zone="Asia/Jakarta")["reason"]


def test_media_of_a_form_whose_numbers_have_a_gap_or_a_blank() -> None:
    body = b"MessageSid=SM1&From=%2B6281100000011&MediaUrl0=https://m/0&MediaUrl1=&MediaContentType1=&MediaUrl3=https://m/3"
    channel = CHANNELS["twilio_sms"]
    (item,) = channel.split(Inbound(body, FORM))
    urls = [each["url"] for each in item_view(channel, item, zone="Asia/Jakarta")["complaint"]["attachments"]]
    assert urls == ["https://m/0", "https://m/3"]


def test_emoji_as_java_and_oracle_write_them() -> None:
    """UTF-8 of two surrogates each (CESU-8), in JSON and in a form; no UTF-8 by the book."""
    halves = "\ud83d\ude21".encode("utf-8", "surrogatepass")
    ticket = b'{"nomor_tiket": "8", "keluhan": {"isi": "Air bau ' + halves + b'"}}'
    form = b"MessageSid=SM1&From=%2B6281100000021&Body=Air+bau+" + "".join(f"%{byte:02X}" for byte in halves).encode()
    for name, body, media_type in (("opd_webhook", ticket, "application/json"), ("twilio_sms", form, FORM)):
        (item,) = CHANNELS[name].split(Inbound(body, media_type))
        view = item_view(CHANNELS[name], item, zone="Asia/Jakarta")
        assert view["complaint"]["text"] == "Air bau 😡", (name, view)


def test_of_very_many_files_the_first_go_on_and_the_rest_is_said() -> None:
    files = [{"nama": f"{n}.jpg", "tautan": f"https://x/{n}"} for n in range(203)]
    ticket = {"nomor_tiket": "9", "keluhan": {"isi": "Lift rusak"}, "lampiran": files}
    channel = CHANNELS["opd_webhook"]
    (item,) = channel.split(Inbound(json.dumps(ticket).encode(), "application/json"))
    complaint = item_view(channel, item, zone="Asia/Jakarta")["complaint"]
    assert [each["filename"] for each in complaint["attachments"]] == [f"{n}.jpg" for n in range(200)]
    assert complaint["text"] == "Lift rusak\n\n[3 lampiran lain tidak diteruskan]"
