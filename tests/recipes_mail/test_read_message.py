"""From raw bytes to one document: structure, charsets, attachments, whatever a mail program does."""

import base64
import hashlib
import json

import pytest

from recipes.mail.limits import MailError
from recipes.mail.message import attachment_content, read_message

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
LOGO = b"GIF89a" + b"\x00" * 300


def mail(*headers: str, body: bytes | str = "Lampu mati.") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + content


def multipart(kind: str, *parts: bytes, headers: tuple[str, ...] = (), boundary: str = "batas") -> bytes:
    joined = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    end = b"--" + boundary.encode() + b"--\r\n"
    return mail(*headers, f'Content-Type: multipart/{kind}; boundary="{boundary}"', body=b"preamble\r\n" + joined + end)


def part(content_type: str, content: bytes | str, *headers: str) -> bytes:
    if isinstance(content, str):
        return mail(f"Content-Type: {content_type}", *headers, body=content)
    encoded = base64.encodebytes(content)
    return mail(f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *headers, body=encoded)


HEADERS = (
    "Return-Path: <sari@example.org>",
    "Message-ID: <a.1@example.org>",
    "In-Reply-To: <b.2@kota.example>",
    "References: <b.1@kota.example>",
    "\t<b.2@kota.example>",
    "From: =?utf-8?B?U2FyaSDimIA=?= <sari@Example.ORG>",
    'To: "Dinas, PU" <pu@kota.example>, camat@kota.example',
    "Cc: warga:a@example.org, b@example.org;",
    "Reply-To: sari.lain@example.org (Sari)",
    "Subject: Re: =?iso-8859-1?Q?Caf=E9?= =?iso-8859-1?Q?_gelap?=",
    "Date: Mon, 12 Jan 2026 10:00:00 +0700 (WIB)",
)


