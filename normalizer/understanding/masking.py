"""Identities in free text covered, so that place, matter and text can be shown in the clear (UU PDP 27/2022)."""

import re
from collections.abc import Iterable

from normalizer.understanding.identity import Identity, Sought
from normalizer.understanding.identity_numbers import find_numbers
from normalizer.understanding.identity_phones import find_phones, find_plates, find_spelled_phones
from normalizer.understanding.identity_words import (
    find_accounts,
    find_emails,
    find_known_names,
    find_told_names,
)

_MANY_DIGITS = re.compile(r"[\doO](?:(?:[^\w\n]|_){0,4}[\doOIl]){5}")
"""Six of them, or of letters that look like them: nothing shorter is a number of somebody."""
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS = 5
"""Of any number of somebody that is not written in words."""
_WORD = re.compile(r"\S+")


def identities(text: str, names: Iterable[str] = ()) -> list[Identity]:
    """Where a text holds identities, in order. `names` are known from elsewhere (the reporter's own).

    Any 16 digits are taken for a NIK unless a word makes a ticket of them; numbers of accounts, cards, meters and
    customers where a word beside them says so. Names only where the text introduces them as such ("nama saya …").
    """
    sought = Sought(text)
    find_emails(sought)
    digits = len(_DIGIT.findall(sought.text))
    if digits >= _FEWEST_DIGITS and _MANY_DIGITS.search(sought.text):
        find_numbers(sought)
        find_phones(sought)
    if digits and _DIGIT.search(sought.text):
        find_plates(sought)
    if "nol" in sought.small or "kosong" in sought.small:
        find_spelled_phones(sought)
    find_accounts(sought)
    find_told_names(sought)
    find_known_names(sought, names)
    return sorted(sought.found, key=lambda found: found.start)


def mask(text: str, names: Iterable[str] = ()) -> str:
    """The text with identities covered: `[telepon]`, `[surel]`, `[nik]`, `[pelat]`, `[nomor]`, `[nama]`, `[akun]`.

    Prices, ticket numbers, years, RT/RW, house numbers, dates and times stay, and accounts of institutions. See
    `identities` for what is found.
    """
    parts: list[str] = []
    done = 0
    for found in identities(text, names):
        parts += (text[done : found.start], f"[{found.kind}]")
        done = found.end
    return "".join((*parts, text[done:])) if parts else text


def mask_name(name: str) -> str:
    """Initials only, and not how long the name is: `Siti Rahmawati` → `S*** R***`."""
    return " ".join(f"{word[0]}***" if word[0].isalpha() else "***" for word in _WORD.findall(name))


def mask_phone(phone: str) -> str:
    """Stars and the last three digits: `+6281100001234` → `***********234`; short numbers keep two, or nothing."""
    if len(phone) <= 4:
        return "****"
    kept = 2 if len(phone) < 11 else 3
    return "*" * (len(phone) - kept) + phone[-kept:]


def mask_email(email: str) -> str:
    """First letter and domain: `siti.r@example.org` → `s***@example.org`."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"
