"""What a message holds besides words: files in a form, in JSON, in a mail; a query that is not UTF-8."""

import json
from pathlib import Path

import pytest

from recipes.channel import Channel
from recipes.examples import example_inbound
from recipes.inbound import Inbound
from recipes.library import load_channels
from recipes.mapped import Ignored, MappingError
from recipes.view import item_view

CHANNELS = load_channels([Path(__file__).parents[2] / "connectors" / "channels"])
ZONE = "Asia/Jakarta"


def contents(channel: Channel, inbound: Inbound) -> list[bytes]:
    """The contents of the attachments of the first message, each by its `part`."""
    item = channel.split(inbound)[0]
    mapped = channel.map(item.payload, item.media_type, zone=ZONE)
    assert not isinstance(mapped, Ignored)
    return [
        channel.attachment_content(item.payload, item.media_type, attachment.part)
        for attachment in mapped.attachments
        if attachment.part is not None
    ]


@pytest.mark.parametrize(
    ("name", "covers", "expected"),
    [
        ("postmark", "ordinary", [b"Halo", b"PDF"]),
        ("postmark", "media", [b"Halo"]),
        ("postmark", "malformed", [b"Halo", b"PDF", b"\0\0\0"]),
        ("mailgun", "multipart form", [b"JJJJ", b"PDF"]),
        ("mailgun", "raw", [b"Halo"]),
        ("sendgrid", "raw", [b"Halo"]),
        ("sendgrid", "ordinary", [b"JJJJ", b"PDF"]),
        ("rsud_pengaduan", "ordinary", [b"Halo"]),
        ("email", "media", [b"%PDF-1.4\n"]),
        ("fonnte", "media", []),
    ],
)
def test_files_that_came_with_a_message(name: str, covers: str, expected: list[bytes]) -> None:
    channel = CHANNELS[name]
    (example,) = [each for each in channel.recipe.examples if each.covers == covers]
    found = contents(channel, example_inbound(channel, example))
    assert len(found) == len(expected)
    assert all(end in content for content, end in zip(found, expected, strict=True))


@pytest.mark.parametrize("name", ["postmark", "mailgun", "sendgrid", "email", "rsud_pengaduan"])
def test_a_part_that_is_not_there(name: str) -> None:
    channel = CHANNELS[name]
    example = next(each for each in channel.recipe.examples if each.covers in {"multipart form", "media", "ordinary"})
    item = channel.split(example_inbound(channel, example))[0]
    with pytest.raises(MappingError):
        channel.attachment_content(item.payload, item.media_type, 99)


def query(raw: bytes, **fields: str) -> dict[str, object]:
    (item,) = CHANNELS["kannel"].split(Inbound(b"", "", query=fields, raw_query=raw))
    assert b"key" not in item.payload, "the key of the address is not kept with the message"
    return item_view(CHANNELS["kannel"], item, zone=ZONE)["complaint"] or {}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"key=k&id=1&from=%2B6281100000151&text=%00A%00i%00r%D8%3D%DE%21&coding=2&charset=UTF-16BE", "Air😡"),
        (b"key=k&id=1&from=%2B6281100000151&text=%00A%00i%00r&coding=3&charset=UTF16-BE", "Air"),
        (b"key=k&id=1&from=%2B6281100000151&text=%FE%FF%00A%00i%00r&coding=2&charset=UCS-2", "Air"),
        (b"key=k&id=1&from=%2B6281100000151&text=caf%E9&coding=0", "café"),
        (b"key=k&id=1&from=%2B6281100000151&text=caf%C3%A9&charset=UTF-8", "café"),
        (b"key=k&id=1&from=%2B6281100000151&text=caf%E9&charset=WINDOWS-1252", "café"),
        (b"key=k&id=1&from=%2B6281100000151&text=Air+mati&coding=2&charset=UTF-16BE", "Air mati"),
        (b"key=k&id=1&from=%2B6281100000151&text=Air&charset=rot13", "Air"),
    ],
)
def test_an_sms_in_the_character_set_that_the_gateway_names(raw: bytes, text: str) -> None:
    assert query(raw)["text"] == text


def test_a_query_whose_bytes_nobody_kept() -> None:
    assert query(b"", key="k", id="1", **{"from": "+6281100000151"}, text="Air & listrik")["text"] == "Air & listrik"


def test_a_file_that_is_named_twice_came_once() -> None:
    shared = {"type": "share", "payload": {"url": "https://cdn.example/1"}}
    message = {"mid": "m1", "attachments": [shared, {**shared, "type": "ig_post"}]}
    body = {"entry": [{"id": "1", "messaging": [{"sender": {"id": "7"}, "message": message}]}]}
    channel = CHANNELS["instagram"]
    (item,) = channel.split(Inbound(json.dumps(body).encode(), "application/json"))
    view = item_view(channel, item, zone=ZONE)
    assert view["complaint"]["attachments"] == [{"url": "https://cdn.example/1"}]


@pytest.mark.parametrize(
    ("body", "media_type", "text"),
    [
        (b'{"msisdn": "6281100000131", "messageId": "1", "text": "JSON"}', "application/json", "JSON"),
        (b"text=form", "application/x-www-form-urlencoded", "form"),
        (b"text of its own", "text/plain", "address"),
        (b"", "", "address"),
    ],
)
def test_what_a_call_says_in_its_address_and_what_in_its_body(body: bytes, media_type: str, text: str) -> None:
    asked = {"msisdn": "6281100000131", "messageId": "1"} | ({} if text == "form" else {"text": "address"})
    channel = CHANNELS["vonage_sms"]
    (item,) = channel.split(Inbound(body, media_type, query=asked))
    assert item_view(channel, item, zone=ZONE)["complaint"]["text"] == text


@pytest.mark.parametrize("about", [b'; filename=""\r\nContent-Type: image/jpeg', b"\r\nContent-Type: image/jpeg"])
def test_a_file_without_a_name_is_a_file(about: bytes) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\na@warga.example\r\n'
    body += b'--b\r\nContent-Disposition: form-data; name="attachment-1"' + about + b"\r\n\r\nJPEG\r\n--b--\r\n"
    assert contents(CHANNELS["mailgun"], Inbound(body, "multipart/form-data")) == [b"JPEG"]


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json", "application/x-www-form-urlencoded"])
def test_a_form_under_any_name_is_a_form_where_one_is_expected(media_type: str) -> None:
    body = b"MessageSid=SM1&From=%2B6281100000011&Body=Jalan+rusak"
    (item,) = CHANNELS["twilio_sms"].split(Inbound(body, media_type))
    assert item_view(CHANNELS["twilio_sms"], item, zone=ZONE)["complaint"]["text"] == "Jalan rusak"