def test_an_ordinary_mail() -> None:
    document = read_message(mail(*HEADERS))
    assert document["message_id"] == "a.1@example.org"
    assert document["in_reply_to"] == "b.2@kota.example"
    assert document["references"] == ["b.1@kota.example", "b.2@kota.example"]
    assert document["from"] == {"name": "Sari ☀", "address": "sari@example.org"}
    assert document["to"] == [
        {"name": "Dinas, PU", "address": "pu@kota.example"},
        {"name": None, "address": "camat@kota.example"},
    ]
    assert [one["address"] for one in document["cc"]] == ["a@example.org", "b@example.org"]
    assert document["reply_to"] == {"name": "Sari", "address": "sari.lain@example.org"}
    assert document["sender"] == {"name": None, "address": None}
    assert document["subject"] == "Re: Café gelap"
    assert document["date"] == "2026-01-12T03:00:00Z"
    assert document["headers"]["return-path"] == ["<sari@example.org>"]
    assert (document["text"], document["attachments"], document["automatic"]) == ("Lampu mati.", [], None)
    assert document["size"] == len(mail(*HEADERS))
    assert document["notes"] == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 12 Jan 2026 10:00:00 +0700", "2026-01-12T03:00:00Z"),
        ("12 Jan 2026 10:00 GMT", "2026-01-12T10:00:00Z"),
        ("Mon, 12 Jan 2026 10:00:00", "2026-01-12T10:00:00"),
        ("Mon Jan 12 10:00:00 2026", "2026-01-12T10:00:00"),
        ("2026-01-12 10:00:00", "2026-01-12T10:00:00"),
        ("Mon, 12 Jan 2026 10:00:00 -0000", "2026-01-12T10:00:00Z"),
        ("Mon, 12 Jan 2026 10:00:00 +0700 (WIB)", "2026-01-12T03:00:00Z"),
        ("Mon, 12 Jan 2026 10:00:00 WIB", "2026-01-12T03:00:00Z"),
        ("Mon Jan 12 10:00:00 WITA 2026", "2026-01-12T02:00:00Z"),
        ("Rab, 5 Agt 2026 10:00:00 +0700", "2026-08-05T03:00:00Z"),
        ("Mon, 12 Jan 2026 05:00:00 EST", "2026-01-12T10:00:00Z"),
        ("Mon, 12 Jan 2026 10:00:00 +9999", None),
        ("2026-01-12T10:00:00+07:00", "2026-01-12T03:00:00Z"),
        ("Mon, 32 Jan 2026 10:00:00 +0700", None),
        ("Mon, 12 Jan 99999 10:00:00 +0700", None),
        ("kemarin", None),
        ("", None),
        ("1" * 5000, None),
    ],
)
def test_a_date_is_utc_or_without_a_zone_or_nothing(value: str, expected: str | None) -> None:
    assert read_message(mail(f"Date: {value}"))["date"] == expected


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Sari Invenita <sari@example.org>", "Sari Invenita", "sari@example.org"),
        ('"sari@lain.example" <sari@example.org>', "sari@lain.example", "sari@example.org"),
        ("=?utf-8?Q?Invenita=2C_Sari?= <sari@example.org>", "Invenita, Sari", "sari@example.org"),
        ("sari@example.org (Sari (RT))", "Sari (RT)", "sari@example.org"),
        ("<sari@example.org>", None, "sari@example.org"),
        ("Sari sari@example.org", "Sari", "sari@example.org"),
        ("MAILER-DAEMON (Mail Delivery)", "Mail Delivery", "MAILER-DAEMON"),
        ("<>", None, None),
        ("undisclosed-recipients:;", None, None),
        ('"Sari \\"Cici\\" I" <sari@example.org>', 'Sari "Cici" I', "sari@example.org"),
        ("Sari <@relay.example:sari@example.org>", "Sari", "sari@example.org"),
        ("(" * 5000 + "sari@example.org", None, None),
    ],
)
def test_addresses_of_every_shape(value: str, name: str | None, address: str | None) -> None:
    assert read_message(mail(f"From: {value}"))["from"] == {"name": name, "address": address}


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: Lampu mati \xf0\x9f\x92\xa1", "Lampu mati 💡"),
        (b"Subject: caf\xe9", "café"),
        (b"Subject: =?utf-8?B?TGFtcHUg4pg=?=\r\n =?utf-8?B?gCBtYXRp?=", "Lampu ☀ mati"),
        (b"Subject: =?utf-8?q?Kapan_diperbaiki??=", "Kapan diperbaiki?"),
        (b"Subject: =?utf-8*id?q?lampu?= mati", "lampu mati"),
        (b"Subject: =?x-aneh?q?lampu?=", "lampu"),
        (b"Subject: =?utf-8?B?bGFt!cHU?= x", "lampu x"),
        (b"Subject: =?utf-8?q?terpotong", "=?utf-8?q?terpotong"),
        (b"Subject: Bls: Trs: Fwd: lampu\r\n\tmati", "Bls: Trs: Fwd: lampu mati"),
        (b"subject : lampu", "lampu"),
        (b"X: y", ""),
        (b"Subject: a\x00b", "a\ufffdb"),
    ],
)
def test_subjects_of_every_shape(raw: bytes, subject: str) -> None:
    assert read_message(raw + b"\r\n\r\nx")["subject"] == subject


