"""Addresses of a header (`From`, `To`…) to names and addresses, without recursion: comments nest without end."""

import re
from collections.abc import Iterator
from typing import Final, TypedDict

from recipes.mail.headers import decode_words

_MOST: Final = 200
"""Addresses read of one header."""


class Address(TypedDict):
    """Somebody in a header; both None when nobody is named there."""

    name: str | None
    address: str | None


NOBODY: Final[Address] = {"name": None, "address": None}
_TURNING: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: with them a name pretends to be another."""
_COMMENT: Final = re.compile(r"\([^()]*\)")
"""Allowed within an address by the oldest rules (RFC 5322, 4.4)."""
_LOOSE_ADDRESS: Final = re.compile(r"[^\s<>,;:()\"\[\]]{1,64}@[^\s<>,;:()\"\[\]]{1,255}")


class _Scanner:
    """One pass over the characters; collects the words, comment and angle address of one mailbox at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._words: list[str] = []
        self._comments: list[str] = []
        self._angle: str | None = None

    def mailboxes(self) -> Iterator[Address]:
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter == '"':
                self._words.append(self._quoted())
            elif letter == "(":
                self._comments.append(self._comment())
            elif letter == "<":
                self._take_angle()
            elif letter in ",;":
                self._at += 1
                yield from self._flush()
            elif letter == ":" and self._angle is None and not any("@" in word for word in self._words):
                self._at += 1
                self._words.clear()  # the name of a group: `undisclosed-recipients:;`
            else:
                self._words.append(letter)
                self._at += 1
        yield from self._flush()

    def _quoted(self) -> str:
        inside: list[str] = []
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] != '"':
            if self._text[self._at] == "\\":
                self._at += 1
            inside.append(self._text[self._at : self._at + 1])
            self._at += 1
        self._at += 1
        return "".join(inside)

    def _comment(self) -> str:
        depth, inside = 0, list[str]()
        while self._at < len(self._text):
            letter = self._text[self._at]
            depth += {"(": 1, ")": -1}.get(letter, 0)
            self._at += 1
            if depth == 0:
                break
            inside.append(letter)
        return "".join(inside)[1:]

    def _take_angle(self) -> None:
        end = self._text.find(">", self._at)
        end = len(self._text) if end < 0 else end
        inside = self._text[self._at + 1 : end].strip()
        if self._angle is None or not self._angle:
            self._angle = inside.rsplit(":", 1)[-1].strip() if inside.startswith("@") else inside
        self._at = end + 1

    def _flush(self) -> Iterator[Address]:
        words, comments, angle = "".join(self._words).strip(), " ".join(self._comments).strip(), self._angle
        self._words, self._comments, self._angle = [], [], None
        if angle is None and not words:
            return
        if angle is None:
            loose = _LOOSE_ADDRESS.search(words)
            angle = loose.group() if loose else ""
            words = (words.replace(angle, " ", 1).strip() if angle else words) or comments
            if not angle and not re.search(r"\s", words):
                angle, words = words, comments  # a local part alone: MAILER-DAEMON
        name, address = _name(words or comments), _address(angle)
        yield {"name": None if name and address and name.lower() == address.lower() else name, "address": address}


def _name(text: str) -> str | None:
    name = re.sub(r"\s+", " ", _TURNING.sub("", decode_words(text))).strip(" \t\"'")
    return name or None


def _address(text: str) -> str | None:
    address = re.sub(r"\s+", "", _COMMENT.sub("", decode_words(text))).strip("<>\"'")
    local, at, domain = address.rpartition("@")
    return (f"{local}@{domain.lower()}" if at else address) or None


def parse_addresses(value: str) -> list[Address]:
    """Everybody that an address header names, in order; `value` is unfolded but its encoded words are not decoded yet.

    A name that only repeats the address is none; one that is another address stays a name. The domain is in
    lower case, the local part as it came.
    """
    found: list[Address] = []
    for mailbox in _Scanner(value).mailboxes():
        found.append(mailbox)
        if len(found) == _MOST:
            break
    return found


def first_address(value: str) -> Address:
    """The first mailbox of a header that has an address, else the first, else nobody.

    What stands before it belongs to its name: `Siti Contoh, S.H. <siti@warga.example>`, as those write who hold a title
    and whose programs forget the quotes.
    """
    found = parse_addresses(value)
    for index, one in enumerate(found):
        if one["address"] and "@" in one["address"]:
            names = [each["name"] or each["address"] for each in found[:index]] + [one["name"]]
            return {"name": ", ".join(name for name in names if name) or None, "address": one["address"]}
    return next((one for one in found if one["address"]), found[0] if found else NOBODY)
