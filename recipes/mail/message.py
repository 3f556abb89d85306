"""One mail as one plain document: the keys that channel recipes read with dotted paths."""

import hashlib
import re
from collections.abc import Callable, Collection
from typing import Any, Final

from recipes.mail.addresses import NOBODY, Address, first_address, parse_addresses
from recipes.mail.automatic import automatic_reason
from recipes.mail.body import Body, read_body
from recipes.mail.charsets import clean, decode
from recipes.mail.dates import read_date
from recipes.mail.headers import Headers
from recipes.mail.limits import DEFAULT_LIMITS, Limits, MailError
from recipes.mail.parts import Part, parse_parts

_MESSAGE_ID: Final = re.compile(r"<([^<>]{1,998})>")
_TINY: Final = 4096
"""Bytes up to which a picture is a logo, a spacer or a tracking pixel, never a photo of a broken road."""
_NOT_FOR_READING: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/x-amp-html"}
)
_ENCRYPTED: Final = frozenset(
    {"multipart/encrypted", "application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)
"""Encrypted, or wrapped in its signature and not to be opened."""
_ATTACHED_DEPTH: Final = 3


def read_message(
    raw: bytes,
    *,
    limits: Limits = DEFAULT_LIMITS,
    own_addresses: Collection[str] = (),
    own_lists: Collection[str] = (),
    intake_lists: Collection[str] = (),
) -> dict[str, Any]:
    """The mail as a document of plain JSON values.

    Keys: `message_id`, `in_reply_to`, `references`, `from`, `sender`, `reply_to` (`{name, address}`, both None when
    absent), `to`, `cc` (lists of these), `subject`, `date` (ISO 8601 in UTC, or without a zone where the mail has
    none; None when it cannot be read), `headers` (lower-case name → decoded values), `text`, `attachments`,
    `automatic` (see `automatic.automatic_reason`, which explains the last three arguments), `size` (bytes), `notes`
    (what was cut or mended). Every string can be encoded as UTF-8.

    An attachment is `{filename, media_type, size, content_id, inline, decorative, sha256, part}`. `inline`: shown by
    the HTML, or too small to be a photo, or a signature of the transport. `decorative`: nobody needs it: tiny and meant
    for the HTML, or shown only in a quotation or signature. A photo that a phone placed between the lines is inline and
    not decorative; what somebody attached by hand is neither, however small; and no picture is decorative in a mail
    without words.

    Raises `MailError` when the mail is empty or too large, or has neither a header nor readable text; any other bytes
    give a document.
    """
    root, notes = parse_parts(raw, limits)
    body = _body(root, limits)
    headers = root.headers
    lists = headers.as_lists()
    sender = first_address(_raw_text(headers, "from"))
    subject = re.sub(r"\s+", " ", headers.text("subject"))
    document: dict[str, Any] = {
        "message_id": _ids(headers, "message-id", 1, bare=True),
        "in_reply_to": _ids(headers, "in-reply-to", 1),
        "references": _ids(headers, "references", limits.references),
        "from": sender,
        "sender": first_address(_raw_text(headers, "sender")) if headers.raw("sender") else NOBODY,
        "reply_to": first_address(_raw_text(headers, "reply-to")) if headers.raw("reply-to") else NOBODY,
        "to": _everybody(headers, "to"),
        "cc": _everybody(headers, "cc"),
        "subject": subject,
        "date": read_date(headers.text("date")),
        "headers": lists,
        "text": body.text,
        "attachments": [_attachment(part, body) for part in root.leaves() if _is_attachment(part, body)],
        "automatic": automatic_reason(
            lists,
            sender["address"],
            subject,
            body.text,
            _telling_type(root),
            own_addresses=own_addresses,
            own_lists=own_lists,
            intake_lists=intake_lists,
        ),
        "size": len(raw),
        "notes": list(dict.fromkeys(notes + body.notes)),
    }
    for key in ("message_id", "in_reply_to"):
        document[key] = document[key][0] if document[key] else None
    if any(part.media_type in _ENCRYPTED and (part.index >= 0 or _is_multipart(part)) for part in root.walk()):
        document["notes"].append("encrypted")
    return _cleaned(document)  # type: ignore[no-any-return]


def attachment_content(raw: bytes, part: int, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes of the attachment that `read_message` numbered `part`, its transfer encoding undone.

    Raises `MailError` when the mail has no such part, or cannot be read at all.
    """
    leaves = parse_parts(raw, limits)[0].leaves()
    if not 0 <= part < len(leaves):
        raise MailError(f"The mail has no part {part}; its parts are numbered from 0 to {len(leaves) - 1}.")
    return leaves[part].content()


def attachment_contents(raw: bytes, *, limits: Limits = DEFAULT_LIMITS) -> list[Callable[[], bytes]]:
    """By `part` of an attachment, what gives its bytes: for whoever wants several of them and parses the mail once.

    Raises `MailError` when the mail cannot be read at all.
    """
    return [part.content for part in parse_parts(raw, limits)[0].leaves()]


def _body(root: Part, limits: Limits) -> Body:
    """The body; of a mail that only carries another mail, that one's text."""
    body = read_body(root, limits)
    carrier = root
    for _ in range(_ATTACHED_DEPTH):
        if body.text:
            break
        attached = next((part for part in carrier.leaves() if part.media_type == "message/rfc822"), None)
        content = attached.content() if attached is not None else b""
        if not content.strip():
            break
        carrier, notes = parse_parts(content, limits)
        inner = read_body(carrier, limits)
        if inner.text:
            body.text = inner.text
            body.notes += ["text_of_attached_message", *notes, *inner.notes]
    return body


def _raw_text(headers: Headers, name: str) -> str:
    """A value with its encoded words still encoded: an encoded comma must not part an address."""
    return re.sub(r"[\r\n\t]+", " ", decode(headers.raw(name) or b""))


def _everybody(headers: Headers, name: str) -> list[Address]:
    joined = ", ".join(re.sub(r"[\r\n\t]+", " ", decode(value)) for found, value in headers.fields if found == name)
    return parse_addresses(joined)


def _ids(headers: Headers, name: str, most: int, *, bare: bool = False) -> list[str]:
    """Message-IDs without their brackets; `bare` takes one without brackets too, as some senders write it."""
    value = headers.text(name)
    found = [re.sub(r"\s+", "", one) for one in _MESSAGE_ID.findall(value)]
    if not found and (bare or "@" in value):
        found = [one for one in (word.strip("<>") for word in value[:998].split()) if one][:1]
    return found[-most:] if most > 1 else found[:1]


def _is_attachment(part: Part, body: Body) -> bool:
    named = part.filename is not None or part.disposition == "attachment"
    return named or (part.index not in body.used and _has_content(part))


def _is_multipart(part: Part) -> bool:
    return part.media_type.startswith("multipart/")


def _has_content(part: Part) -> bool:
    return part.body_end > part.body_start or part.media_type != "text/plain"


def _attachment(part: Part, body: Body) -> dict[str, Any]:
    content = part.content()
    cid = part.content_id
    # Only what has an id can be shown by the HTML; Gmail gives one to what was attached, too.
    for_html = cid is not None and not (part.disposition == "attachment" and cid.startswith("f_"))
    tiny = part.media_type.startswith("image/") and len(content) <= _TINY and for_html and bool(body.text.strip())
    shown = cid is not None and cid in body.shown
    aside = cid is not None and cid in body.shown_aside and not shown
    service = part.media_type in _NOT_FOR_READING
    return {
        "filename": part.filename,
        "media_type": part.media_type,
        "size": len(content),
        "content_id": cid,
        "inline": shown or aside or tiny or service,
        "decorative": aside or tiny or service,
        "sha256": hashlib.sha256(content).hexdigest(),
        "part": part.index,
    }


def _telling_type(root: Part) -> str:
    """The Content-Type that tells what the mail is: its own, or that of an invitation in its body."""
    stack = [root]
    while stack:
        part = stack.pop()
        if part.media_type == "text/calendar" and part.disposition != "attachment" and part.parameters.get("method"):
            return part.headers.text("content-type")
        if part is root or part.media_type == "multipart/alternative":
            stack.extend(part.children)
    return root.headers.text("content-type")


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value