@pytest.mark.parametrize(
    ("content_type", "encoding", "body", "text"),
    [
        ("text/plain; charset=utf-8", "8bit", "kafé".encode(), "kafé"),
        ("text/plain; charset=iso-8859-1", "8bit", b"caf\xe9 \x93x\x94", "café “x”"),
        ("text/plain; charset=us-ascii", "8bit", "kafé".encode(), "kafé"),
        ("text/plain; charset=utf-16", "8bit", "lampu".encode("utf-16"), "lampu"),
        ("text/plain; charset=x-tak-dikenal", "8bit", "kafé".encode(), "kafé"),
        ("text/plain; charset=x-tak-dikenal", "8bit", b"caf\xe9", "café"),
        ("text/plain; charset=hex", "8bit", b"6c", "6c"),
        ("text/plain; charset=idna", "8bit", b"lampu", "lampu"),
        ("text/plain; charset=unicode_escape", "8bit", b"a\\q", "a\\q"),
        ('text/plain; charset="utf-8', "8bit", "kafé".encode(), "kafé"),
        ("text/plain", "8bit", b"caf\xe9", "café"),
        (
            "text/plain; charset=utf-8",
            "8bit",
            "lampu ☀ mati ☀ semua ☀ ".encode() + b"\xff",
            "lampu ☀ mati ☀ semua ☀ \ufffd",
        ),
        ("text/plain; charset=iso-2022-jp", "7bit", "停電".encode("iso-2022-jp"), "停電"),
        ("text/plain; charset=utf-8", "quoted-printable", b"kaf=C3=A9 mati=\r\n semua =ZZ", "kafé mati semua =ZZ"),
        ("text/plain; charset=utf-8", "base64", b"bGFtcHUg\r\nbWF0aQ\r\n-- tanda", "lampu mati"),
        ("text/plain", "x-uuencode", b"begin 644 x\r\n%;&%M<'4 \r\n \r\nend\r\n", "lampu"),
        ("text/plain", "x-uuencode", b"tanpa awal", "tanpa awal"),
        ("text/plain", "x-uuencode", b"begin 644 x\r\n%;&%M<'4 sisa\r\n\xffab\r\nend\r\nbukan", "lampu"),
        ("text/plain", "tidak-dikenal", b"lampu", "lampu"),
        ("text", "7bit", b"lampu", "lampu"),
        ("/;;=;", "7bit", b"lampu", "lampu"),
        ("text/plain; charset=utf-8", "8bit", b"a\x00b", "a\ufffdb"),
        ("text/plain; charset=utf-7", "7bit", b"+2AA-", "\ufffd"),
        (
            "text/plain; format=flowed",
            "7bit",
            b"lampu \r\nmati\r\n> kutip \r\n> lagi\r\n-- \r\nSari",
            "lampu mati\n> kutip lagi\n-- \nSari",
        ),
        ("text/plain; format=flowed; delsp=yes", "7bit", b"lam \r\npu", "lampu"),
        ("text/html; charset=utf-8", "8bit", "<p>lampu</p><p>kafé</p>".encode(), "lampu\n\nkafé"),
        ("text/html", "7bit", b"<meta charset='iso-8859-1'><p>caf\xe9", "café"),
        ("text/plain", "7bit", b"<html><body>lampu<br>mati</body></html>", "lampu\nmati"),
        ("multipart/mixed", "7bit", b"tanpa batas", "tanpa batas"),
        ("multipart/mixed; boundary=x", "7bit", b"tanpa batas", "tanpa batas"),
    ],
)
def test_bodies_of_every_shape(content_type: str, encoding: str, body: bytes, text: str) -> None:
    document = read_message(mail(f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", body=body))
    assert document["text"] == text


def test_plain_text_is_preferred_to_html() -> None:
    document = read_message(multipart("alternative", part("text/plain", "lampu"), part("text/html", "<b>lain</b>")))
    assert (document["text"], document["attachments"]) == ("lampu", [])


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \r\n\xa0\r\n",
        "This is a multi-part message in MIME format.",
        "Surel ini tidak mendukung teks, lihat versi HTML.",
    ],
)
def test_html_is_read_when_the_plain_text_says_nothing(stub: str) -> None:
    raw = multipart("alternative", part("text/plain; charset=utf-8", stub), part("text/html", "<p>lampu mati</p>"))
    assert read_message(raw)["text"] == "lampu mati"


def test_texts_around_a_photo_are_joined_in_order() -> None:
    raw = multipart(
        "mixed", part("text/plain", "sebelum"), part("image/jpeg; name=a.jpg", PHOTO), part("text/plain", "sesudah")
    )
    document = read_message(raw)
    assert document["text"] == "sebelum\n\nsesudah"
    assert [one["filename"] for one in document["attachments"]] == ["a.jpg"]


def test_html_that_repeats_the_plain_text_is_read_once() -> None:
    raw = multipart("mixed", part("text/plain", "lampu mati"), part("text/html", "<p>Lampu&nbsp;mati</p>"))
    assert read_message(raw)["text"] == "lampu mati"


