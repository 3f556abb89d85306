"""Who a message comes from: telephone numbers, e-mail addresses, names and identity numbers as people write them."""

import re
from collections.abc import Iterator
from datetime import date

import phonenumbers

from normalizer.understanding.spelled_digits import spelled_phones
from normalizer.understanding.text import clean
from normalizer.understanding.words import word_set

# Separators that people put inside a number; a line break is not one.
_GAP = r"[ \t.\-‐‑–()\u00a0]{0,3}"
PHONE = re.compile(
    rf"(?:(?<![\w@])|(?<=[hH][pP])|(?<=[wW][aA])|(?<=[lL][pP]))(?<!\d[.\-])(?:"  # "hp0811…", "telp0711…"
    rf"(?:\+|00){_GAP}62{_GAP}0?{_GAP}[2-9](?:{_GAP}\d){{6,11}}"  # +62 0 8…, 0062 …
    rf"|\(?0{_GAP}8[1-9](?:{_GAP}\d){{6,10}}"  # 08…
    rf"|62{_GAP}8[1-9](?:{_GAP}\d){{6,10}}"  # 628…
    rf"|8[1-9]\d(?:-\d{{3,4}}){{2,3}}|8[1-9]\d{{7,10}}"  # 8…, written without its zero
    rf"|(?:\(0[2-9]\d{{1,2}}\)[ \t.\-]?|0[2-79]\d{{1,2}}[ \t]?-[ \t]?)\d{{3,4}}[ \t.\-]?\d{{2,5}}"  # (0711) 123456
    rf"|\+(?!62)[1-9]\d{{0,2}}(?:{_GAP}\d){{7,12}}"  # abroad
    rf")(?!\w)"
)
"""Telephone numbers inside a text: those that begin or are grouped like one."""

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w-])")
"""E-mail addresses inside a text."""

