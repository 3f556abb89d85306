"""Bytes that are hardly mails, and mails that are hardly readable: words are kept, noise is refused."""

import base64
import struct

import pytest

from recipes.mail.limits import MailError
from recipes.mail.message import attachment_content, read_message
from recipes.mail.quotes import strip_quotes

HEAD = b"From: siti@warga.example\r\nSubject: Lampu\r\n"
WORDS = "Lampu di Jl. Melati mati."


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'{"isi": "Lampu mati"}',
        b"<html><body>Lampu</body></html>",
        b"%PDF-1.4\n1 0 obj",
        b"PK\x03\x04" + bytes(range(128, 256)),
        bytes(range(256)) * 4,
        b"\0" * 500,
    ],
    ids=["a list", "an object", "a page", "a PDF", "an archive", "every byte", "zeros"],
)
def test_what_has_neither_a_header_nor_words_is_no_mail(raw: bytes) -> None:
    with pytest.raises(MailError, match="This is no mail"):
        read_message(raw)


def test_words_without_any_header_are_kept_whole() -> None:
    document = read_message(b"Lokasi: Jl. Melati RT 3\nLampu mati.\n")
    assert document["text"] == "Lokasi: Jl. Melati RT 3\nLampu mati."
    assert "header_missing" in document["notes"]


def test_words_that_are_announced_as_base64_are_words() -> None:
    raw = HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n"
    assert read_message(raw + WORDS.encode())["text"] == WORDS
    spaced = base64.b64encode(WORDS.encode()).replace(b"a", b"a ")
    assert read_message(raw + spaced)["text"] == WORDS


def test_a_signature_in_place_is_taken_off() -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nYang rusak:\n- - lampu\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    assert read_message(HEAD + b"\r\n" + body.encode())["text"] == "Yang rusak:\n- lampu"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("siti@warga.example <Siti@warga.example>", None),
        ("\u202eitis <siti@warga.example>", "itis"),
        ("wali@kota.example <siti@warga.example>", "wali@kota.example"),
        ("Drs. H. Budi Contoh, M.Si. <budi@dinas.example>", "Drs. H. Budi Contoh, M.Si."),
        ("Siti, S.H. <siti@warga.example>", "Siti, S.H."),
    ],
    ids=["the address again", "turned around", "another address", "titles without quotes", "one word and a title"],
)
def test_a_name_is_what_a_person_would_read(sender: str, expected: str | None) -> None:
    assert read_message(f"From: {sender}\n\nLampu mati".encode())["from"]["name"] == expected


AWAY = "I will be out of the office until Monday."
MACHINES = {
    "Notes": ("Subject: Budi Contoh is out of the office (returning 01/12/2026)\n", AWAY, "auto_reply"),
    "Notes, newer": ("Subject: AUTO: Budi Contoh is away\nAuto-Submitted: auto-generated\n", "Hello", "auto_reply"),
    "a help desk": ("Subject: [123] diterima\nAuto-Submitted: auto-generated\nIn-Reply-To: <a@b>\n", "x", "auto_reply"),
    "complaints about our mails": (
        "Subject: FW: x\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n", "x", "mail_report",
    ),
    "DMARC": ("Subject: Report Domain: kota.example Submitter: x.example Report-ID: <1>\n", "x", "mail_report"),
}  # fmt: skip
PEOPLE = {
    "a lorry": ("Subject: Auto: truk parkir di trotoar\n", "Setiap malam."),
    "an office that stands empty": ("Subject: The mayor is out of the office every day\n", "Nobody helps us."),
    "an answer to us": ("Subject: Re: laporan\nIn-Reply-To: <a@b>\n", "Belum diperbaiki."),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_machines_write_has_a_name(name: str) -> None:
    head, body, reason = MACHINES[name]
    assert read_message(f"From: x@kantor.example\n{head}\n{body}".encode())["automatic"] == reason


@pytest.mark.parametrize("name", PEOPLE)
def test_what_people_write_is_no_machine(name: str) -> None:
    head, body = PEOPLE[name]
    assert read_message(f"From: siti@warga.example\n{head}\n{body}".encode())["automatic"] is None


@pytest.mark.parametrize("head", [b"Content-Type: multipart/mixed", b"Content-Type: multipart/mixed boundary=aneh"])
def test_parts_are_found_where_the_mail_does_not_say_what_parts_them(head: bytes) -> None:
    raw = head + b"\r\n\r\n--aneh\r\nContent-Type: text/plain\r\n\r\nlampu\r\n--aneh\r\n"
    raw += b"Content-Type: image/jpeg; name=a.jpg\r\n\r\nx\r\n--aneh--\r\n"
    document = read_message(HEAD + raw)
    assert (document["text"], [each["filename"] for each in document["attachments"]]) == ("lampu", ["a.jpg"])


def test_a_tiny_picture_without_any_words_is_the_message() -> None:
    raw = (
        HEAD + b"Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbw==\r\n"
    )
    assert [each["decorative"] for each in read_message(raw)["attachments"]] == [False]


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("windows-874", "ถนน".encode("cp874"), "ถนน"),
        ("x-gbk", "街灯".encode("gbk"), "街灯"),
        ("gb2312", "街燈".encode("gbk"), "街燈"),
        ("windows-31j", "街灯①".encode("cp932"), "街灯①"),
        ("utf-32", "lampu".encode("utf-32"), "lampu"),
        ("iso-8859-1", "rüsak".encode(), "rüsak"),
        ("iso-8859-1", "rüsak".encode("latin-1"), "rüsak"),
        ("", "すみません".encode("iso2022_jp"), "すみません"),
    ],
)
def test_character_sets_by_the_names_that_mails_use(charset: str, raw: bytes, text: str) -> None:
    assert read_message(HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + raw)["text"] == text