def test_a_photo_is_described_and_its_content_is_found() -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "lampu"),
        part(
            "image/jpeg",
            PHOTO,
            "Content-Disposition: attachment;",
            " filename*0*=utf-8''foto%20;",
            " filename*1=malam.jpg",
        ),
    )
    (photo,) = read_message(raw)["attachments"]
    assert photo == {
        "filename": "foto malam.jpg",
        "media_type": "image/jpeg",
        "size": len(PHOTO),
        "content_id": None,
        "inline": False,
        "decorative": False,
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
        "part": 1,
    }
    assert attachment_content(raw, 1) == PHOTO


@pytest.mark.parametrize(
    ("headers", "decorative"),
    [
        (("Content-Disposition: attachment; filename=struk.png",), False),
        (("Content-Disposition: attachment; filename=image001.png", "Content-ID: <image001@x>"), True),
        (("Content-Disposition: inline; filename=logo.png", "Content-ID: <ii_1>"), True),
        (("Content-Disposition: inline; filename=foto.png",), False),
        (("Content-Disposition: attachment; filename=struk.png", "Content-ID: <f_1>"), False),
    ],
    ids=["attached by hand", "a client's logo", "inline", "between the lines of a plain text", "attached in Gmail"],
)
def test_a_tiny_picture_counts_when_it_was_attached_by_hand(headers: tuple[str, ...], decorative: bool) -> None:
    raw = multipart("mixed", part("text/plain", "lampu"), part("image/png", LOGO, *headers))
    (picture,) = read_message(raw)["attachments"]
    assert (picture["inline"], picture["decorative"]) == (decorative, decorative)


def test_pictures_of_the_html_are_inline_and_only_logos_decorative() -> None:
    html = (
        "<p>Lampu <img src='cid:foto@x'></p><img src=cid:piksel><div class=gmail_signature>Sari<img "
        "src='cid:cap'></div>"
        "<blockquote type=cite>lama<img src='cid:kutip'></blockquote>"
    )
    raw = multipart(
        "related",
        part("text/html", html),
        part("image/jpeg", PHOTO, "Content-ID: <foto@x>"),
        part("image/gif", LOGO, "Content-ID: <piksel>"),
        part("image/png", PHOTO, "Content-ID: <cap>"),
        part("image/png", PHOTO, "Content-ID: <kutip>"),
        part("image/jpeg; name=lain.jpg", PHOTO, "Content-Disposition: inline; filename=lain.jpg"),
    )
    document = read_message(raw)
    seen = {one["content_id"]: (one["inline"], one["decorative"]) for one in document["attachments"]}
    assert seen == {
        "foto@x": (True, False),
        "piksel": (True, True),
        "cap": (True, True),
        "kutip": (True, True),
        None: (False, False),
    }
    assert document["text"] == "Lampu\n\n-- \nSari\n> lama"


def test_calendar_card_and_attached_mail_are_attachments() -> None:
    inner = mail("Subject: dalam", "Content-Type: multipart/mixed; boundary=z", body="--z\r\n\r\nisi\r\n--z--")
    raw = multipart(
        "mixed",
        part("text/plain", "lihat lampiran"),
        part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR", "Content-Disposition: attachment; filename=rapat.ics"),
        part("text/vcard", "BEGIN:VCARD"),
        part("message/rfc822", inner.decode()),
    )
    document = read_message(raw)
    assert [one["media_type"] for one in document["attachments"]] == ["text/calendar", "text/vcard", "message/rfc822"]
    assert attachment_content(raw, 3) == inner
    assert (document["text"], document["automatic"]) == ("lihat lampiran", None)


def test_an_invitation_among_the_versions_of_the_body_is_named() -> None:
    raw = multipart(
        "alternative", part("text/plain", "rapat"), part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")
    )
    assert read_message(raw)["automatic"] == "calendar"


def test_a_mail_that_only_carries_another_speaks_with_its_text() -> None:
    raw = multipart(
        "mixed", part("text/plain", ""), part("message/rfc822", mail("Subject: x", body="lampu mati").decode())
    )
    document = read_message(raw)
    assert document["text"] == "lampu mati"
    assert "text_of_attached_message" in document["notes"]


