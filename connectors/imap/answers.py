"""Reading what a server answers. Of FETCH the library would make mails that are not the mails as they came."""

import imaplib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_CAME = re.compile(rb'\bINTERNALDATE "([^"]*)"', re.IGNORECASE)
_BODY = re.compile(rb"\bBODY\[\](?:<\d+>)? ~?\{\d+\+?\}$", re.IGNORECASE)
_QUOTED_BODY = re.compile(rb'\bBODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_ESCAPED = re.compile(rb"\\(.)")

Part = bytes | tuple[bytes, bytes] | None
"""What imaplib makes of an answer: words before a literal with the literal; then the words that end it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail in an answer; what it does not say is None."""

    uid: int
    size: int | None = None
    came: datetime | None = None
    body: bytes | None = None


def fetched(parts: Iterable[Part]) -> dict[int, Fetched]:
    """The mails of an answer by UID. News about other mails, which come unasked and without a UID, are left out."""
    found: dict[int, Fetched] = {}
    for words, body in _answers(parts):
        if (uid := _number(_UID, words)) is None:
            continue
        known = found.get(uid, Fetched(uid))
        size = _number(_SIZE, words)
        came = _moment(words)
        found[uid] = Fetched(
            uid,
            known.size if size is None else size,
            came or known.came,
            known.body if body is None else body,
        )
    return found


def _answers(parts: Iterable[Part]) -> Iterator[tuple[bytes, bytes | None]]:
    """Each answer's words, and the mail in it."""
    words, body = b"", None
    for part in parts:
        if isinstance(part, tuple):
            if _BODY.search(part[0]):
                body = part[1]
            words += part[0] + b" "
        elif part is not None:
            words += part
            if (quoted := _QUOTED_BODY.search(words)) is not None:
                body = _ESCAPED.sub(rb"\1", quoted[1])
                words = words[: quoted.start()] + words[quoted.end() :]
            yield words, body
            words, body = b"", None


def _number(pattern: re.Pattern[bytes], words: bytes) -> int | None:
    found = pattern.search(words)
    return int(found[1]) if found else None


def _moment(words: bytes) -> datetime | None:
    found = _CAME.search(words)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1].decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def checked(answer: tuple[str, Any]) -> list[Any]:
    """The data of an answer.

    Raises:
        imaplib.IMAP4.error: the server said NO.
    """
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(said(data))
    return list(data)


def said(data: object) -> str:
    """What the server said, without the signs of Python."""
    if isinstance(data, BaseException):
        data = data.args[0] if data.args else ""
    return " ".join(text(each) for each in data) if isinstance(data, list | tuple) else text(data)


def text(value: object) -> str:
    """Words as a text, whatever bytes they are; nothing as an empty one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)
