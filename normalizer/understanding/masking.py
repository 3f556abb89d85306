"""Identities in free text covered, so that place, matter and text can be shown in the clear (UU PDP 27/2022)."""

import re
from collections.abc import Iterable

from normalizer.understanding.people import EMAIL, phone_spans
from normalizer.understanding.words import word_set

# A vehicle's plate: area letters of the police's own list, one to four digits, one to three letters.
_AREA = r"A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNPRST]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P[ABGST]?|R|S|T|W|Z"
_PLATE = re.compile(rf"(?<![\w-])({_AREA})([ .-]?)(\d{{1,4}})[ .-]?([A-Z]{{1,3}})(?![\w-])")
_SMALL_PLATE = re.compile(
    rf"\b((?:plat|nopol|no\.?\s?pol(?:isi)?|nomor\s+polisi|motor|mobil|truk|angkot|bus|pick\s?up)\b[^\n\d]{{0,25}}?(?<!\w))"
    rf"({_AREA})[ .-]?\d{{1,4}}[ .-]?[a-z]{{1,3}}(?!\w)",
    re.IGNORECASE,
)
_NOT_A_SERIES = word_set("RT RW NO KM JL JLN GG KEL KEC DS DSN WIB WIT AM PM RP M CM HP WA TV")
_BEFORE_A_BLOCK = re.compile(
    r"\b(?:blok|block|gang|gg|no|nomor|kav|kavling|lantai|lt|tower|rt|rw|km|kelas|unit|jalur)\.?\s*$", re.IGNORECASE
)

_NIK = re.compile(r"(?<![\w.,/-])\d(?:[ .\-]?\d){15}(?![\w])(?![.,/-]\d)")
_ACCOUNT = re.compile(
    r"\b((?:(?:no|nmr|nomor|id)\.?\s*(?:rek(?:ening)?|pel(?:anggan)?|sambungan|meter(?:an)?|kartu|bpjs|peserta|polis|kk|ktp|nik|paspor|sim|npwp|"
    r"rm|rekam\s+medis|va|kwh|nisn|nip)|norek|idpel|nopel|rek|rekening|virtual\s+account|va|npwp|bpjs|nisn|nip|passport|paspor)\b\.?"
    r"[^\n\d]{0,30}?)(?<![\d.,/-])(\d(?:[ .\-]?\d){5,21})(?!\w)(?![.,/-]\d)",
    re.IGNORECASE,
)
_NO_ACCOUNT = re.compile(
    r"\d{1,3}(?:\.\d{3})+|\d{1,2}[ .-]20\d\d|\d{1,2}[ .-]\d{1,2}[ .-]20\d\d"
)  # an amount, a month, a day
_MONEY_BEFORE = re.compile(r"(?:\brp\.?|\bidr|\bsebesar|\bsenilai|\btagihan)\s*$", re.IGNORECASE)
_WORD = re.compile(r"\S+")


def _account(match: re.Match[str]) -> str:
    if _NO_ACCOUNT.fullmatch(match[2]) or _MONEY_BEFORE.search(match[1]):
        return match[0]
    return f"{match[1]}[nomor]"


def _plate(match: re.Match[str]) -> str:
    area, digits, series = match[1], match[3], match[4]
    if series in _NOT_A_SERIES or (len(area) == 1 and len(digits) < 3):
        return match[0]
    if _BEFORE_A_BLOCK.search(match.string, max(0, match.start() - 12), match.start()):
        return match[0]
    return "[pelat]"


def _phones(text: str) -> str:
    parts: list[str] = []
    done = 0
    for start, end in phone_spans(text):
        parts += (text[done:start], "[telepon]")
        done = end
    return "".join((*parts, text[done:])) if parts else text


def _names(text: str, names: Iterable[str]) -> str:
    for known in names:
        whole = [re.escape(part) for part in known.split()]
        # "H. Amin" is also written "Amin"; a single letter alone is nobody's name.
        long = [part for part in whole if len(part) > 3]
        forms = {r"\s+".join(parts) for parts in (whole, long) if sum(map(len, parts)) > 2}
        if forms:
            either = "|".join(sorted(forms, key=len, reverse=True))
            text = re.sub(rf"(?<!\w)(?:{either})(?!\w)", "[nama]", text, flags=re.IGNORECASE)
    return text


def mask(text: str, names: Iterable[str] = ()) -> str:
    """The text with identities covered: `[telepon]`, `[surel]`, `[nik]`, `[pelat]`, `[nomor]`, `[nama]`.

    `[nik]` stands for any 16 digits, `[nomor]` for account, customer and card numbers beside a word that says so.
    Prices, ticket numbers, years, RT/RW, house numbers, dates and times stay. `names` are known from elsewhere (the
    reporter's own): people named only in the text are not recognised.
    """
    if any(sign.isdecimal() for sign in text):
        text = _ACCOUNT.sub(_account, text)
        text = _NIK.sub("[nik]", text)
        text = _phones(text)
        text = _SMALL_PLATE.sub(r"\1[pelat]", text)
        text = _PLATE.sub(_plate, text)
    if "@" in text:
        text = EMAIL.sub("[surel]", text)
    return _names(text, names)


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
