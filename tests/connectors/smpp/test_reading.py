"""What becomes of the bytes of a message: alphabets, headers, parts, numbers, receipts."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.smpp.alphabets import Alphabet, alphabet_of, text_of, unpacked
from connectors.smpp.document import items
from connectors.smpp.pdus import Command, Pdu
from connectors.source import Source
from recipes.library import load_channel
from tests.connectors.smpp.smsc import data_delivery, delivery, tlv

SHIPPED = Path(__file__).parents[3] / "connectors" / "channels" / "smpp_sms.yaml"


@pytest.fixture(scope="module")
def source() -> Source:
    return Source("sms", "dinas-air", load_channel(SHIPPED))


def read(source: Source, body: bytes, command: int = Command.DELIVER_SM) -> dict[str, Any]:
    (item,) = items(Pdu(command, 0, 7, body), source, "gsm")
    assert item.defect is None, item.defect
    document: dict[str, Any] = json.loads(item.payload)
    return document


@pytest.mark.parametrize(
    ("octets", "alphabet", "text"),
    [
        (b"Lampu mati", "gsm", "Lampu mati"),
        (b"\x00\x02\x11", "gsm", "@$_"),
        (bytes.fromhex("1b3c5831 1b3e 1b65 1b28 1b29 1b14 1b2f 1b3d 1b40"), "gsm", "[X1]€{}^\\~|"),
        (b"a\x1b\x0ab", "gsm", "a\nb"),
        (b"a\x1b\x41b\x1b\x1bc\x1b", "gsm", "aAb c"),
        ("déjà".encode(), "gsm", "déjà"),
        (b"d\xe9j\xe0", "gsm", "déjà"),
        (bytes.fromhex("c8329bfd06"), "gsm_packed", "Hello"),
        (bytes.fromhex("31d98c56b3dd1a"), "gsm_packed", "1234567"),
        (bytes.fromhex("31d98c56b3dd70"), "gsm_packed", "12345678"),
        (b"caf\xe9", "latin1", "café"),
        (b"a@b\n[1]", "ascii", "a@b\n[1]"),
        (b"Lampu \x00 mati \x1b<1\x1b> \x1be", "ascii", "Lampu @ mati [1] €"),
        ("Jalan 😡".encode("utf-16-be"), "ucs2", "Jalan 😡"),
        (b"\xff\xfe" + "air".encode("utf-16-le"), "ucs2", "air"),
        (b"\x00a\x00", "ucs2", "a\ufffd"),
        (b"\xd8\x3d", "ucs2", "\ud83d"),
        (b"", "gsm", ""),
        (b"abc", "octets", None),
        (b"abc", None, None),
    ],
)
def test_bytes_become_text(octets: bytes, alphabet: Alphabet | None, text: str | None) -> None:
    assert text_of(octets, alphabet) == text


def test_packed_signs_begin_at_a_border_of_seven_bits_behind_a_header() -> None:
    text = "an sudah seminggu"
    bits = sum(ord(sign) << 7 * index for index, sign in enumerate(text)) << 1
    octets = bits.to_bytes(-(-(7 * len(text) + 1) // 8), "little")
    assert unpacked(octets, 1).decode() == text


@pytest.mark.parametrize(
    ("coding", "alphabet"),
    [
        (0, "gsm"), (1, "ascii"), (2, "octets"), (3, "latin1"), (4, "octets"), (5, None), (8, "ucs2"), (10, None),
        (0x10, "gsm"), (0x14, "octets"), (0x18, "ucs2"), (0xF0, "gsm"), (0xF1, "gsm"), (0xF5, "octets"), (0xC8, "gsm"),
        (0xE0, "ucs2"), (0x40, None),
    ],
)  # fmt: skip
def test_the_coding_names_an_alphabet(coding: int, alphabet: str | None) -> None:
    assert alphabet_of(coding, "gsm") == alphabet


def test_a_message_is_read_in_the_words_of_the_protocol(source: Source) -> None:
    found = read(source, delivery(b"Air mati", service="CMT"))
    assert {name: found[name] for name in ("from", "to", "text", "kind", "part", "port", "service_type")} == {
        "from": "+6281100000231", "to": "1708", "text": "Air mati", "kind": "message", "part": None, "port": None,
        "service_type": "CMT",
    }  # fmt: skip
    assert read(source, data_delivery("hujan 🌧".encode("utf-16-be"), "6281100000231"), command=Command.DATA_SM)[
        "text"
    ].startswith("hujan 🌧")


@pytest.mark.parametrize(
    ("sender", "ton", "number"),
    [
        ("6281100000231", 1, "+6281100000231"), ("+6281100000231", 1, "+6281100000231"),
        ("006281100000231", 1, "+6281100000231"), ("081100000231", 1, "081100000231"),
        ("81100000231", 2, "081100000231"), ("081100000231", 2, "081100000231"), ("6281100000231", 0, "6281100000231"),
        ("INFOKOTA", 5, "INFOKOTA"), ("1708", 3, "1708"), ("", 0, ""),
    ],
)  # fmt: skip
def test_a_number_is_written_as_its_type_says(source: Source, sender: str, ton: int, number: str) -> None:
    assert read(source, delivery(b"x", sender, ton=ton))["from"] == number


SAR = tlv(0x020C, b"\x01\x15") + tlv(0x020E, b"\x03") + tlv(0x020F, b"\x02")


@pytest.mark.parametrize(
    ("body", "part", "text"),
    [
        (delivery(bytes.fromhex("050003150302") + b"dua", esm=0x40), (0x15, 3, 2), "dua"),
        (delivery(bytes.fromhex("06080401150302") + b"dua", esm=0x40), (0x115, 3, 2), "dua"),
        (delivery(bytes.fromhex("0b 05041583 0000 0003150302") + b"dua", esm=0x40), (0x15, 3, 2), "dua"),
        (delivery(b"dua", optional=SAR), (0x115, 3, 2), "dua"),
        (delivery(b"", optional=SAR + tlv(0x0424, b"dua")), (0x115, 3, 2), "dua"),
        (delivery(b"", esm=0x40, optional=tlv(0x0424, b"\x05\0\x03\x15\x03\x02dua")), (0x15, 3, 2), "dua"),
        (delivery(bytes.fromhex("050003150304") + b"empat", esm=0x40), None, "empat"),
        (delivery(bytes.fromhex("050003150101") + b"satu", esm=0x40), None, "satu"),
        (delivery(bytes.fromhex("0324010d") + b"x", esm=0x40), None, "x"),
        (delivery(b"", optional=tlv(0x0424, b"a" * 60_000)), None, "a" * 60_000),
    ],
)
def test_parts_are_known_by_header_and_by_parameters(
    source: Source, body: bytes, part: tuple[int, int, int] | None, text: str
) -> None:
    found = read(source, body)
    assert found["part"] == (part and dict(zip(("reference", "total", "number"), part, strict=True)))
    assert found["text"] == text


def test_a_program_on_a_telephone_is_told_from_people(source: Source) -> None:
    assert read(source, delivery(bytes.fromhex("0605040b8423f0") + b"\x01", esm=0x40, coding=4))["port"] == 2948


RECEIPT = b"id:0A17 sub:001 dlvrd:001 submit date:2611240705 done date:2611240705 stat:UNDELIV err:001 text:Terima"


@pytest.mark.parametrize(
    ("body", "named", "about"),
    [
        (delivery(RECEIPT, esm=0x04), "undeliverable", "0A17"),
        (delivery(b"", esm=0x04, optional=tlv(0x001E, b"9F\0") + tlv(0x0427, b"\x02")), "delivered", "9F"),
        (delivery(b"Id:7 Stat:Foo", esm=0x04), "foo", "7"),
        (delivery(b"?", esm=0x20), "notification", None),
    ],
)
def test_receipts_are_news_and_no_complaints(source: Source, body: bytes, named: str, about: str | None) -> None:
    (item,) = items(Pdu(Command.DELIVER_SM, 0, 7, body), source, "gsm")
    assert (item.receipt, item.external_id) == (named, about)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "service_type has no end"),
        (delivery(b"abc")[:-1], "short_message has 2 bytes instead of 3"),
        (delivery(b"\x09abc", esm=0x40), "header is longer"),
        (delivery(b"", esm=0x40), "header is longer"),
        (b"\0\x01", "source_addr_npi"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_defect(source: Source, body: bytes, why: str) -> None:
    (item,) = items(Pdu(Command.DELIVER_SM, 0, 7, body), source, "gsm")
    assert why in (item.defect or "")
    assert bytes.fromhex(json.loads(item.payload)["pdu"]) == body


def test_broken_parameters_spoil_no_text(source: Source) -> None:
    found = read(source, delivery(b"Air mati", optional=struct.pack("!HH", 0x1400, 99) + b"x"))
    assert (found["text"], found["rest"]) == ("Air mati", "1400006378")


@given(body=st.binary(max_size=400), command=st.sampled_from((Command.DELIVER_SM, Command.DATA_SM)))
@settings(max_examples=150, deadline=None)
def test_no_bytes_are_lost_or_raise(source: Source, body: bytes, command: int) -> None:
    assert items(Pdu(command, 0, 7, body), source, "gsm")
    headed = delivery(body[:255], esm=0x40, coding=len(body) % 256, ton=len(body) % 7)
    for alphabet in ("gsm", "gsm_packed", "ascii", "latin1", "utf8", "ucs2"):
        assert items(Pdu(Command.DELIVER_SM, 0, 7, headed), source, alphabet)
