"""The national identity number: what can be read from its 16 digits, and whether they can be one. Never proof."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from normalizer.understanding.words import word_set

_SEPARATORS = re.compile(r"[\s.\-]")
_DIGITS = re.compile(r"\d{16}")
_IN_TEXT = re.compile(r"(?<![\d.,/-])\d(?:[ .\-]?\d){15}(?![\d])(?![.,/-]\d)")
_PROVINCES = word_set("""
    11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 75 76 81 82
    91 92 93 94 95 96
""")
"""A number keeps the code of the province where it was given out, which may have been divided since."""
_MOST_SUBDISTRICTS = 60


@dataclass(frozen=True, slots=True)
class Nik:
    """A number of the form PPKKCC DDMMYY SSSS. There is no check digit: anybody can make one up."""

    region: str
    """Where it was given out: kecamatan, with dots, as the register then stood."""
    birth_day: int
    birth_month: int
    birth_year: int
    """Two digits: the century is not written."""
    sex: Literal["L", "P"]
    """As its day says: of women 40 is added to it."""
    serial: str


def read_nik(text: str) -> Nik | None:
    """A field that should hold one NIK; None where the digits cannot be one: no such province, no such day, no serial.

    The kabupaten and the kecamatan are not looked up, since numbers keep codes that the register has given up.
    """
    number = _SEPARATORS.sub("", text)
    if not (number.isascii() and _DIGITS.fullmatch(number)):
        return None
    province, regency, district = number[:2], number[2:4], number[4:6]
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    is_woman = day > 40
    day -= 40 if is_woman else 0
    try:
        date(2000 + year, month, day)  # 1900 and 2000 differ in no leap year but their first
    except ValueError:
        return None
    in_order = 1 <= int(regency) <= 79 and 1 <= int(district) <= _MOST_SUBDISTRICTS
    if province not in _PROVINCES or not in_order or number[12:] == "0000":
        return None
    return Nik(f"{province}.{regency}.{district}", day, month, year, "P" if is_woman else "L", number[12:])


def niks_in(text: str) -> list[str]:
    """The numbers in a text that can be a NIK, digits only, each once, in order."""
    found = (_SEPARATORS.sub("", match[0]) for match in _IN_TEXT.finditer(text))
    return list(dict.fromkeys(number for number in found if read_nik(number)))
