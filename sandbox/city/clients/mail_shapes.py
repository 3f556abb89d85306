"""Mails as several clients make them: plain, HTML alone, both, with attachments, from machines, and broken."""

import html
import struct
import zlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from sandbox.city.utterances import Attachment, Kind, Utterance
from sandbox.city.wording import WIB

_POLICY = SMTP.clone(max_line_length=78)
_MAILERS = {
    "outlook": "Microsoft Outlook 16.0",
    "iphone": "iPhone Mail (22E240)",
    "plain": "Mozilla Thunderbird",
    "html": "Yahoo Mail Android",
}
_MACHINES = {
    "auto_submitted": {"Auto-Submitted": "auto-replied"},
    "x_autoreply": {"X-Autoreply": "yes", "X-Auto-Response-Suppress": "All"},
    "precedence": {"Precedence": "auto_reply", "Auto-Submitted": "auto-replied (vacation)"},
}
_DAEMON = "MAILER-DAEMON@mx.surat.example"


def envelope_sender(said: Utterance) -> str:
    """The address of `MAIL FROM`: empty for what no machine may answer."""
    return "" if said.kind in {Kind.BOUNCE, Kind.AUTO_REPLY} else said.sender.email


def encode(said: Utterance, recipient: str) -> bytes:
    """The mail, ready for the wire."""
    if said.kind is Kind.BROKEN:
        return _broken(said, recipient)
    if said.kind is Kind.BOUNCE:
        return _bounce(said, recipient)
    mail = _head(said, recipient)
    if said.kind is Kind.AUTO_REPLY:
        for name, value in _MACHINES[said.shape].items():
            mail[name] = value
        mail.set_content(said.text)
    else:
        _fill(mail, said)
    # Left to itself the library draws boundaries by chance, and a redelivery would not have the same bytes.
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{zlib.crc32(said.external_id.encode()):08x}.{number}")
    return mail.as_bytes()


def _head(said: Utterance, recipient: str) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    machine = said.kind is Kind.BOUNCE
    mail["From"] = formataddr(("Mail Delivery System", _DAEMON) if machine else (said.sender.name, said.sender.email))
    mail["To"] = recipient
    mail["Subject"] = said.subject
    mail["Date"] = format_datetime(said.at.astimezone(WIB))
    mail["Message-ID"] = f"<{said.external_id}>"
    if mailer := _MAILERS.get(said.shape):
        mail["X-Mailer"] = mailer
    return mail


def _fill(mail: EmailMessage, said: Utterance) -> None:
    """The citizen's text and signature in the manner of their client, and the photos."""
    text = f"{said.text}\n\n{_signature(said)}"
    if said.shape == "plain":
        mail.set_content(_flowed(text), cte="quoted-printable", params={"format": "flowed"})
    elif said.shape == "iphone":
        mail.set_content(f"{text}\n\nDikirim dari iPhone saya\n", cte="base64")
    elif said.shape == "html":
        mail.set_content(f"<html><body><div>{_lines(text)}</div></body></html>", subtype="html")
    elif said.shape == "outlook":
        mail.set_content(f"{text}\n")
        page = "".join(f'<p class="MsoNormal">{html.escape(line) or "&nbsp;"}</p>\n' for line in text.split("\n"))
        style = "<style>p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri}</style>"
        mail.add_alternative(
            f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>{style}</head><body>{page}</body></html>',
            subtype="html",
        )
    else:
        mail.set_content(f"{text}\n")
        mail.add_alternative(f'<div dir="ltr">{_lines(text)}</div>', subtype="html")
    for attachment in said.attachments:
        main, _, sub = attachment.media_type.partition("/")
        mail.add_attachment(picture(attachment), maintype=main, subtype=sub, filename=attachment.filename)


def _signature(said: Utterance) -> str:
    lines = ["Hormat saya," if said.shape in {"outlook", "plain"} else "Salam,", said.sender.name]
    if said.phone:
        lines.append(f"HP {said.phone}")
    return "\n".join(lines)


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def _flowed(text: str) -> str:
    """Lines of at most 72 characters that end in a space where they go on (RFC 3676)."""
    out = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if len(line) + len(word) > 72:
                out.append(line)
                line = ""
            line += f"{word} "
        out.append(line.rstrip(" "))
    return "\n".join(out) + "\n"


def _bounce(said: Utterance, recipient: str) -> bytes:
    """A delivery status notification (RFC 3464)."""
    head = _head(said, recipient)
    head["Auto-Submitted"] = "auto-replied"
    report = (
        f"Reporting-MTA: dns; mx.surat.example\n\nFinal-Recipient: rfc822; {said.sender.email}\n"
        "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n"
    )
    edge = f"--{_EDGE}"
    lines = [
        head.as_bytes().decode("ascii").rstrip("\r\n"),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{_EDGE}"',
        "",
        edge,
        "Content-Type: text/plain; charset=us-ascii",
        "",
        said.text,
        edge,
        "Content-Type: message/delivery-status",
        "",
        report,
        f"{edge}--",
        "",
    ]
    return "\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")


_EDGE = "=_lapor_7f3a"


def _broken(said: Utterance, recipient: str) -> bytes:
    """Damage that leaves the text readable: parts that never end, a lying length, an unknown charset, raw bytes."""
    head = _head(said, recipient)
    del head["Subject"]
    lines = [head.as_bytes().rstrip(b"\r\n"), b"Subject: " + said.subject.encode(), b"MIME-Version: 1.0"]
    body = said.text.replace("\n", "\r\n").encode()
    match zlib.crc32(said.external_id.encode()) % 3:
        case 0:
            lines += [f'Content-Type: multipart/mixed; boundary="{_EDGE}"'.encode(), b"", b"--" + _EDGE.encode()]
            lines += [b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: 8bit", b"", body]
            lines += [b"--" + _EDGE.encode(), b"Content-Type: image/jpeg; name=foto.jpg"]
            lines += [b"Content-Transfer-Encoding: base64", b"", b"/9j/4AAQSkZJRg@@@@not base64 at all"]
        case 1:
            lines += [
                b"Content-Type: text/plain; charset=x-tidak-dikenal",
                b"Content-Transfer-Encoding: 8bit",
                b"",
                body,
            ]
        case _:
            lines += [b"Content-Type: text; charset", b"Content-Transfer-Encoding: kuoted", b"", body]
    return b"\r\n".join(lines) + b"\r\n"


def picture(attachment: Attachment) -> bytes:
    """A small PNG whose colours come from the seed: the same photo each time, another for another seed."""
    pixels = zlib.crc32(attachment.seed.to_bytes(8, "big")).to_bytes(4, "big")
    rows = b"".join(b"\0" + bytes(pixels[(x + y) % 4] for x in range(24)) for y in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def written_into(png: bytes, keyword: str, words: str) -> bytes:
    """The same PNG, which says something beside the picture."""
    end = png.rindex(_chunk(b"IEND", b""))
    return png[:end] + _chunk(b"tEXt", f"{keyword}\0{words}".encode("latin-1")) + png[end:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
