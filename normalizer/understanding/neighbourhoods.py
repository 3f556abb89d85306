"""RT and RW, and kilometres of a road, in all spellings."""

import re

from normalizer.understanding.guarded import letters_in

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"), 1
    )
}
_IN_WORDS = re.compile(rf"\b(rt|rw)[\s.:]+({'|'.join(_NUMBERS)})\b(?!\s*(?:puluh|belas))", re.IGNORECASE)
_IN_FULL = re.compile(r"\b(?:(rukun\s+tetangga|r\s?\.\s?t\b\.?)|rukun\s+warga|r\s?\.\s?w\b\.?)", re.IGNORECASE)
_FULL_WORDS = frozenset({"rukun", "r"})
_UNIT = r"(?!\s*(?:kali|x|orang|org|jam|hari|bulan|tahun|juta|ribu|rb|jt|rumah|kk)\b)(?![\d.,]*\d)"
_PAIR = re.compile(
    r"\brt\s*[/.\-&]?\s*rw\.?\s*[:=.]?\s*0*(\d{1,3})\s*[/\\\-]\s*(?:rw\.?\s*)?0*(\d{1,3})(?!\d)", re.IGNORECASE
)
_RT = re.compile(
    rf"\brt[\s.:=\-]*0*(\d{{1,3}}){_UNIT}"
    r"(?:\s*[/\\,.\-&]?\s*(?:dan\s+)?rw[\s.:=\-]*0*(\d{1,3})(?!\d)|\s*[/\\]\s*0*(\d{1,3})(?!\d))?",
    re.IGNORECASE,
)
_RW = re.compile(rf"(?:\b|\d)rw[\s.:=\-]*0*(\d{{1,3}}){_UNIT}", re.IGNORECASE)
_KILOMETRE = re.compile(
    r"(?<!\d)(?<!\d )(?<![\w])(?:km|kilometer)\.?\s*(\d{1,3}(?:[.,]\d{1,2}|\s?\+\s?\d{3})?)(?![\d/])"
    r"(?!\s*(?:jam|meter|lagi)\b)",
    re.IGNORECASE,
)


def rt_rw(text: str) -> tuple[str | None, str | None]:
    """RT and RW, three digits each, as civil registry documents write them: `003`."""
    said = letters_in(text)
    if not said.isdisjoint(_FULL_WORDS):
        text = _IN_FULL.sub(lambda match: "rt " if match[1] else "rw ", text)
    if not said.isdisjoint(_NUMBERS.keys()):
        text = _IN_WORDS.sub(lambda match: f"{match[1]} {_NUMBERS[match[2].lower()]}", text)
    pair = _PAIR.search(text)
    if pair:
        return _three(pair[1]), _three(pair[2])
    rt = _RT.search(text)
    rw = _RW.search(text)
    return _three(rt[1]) if rt else None, _three((rt and (rt[2] or rt[3])) or (rw[1] if rw else None))


def kilometre(text: str) -> float | None:
    """Of a road's own count: `KM 12`, `km. 7,5`, and toll roads' `KM 23+400`."""
    match = _KILOMETRE.search(text)
    if not match:
        return None
    whole, _, metres = match[1].replace(",", ".").replace(" ", "").partition("+")
    return float(whole) + (int(metres) / 1000 if metres else 0.0)


def _three(digits: str | None) -> str | None:
    return digits.zfill(3) if digits and digits != "0" else None
