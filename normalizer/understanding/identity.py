"""An identity that stands in a text, and the text while identities are sought in it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal["telepon", "surel", "nik", "pelat", "nomor", "nama", "akun"]
"""Telephone, e-mail address, sixteen digits, plate, number of an account, card or customer, name, social account."""

# Signs that stand for a digit or a letter, one for one: full width, circled, "mathematical".
_FANCY = re.compile("[²³¹⁰-⁹₀-₉①-⓿\uff01-\uff5e\U0001d400-\U0001d7ff\U0001fbf0-\U0001fbf9]|(?![0-9])\\d")
_FOUND = "\0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Where it stands."""

    start: int
    end: int
    kind: Kind


class Sought:
    """A text in which identities are sought, one pattern after the other."""

    def __init__(self, text: str) -> None:
        self.found: list[Identity] = []
        self.text = text if text.isascii() else _FANCY.sub(_plain, text)
        """As long as what was given, in plain digits and letters, what was found blanked: nothing is found twice."""
        self.small = self.text.lower()
        """In small letters, to see quickly what is not there."""

    def take(self, start: int, end: int, kind: Kind) -> None:
        """An identity was found."""
        self.found.append(Identity(start, end, kind))
        self.text = f"{self.text[:start]}{_FOUND * (end - start)}{self.text[end:]}"

    def line_before(self, start: int, length: int) -> str:
        """At most so much of the line as stands before a place."""
        before = self.text[max(0, start - length) : start]
        return before[before.rfind("\n") + 1 :]


def _plain(match: re.Match[str]) -> str:
    sign = match[0]
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    normal = unicodedata.normalize("NFKC", sign)
    return normal if len(normal) == 1 else sign