_MAY_BE_EMAIL = re.compile(r"[\[(](?:at|a)[\])]|\sat\s", re.IGNORECASE)
_SAID_DOT = re.compile(r"\s*[\[(]?\s?\b(?:dot|titik)\b\s?[\])]?\s*", re.IGNORECASE)
_SAID_EMAIL = re.compile(
    r"(?<![\w.+%-])([\w.+%-]{2,64})(?:\s?[\[(](?:at|a)[\])]\s?|\sat\s)"
    r"((?:[\w-]{2,63}(?:\.|\s?[\[(]?\s?(?:dot|titik)\s?[\])]?\s?)){1,3}[A-Za-z]{2,24})(?![\w-])",
    re.IGNORECASE,
)
_CHAT_LINK = re.compile(r"\b(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send\?phone=)\+?(?=62\d)", re.IGNORECASE)
_CALLED = re.compile(  # without its zero, where a word says that it is one
    r"\b(?:hp|wa|telp?|tlp|telepon|nomor saya|no saya|hubungi|kontak)\b\.?\s*[:=]?\s*"
    r"(8[1-9]\d(?:[ .\-]?\d){6,9})(?!\w)",
    re.IGNORECASE,
)
_IS_NO_PHONE = re.compile(
    r"\b(?:resi|rek(?:ening)?|pelanggan|id\s?pel|tiket|laporan|invoice|faktur|bpjs|kartu|meter(?:an)?)"
    r"\b[^\n\d]{0,14}$",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS = 5
"""Of a number that is not written in words; the others may be letters that look like digits."""
_JID = re.compile(r"@(?:s\.whatsapp\.net|c\.us)$|:\d+(?=@)")
_NOT_A_NUMBER = re.compile(r"[^\d+\s.\-‐‑–()/\u00a0]")
_LEADING_62 = re.compile(r"(?:\+|00)?62(?=0?[2-9])0?")
_DIGITS_16 = re.compile(r"\d{16}")
_UNNAMED = word_set(
    "unknown anonymous anonim noname null none nan n/a na user pengguna guest tamu whatsapp pelapor customer undefined"
) | {"tidak diketahui", "tanpa nama", "no name", "hamba allah"}


def phone(text: str, region: str = "ID") -> str | None:
    """A field that should hold one telephone number, as E.164; None where it is not plausibly one.

    Reads 08…, 8…, 62…, +62…, `+62 0 8…`, 0062… with blanks, dots, hyphens, brackets, and a WhatsApp address
    (`62811…@s.whatsapp.net`; one ending in `@lid` holds no number). Plausible
    is what the numbering plan allows by length, assigned or not; short codes
    (`1708`) and sender names (`INFO`) are no one's telephone.
    """
    number = clean(text)
    is_whatsapp = "@" in number
    number = _JID.sub("", number)
    number = re.sub(r"^(?:tel|sms|whatsapp):", "", number, flags=re.IGNORECASE).strip()
    if not number or len(number) > 40 or _NOT_A_NUMBER.search(number):
        return None
    number = number.split("/")[0]
    digits = "".join(str(int(sign)) for sign in number if sign.isdecimal())
    if len(digits) < 8:
        return None
    if number.lstrip(" (").startswith("+") or (digits.startswith("00") and not digits.startswith("000")) or is_whatsapp:
        international = digits.removeprefix("00")
    elif region == "ID" and _LEADING_62.match(digits) and len(digits) >= 10 and not digits.startswith("0"):
        international = digits
    else:
        international = ""
    if international.startswith("620"):
        international = "62" + international[3:]  # +62 0 8…: the trunk zero does not belong there
    try:
        parsed = phonenumbers.parse(f"+{international}" if international else digits, None if international else region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if parsed.country_code == 62 and len(str(parsed.national_number)) > 12:
        return None  # the library allows more than any operator has given out: such a row is a NIK or an account
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str | None:
    """A field that should hold one e-mail address: `Siti <Siti@Example.org>` → `siti@example.org`; else None."""
    match = EMAIL.search(clean(text))
    return match[0].lower() if match and ".." not in match[0] else None


def name(text: str) -> str | None:
    """A person's name as written (casing and honorifics kept), or None for a number, an address or a placeholder."""
    said = " ".join(clean(text).split()).strip(" ~\"'*_,;:")
    if len(said) > 120 or sum(sign.isalpha() for sign in said) < 2:
        return None
    if said.casefold() in _UNNAMED or EMAIL.search(said) or phone(said) is not None:
        return None
    return said


def phone_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where a text holds telephone numbers."""
    for match in PHONE.finditer(text):
        if not nik_plausible(match[0]):
            yield match.span()


def phones_in(text: str, region: str = "ID") -> list[str]:
    """The telephone numbers in a text, E.164, each once: those in digits in order, then those in words or letters."""
    if len(_DIGIT.findall(text)) < _FEWEST_DIGITS:
        written_out = (phone(number, region) for number in spelled_phones(text))
        return list(dict.fromkeys(number for number in written_out if number))
    text = _CHAT_LINK.sub("+", text)
    written = (
        text[start:end] for start, end in phone_spans(text) if not _IS_NO_PHONE.search(text, max(0, start - 40), start)
    )
    called = (match[1] for match in _CALLED.finditer(text))
    found = (phone(number, region) for number in (*written, *called, *spelled_phones(text)))
    return list(dict.fromkeys(number for number in found if number))


def emails_in(text: str) -> list[str]:
    """The e-mail addresses in a text, lower case, each once, in order."""
    if "@" not in text and not _MAY_BE_EMAIL.search(text):
        return []
    text = _SAID_EMAIL.sub(_as_email, text)
    return list(dict.fromkeys(match[0].lower() for match in EMAIL.finditer(text) if ".." not in match[0]))


def _as_email(match: re.Match[str]) -> str:
    return f"{match[1]}@{_SAID_DOT.sub('.', match[2])}"


def nik_plausible(text: str) -> bool:
    """Whether this looks like a NIK, wherever it was given out: what is masked, sooner too much than too little.

    `read_nik` is stricter, and says what the digits mean. No check digit: never proof.
    """
    number = re.sub(r"[\s.\-]", "", text)
    if not (number.isascii() and _DIGITS_16.fullmatch(number)):
        return False
    day = int(number[6:8])
    day -= 40 if day > 40 else 0
    try:
        date(2000, int(number[8:10]), day)  # a leap year: the century is not written
    except ValueError:
        return False
    return 11 <= int(number[:2]) <= 99 and number[2:4] != "00" and number[4:6] != "00" and number[12:] != "0000"