def test_a_named_text_is_the_body_when_there_is_no_other() -> None:
    raw = multipart("mixed", part("text/plain; name=pesan.txt", "lampu mati"), part("image/jpeg; name=a.jpg", PHOTO))
    assert read_message(raw)["text"] == "lampu mati"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('"../../etc/passwd"', "passwd"),
        ('"C:\\\\dir\\\\foto.jpg"', "foto.jpg"),
        ('"=?utf-8?B?Zm90byDimIAuanBn?="', "foto ☀.jpg"),
        ('".."', None),
        ('"' + "a" * 400 + '.jpg"', "a" * 146 + ".jpg"),
        ('"foto\u202egpj.exe"', "fotogpj.exe"),
        ("foto malam.jpg", "foto malam.jpg"),
    ],
)
def test_a_filename_is_a_name_and_no_path(given: str, kept: str | None) -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "x"),
        part("image/jpeg", PHOTO, f"Content-Disposition: attachment; filename={given}"),
    )
    assert read_message(raw)["attachments"][0]["filename"] == kept


def test_an_inner_boundary_that_begins_like_the_outer_one() -> None:
    inner = multipart("alternative", part("text/plain", "dalam"), part("text/html", "<p>dalam</p>"), boundary="batas-1")
    assert read_message(multipart("mixed", inner, part("text/plain", "luar")))["text"] == "dalam\n\nluar"


def test_a_mail_without_its_last_delimiter_is_read_to_its_end() -> None:
    document = read_message(
        mail("Content-Type: multipart/mixed; boundary=b", body="--b\r\n\r\nlampu\r\n--b\r\n\r\nmati")
    )
    assert (document["text"], document["notes"]) == ("lampu\n\nmati", ["boundary_unclosed"])


def test_a_broken_header_line_costs_itself_alone() -> None:
    document = read_message(b"From: sari@example.org\nbaris rusak\nSubject: lampu\n\nmati")
    assert (document["subject"], document["text"], document["notes"]) == ("lampu", "mati", ["header_malformed"])


@pytest.mark.parametrize("ending", [b"\r\n", b"\n", b"\r"])
def test_line_ends_of_every_kind(ending: bytes) -> None:
    lines = [
        b"Subject: lampu",
        b"Content-Type: multipart/mixed; boundary=b",
        b"",
        b"--b",
        b"",
        b"satu",
        b"dua",
        b"--b--",
        b"",
    ]
    document = read_message(ending.join(lines))
    assert (document["subject"], document["text"]) == ("lampu", "satu\ndua")


def test_an_mbox_line_and_a_byte_order_mark_are_passed_over() -> None:
    assert read_message(b"\xef\xbb\xbf\r\nFrom sari Mon Jan 12\nSubject: lampu\n\nmati")["subject"] == "lampu"


def test_a_text_without_any_header_is_a_text() -> None:
    assert read_message(b"Pak, lampu mati")["text"] == "Pak, lampu mati"


def test_the_document_names_an_encrypted_mail() -> None:
    raw = multipart(
        "encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", PHOTO)
    )
    document = read_message(raw)
    assert document["text"] == ""
    assert "encrypted" in document["notes"]


def test_a_signature_of_the_transport_is_decorative() -> None:
    raw = multipart("signed", part("text/plain", "lampu"), part("application/pkcs7-signature; name=smime.p7s", PHOTO))
    document = read_message(raw)
    assert (document["text"], document["attachments"][0]["decorative"]) == ("lampu", True)


def test_own_addresses_reach_the_reason() -> None:
    raw = mail("From: Pengaduan <aduan@kota.example>")
    assert read_message(raw, own_addresses=["aduan@kota.example"])["automatic"] == "own_notification"
    assert read_message(raw)["automatic"] is None


@pytest.mark.parametrize("raw", [b"", b"\r\n \r\n"])
def test_an_empty_mail_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(MailError, match="empty"):
        read_message(raw)


@pytest.mark.parametrize("part_number", [-1, 1, 99])
def test_a_part_that_is_not_there_is_refused_in_a_sentence(part_number: int) -> None:
    with pytest.raises(MailError, match="no part"):
        attachment_content(mail("Subject: x"), part_number)


def test_the_document_is_json() -> None:
    document = read_message(mail(*HEADERS, body=b"\xed\xa0\x80 \x00"))
    assert json.loads(json.dumps(document, ensure_ascii=False).encode()) == document
