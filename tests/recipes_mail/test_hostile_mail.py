"""Mails that want to hurt: whatever the bytes, the answer is a document or a `MailError`, soon."""

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recipes.mail.html_text import html_to_text
from recipes.mail.limits import Limits, MailError
from recipes.mail.message import attachment_content, read_message
from recipes.mail.quotes import strip_quotes
from recipes.mail.signatures import strip_signature

PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\xff", b"\xed\xa0\x80", b"--b", b"--b--",
    b"--c", b"From: ", b"To: ", b"Subject: ", b"Date: ", b"Message-ID: <", b"Content-Type: ",
    b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=c", b"multipart/report; boundary=b",
    b"message/rfc822", b"text/html", b"text/plain; charset=", b"utf-8", b"utf-7", b"utf-16", b"cp037",
    b"format=flowed", b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode",
    b"Content-Disposition: attachment; ", b"filename*0*=utf-8''", b"filename=", b'name="', b"Content-ID: <x>",
    b"=?utf-8?B?", b"=?utf-8?q?", b"?=", b"=", b"=3D", b"&#0;", b"<p>", b'<div style="', b"<img src=cid:x>",
    b"<!--", b"<style>", b"</", b"<blockquote type=cite>", b"(", b")", b"<", b">", b'"', b"\\", b",", b";",
    b":", b"@", b"a", b"12 Jan 2026 10:00", b"+0700", b"lampu mati", b"> ", b"-- \n",
]  # fmt: skip


def check(raw: bytes) -> None:
    try:
        document = read_message(raw)
    except MailError:
        beginning = raw.lstrip(b"\xef\xbb\xbf\r\n\t ")
        assert not re.match(rb"(from|to|subject|date|message-id|content-[a-z]+):", beginning, re.IGNORECASE), (
            "only what is empty, or has neither a header nor words, may be refused here"
        )
        return
    assert json.loads(json.dumps(document, ensure_ascii=False).encode()) == document
    for attachment in document["attachments"]:
        assert len(attachment_content(raw, attachment["part"])) == attachment["size"]
    strip_signature(strip_quotes(document["text"]))


@given(st.binary(max_size=400))
def test_any_bytes_at_all(raw: bytes) -> None:
    check(raw)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_anything_made_of_the_pieces_of_mails(pieces: list[bytes]) -> None:
    check(b"".join(pieces))


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_html_body(pieces: list[bytes]) -> None:
    check(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + b"".join(pieces))


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_any_text_through_the_text_functions(text: str) -> None:
    assert bool(strip_quotes(text).strip()) == bool(text.strip())
    assert bool(strip_signature(text).strip()) == bool(text.strip())
    html_to_text(text)


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return opening + b"\r\nlampu mati"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested a thousand deep": lambda: nested(1000),
    "attached mails in attached mails": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"x",
    "fifty thousand parts": lambda: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000,
    "a hundred thousand headers": lambda: b"X-A: 1\r\n" * 100_000 + b"\r\nlampu",
    "a header of two megabytes": lambda: b"Subject: " + b"a" * 2_000_000 + b"\r\n\r\nlampu",
    "a header folded without end": lambda: b"Subject: a\r\n" + b" b\r\n" * 300_000 + b"\r\nlampu",
    "unfinished encoded words": lambda: b"Subject: " + b"=?a?q?" * 5000 + b"\r\n\r\nlampu",
    "comments in comments": lambda: b"From: " + b"(" * 30_000 + b"\r\n\r\nlampu",
    "addresses without end": lambda: b"To: " + b"a@b.example," * 100_000 + b"\r\n\r\nlampu",
    "parameters without end": lambda: b"Content-Type: text/plain" + b'; a*1*="x' * 3000 + b"\r\n\r\nlampu",
    "html nested without end": lambda: b"Content-Type: text/html\r\n\r\n" + b"<div>" * 50_000 + b"lampu",
    "a tag of a hundred thousand attributes": lambda: (
        b"Content-Type: text/html\r\n\r\n<p " + b" ".join(b"a%d=1" % n for n in range(60_000)) + b">lampu"
    ),
    "indented by a billion": lambda: (
        b"Content-Type: text/html\r\n\r\n<p style='margin-left:999999999em;padding:999999999em'>lampu"
    ),
    "one wide cell above ten thousand rows": lambda: (
        b"Content-Type: text/html\r\n\r\n<table><tr><td>"
        + b"x" * 200_000
        + b"</td></tr>"
        + b"<tr><td>a</td></tr>" * 10_000
    ),
    "a text that is one word": lambda: b"Subject: x\r\n\r\n" + b"a" * 2_000_000,
    "a text of closings": lambda: b"Subject: x\r\n\r\n" + b"Terima kasih,\r\n" * 20_000,
    "a text of separators": lambda: b"Subject: x\r\n\r\n" + b"--\r\n-----\r\n" * 20_000,
    "a text of quotations": lambda: b"Subject: x\r\n\r\n" + b"Daftar:\r\n> x\r\n\r\n" * 15_000,
    "a text of attributions": lambda: b"Subject: x\r\n\r\n" + b"Pada 12/1/2026 10.00 X menulis:\r\n\r\n" * 6000,
    "a text of copied headers": lambda: b"Subject: x\r\n\r\n" + b"From: a\r\nTo: b\r\n" * 15_000,
    "a text of punctuation": lambda: b"Subject: x\r\n\r\n" + b"., -" * 60_000,
    "a base64 body that is none": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * 2_000_000,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_sizes_end_soon(make: Callable[[], bytes]) -> None:
    raw = make()
    started = time.process_time()
    check(raw)
    assert time.process_time() - started < 5


def test_what_is_cut_is_noted() -> None:
    limits = Limits(headers=2, header_bytes=20, text_chars=10)
    assert "nesting_cut" in read_message(nested(6), limits=Limits(depth=3))["notes"]
    parts = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 9 + b"--b--"
    assert "parts_cut" in read_message(parts, limits=Limits(parts=4))["notes"]
    many = b"To: 1\r\nB: 2\r\nC: " + b"3" * 99 + b"\r\n\r\nlampu jalan mati"
    assert read_message(many, limits=limits)["notes"] == ["headers_cut", "text_cut"]
    assert "header_cut" in read_message(b"To: " + b"1" * 99 + b"\r\n\r\nx", limits=limits)["notes"]
    html = b"Content-Type: text/html\r\n\r\n<p>lampu" + b" mati" * 30
    assert "html_cut" in read_message(html, limits=Limits(html_chars=40))["notes"]


def test_a_mail_beyond_the_limit_is_refused_in_a_sentence() -> None:
    with pytest.raises(MailError, match="at most 100 are read"):
        read_message(b"x" * 101, limits=Limits(message_bytes=100))


def test_an_attachment_of_an_unknown_type_is_found_by_its_number() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nlampu\r\n--b\r\n"
    raw = head + b"Content-Type: a/b; name=x\r\n\r\nisi\r\n--b--"
    (attachment,) = read_message(raw)["attachments"]
    assert attachment_content(raw, attachment["part"]) == b"isi"