def test_a_page_that_is_too_long_is_not_cut_within_a_tag() -> None:
    page = b"<p>lampu</p>" + b"<div></div>" * 50_000
    assert read_message(HEAD + b"Content-Type: text/html\n\n" + page)["text"] == "lampu"


def test_raw_letters_within_an_encoded_word() -> None:
    assert read_message(b"Subject: =?iso-8859-1?Q?Caf\xe9_r=FCsak?=\n\nx")["subject"] == "Café rüsak"


def test_an_address_with_remarks_inside() -> None:
    assert read_message(b"From: Siti <siti(di rumah)@warga.example>\n\nx")["from"]["address"] == "siti@warga.example"


def test_a_date_whose_zone_has_a_colon() -> None:
    assert read_message(b"Date: Tue, 24 Nov 2026 14:05:00 +07:00\n\nx")["date"] == "2026-11-24T07:05:00Z"


def ber(tag: int, content: bytes, *, endless: bool = False) -> bytes:
    """An element; `endless`: one that says its end by two zeros, as programs write that do not know the length yet."""
    if endless:
        return bytes([tag, 0x80]) + content + b"\0\0"
    size = len(content)
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content if size > 127 else bytes([tag, size]) + content


def wrapped(content: bytes, *, endless: bool = False, kind: str = "2a864886f70d010702") -> bytes:
    half = len(content) // 2
    text = (
        ber(0x24, ber(0x04, content[:half]) + ber(0x04, content[half:]), endless=True) if endless else ber(4, content)
    )
    data = ber(6, bytes.fromhex("2a864886f70d010701")) + ber(0xA0, text, endless=endless)
    signed = ber(2, b"\1") + ber(0x31, b"") + ber(0x30, data, endless=endless) + ber(0x31, b"")
    return ber(0x30, ber(6, bytes.fromhex(kind)) + ber(0xA0, ber(0x30, signed, endless=endless)), endless=endless)


INNER = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlampu\r\n--b\r\n"
    b"Content-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbw==\r\n--b--\r\n"
)
OPAQUE = HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
OPAQUE += b"Content-Transfer-Encoding: base64\r\n\r\n"


@pytest.mark.parametrize("endless", [False, True])
def test_a_mail_within_its_signature_is_opened(endless: bool) -> None:
    raw = OPAQUE + base64.encodebytes(wrapped(INNER, endless=endless))
    document = read_message(raw)
    (photo,) = document["attachments"]
    assert (document["text"], photo["filename"], "encrypted" in document["notes"]) == ("lampu", "a.jpg", False)
    assert attachment_content(raw, photo["part"]) == b"Halo"


@pytest.mark.parametrize(
    "closed",
    [
        wrapped(INNER, kind="2a864886f70d010703"),
        wrapped(INNER)[:60],
        b"\x30\x80" * 100_000,
        b"\x30\x80" + b"\x04\x00" * 200_000,
        b"\x30",
        b"",
    ],
    ids=["enciphered", "broken off", "nested without end", "elements without end", "one byte", "nothing"],
)
def test_what_cannot_be_opened_stays_closed(closed: bytes) -> None:
    document = read_message(OPAQUE + base64.encodebytes(closed))
    assert (document["text"], "encrypted" in document["notes"]) == ("", True)
    assert [each["filename"] for each in document["attachments"]] == ["smime.p7m"]


@pytest.mark.parametrize(
    "attribution",
    [
        '02.04.2026 14:20 пользователь "Kota" <info@kota.example> написал:',
        "24.11.2026 o 14:05, Kota <a@kota.example> pisze:",
    ],
)
def test_a_quotation_that_a_foreign_program_introduces(attribution: str) -> None:
    text = f"Belum diperbaiki.\n\n{attribution}\n> Terima kasih.\n>\n"
    assert read_message(HEAD + b"\r\n" + text.encode())["text"].startswith("Belum")
    assert strip_quotes(text) == "Belum diperbaiki."


def tnef(*files: tuple[str, str, bytes]) -> bytes:
    """What Exchange makes of files: a short name, a long one among the properties, and the content."""

    def attribute(level: int, tag: int, value: bytes) -> bytes:
        return struct.pack("<BII", level, tag, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    data = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    for short, long, content in files:
        name = long.encode("utf-16-le") + b"\0\0"
        named = struct.pack("<HH", 0x03, 0x8001) + bytes(16) + struct.pack("<III", 0, 7, 1)
        properties = struct.pack("<I", 2) + named + struct.pack("<HHII", 0x1F, 0x3707, 1, len(name))
        properties += name + bytes(-len(name) % 4)
        data += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, short.encode() + b"\0")
        data += attribute(2, 0x0006800F, content) + (attribute(2, 0x00069005, properties) if long else b"")
    return data


def winmail(data: bytes) -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlampu\r\n--b\r\n"
    head += b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return HEAD + head + base64.encodebytes(data) + b"\r\n--b--\r\n"


def test_the_files_within_winmail_dat_are_taken_out() -> None:
    raw = winmail(tnef(("FOTOJA~1.JPG", "foto jalan malam.jpg", b"JPEG\r\n--b\r\n"), ("surat.pdf", "", b"PDF")))
    document = read_message(raw)
    assert document["text"] == "lampu"
    assert [each["filename"] for each in document["attachments"]] == ["foto jalan malam.jpg", "surat.pdf"]
    assert {each["media_type"] for each in document["attachments"]} == {"application/octet-stream"}
    parts = [each["part"] for each in document["attachments"]]
    assert [attachment_content(raw, part) for part in parts] == [b"JPEG\r\n--b\r\n", b"PDF"]


@pytest.mark.parametrize(
    "data", [b"", b"\x78\x9f\x3e\x22", tnef(), tnef(("a.jpg", "", b"JPEG"))[:70], bytes(100)], ids=range(5)
)
def test_a_winmail_dat_that_holds_nothing_stays_as_it_is(data: bytes) -> None:
    document = read_message(winmail(data))
    assert [each["filename"] for each in document["attachments"]] == ["winmail.dat"]


def test_a_winmail_dat_that_breaks_off_gives_what_it_has() -> None:
    whole = tnef(("a.jpg", "", b"JPEG"), ("b.jpg", "b.jpg", b"JPEG"))
    names = [each["filename"] for each in read_message(winmail(whole[:-9]))["attachments"]]
    assert names[0] == "a.jpg"


def test_what_tells_of_a_mail_is_read_behind_thousands_of_other_fields() -> None:
    many = b"".join(b"X-Relay-%d: lewat\r\n" % number for number in range(3000))
    end = b"From: Siti Contoh <siti@warga.example>\r\nSubject: Air mati\r\nMessage-ID: <a@x.example>\r\n"
    mail = read_message(many + end + b"Content-Type: text/html\r\n\r\n<p>Sejak kemarin</p>")
    assert (mail["from"]["address"], mail["subject"], mail["message_id"]) == (
        "siti@warga.example",
        "Air mati",
        "a@x.example",
    )
    assert mail["text"] == "Sejak kemarin"


def test_a_mail_that_parts_itself_by_another_line_than_it_names_loses_neither_words_nor_photo() -> None:
    part = "--lain\r\nContent-Type: {}\r\nContent-Transfer-Encoding: {}\r\n\r\n{}\r\n"
    body = part.format("text/plain", "8bit", "Jembatan rusak") + part.format("image/jpeg; name=a.jpg", "base64", "/9j/")
    head = 'From: a@x.example\r\nSubject: Rusak\r\nContent-Type: multipart/mixed; boundary="abc"\r\n\r\n'
    mail = read_message(f"{head}{body}--lain--\r\n".encode())
    assert mail["text"] == "Jembatan rusak"
    assert [(each["filename"], each["size"]) for each in mail["attachments"]] == [("a.jpg", 3)]
