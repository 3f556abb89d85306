"""The parts of an address that no register knows: street, house number, RT/RW, kilometre, landmark."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.understanding.place_words import (
    DIRECTIONS,
    ENDS_LANDMARK,
    ENDS_NAME,
    FIRST_OF_TWO,
    NO_NAME,
    TITLES,
    WELL_KNOWN_STREETS,
)

_RT_UNIT = r"(?!\s*(?:kali|x|orang|jam|hari|bulan|tahun|juta|ribu|rb|jt)\b)(?![\d.,]*\d)"
_RT_RW_PAIR = re.compile(
    r"\brt\s*[/.\-&]?\s*rw\.?\s*[:=.]?\s*0*(\d{1,3})\s*[/\\\-]\s*(?:rw\.?\s*)?0*(\d{1,3})(?!\d)", re.IGNORECASE
)
_RT = re.compile(
    rf"\brt[\s.:=]*0*(\d{{1,3}}){_RT_UNIT}(?:\s*[/\\,.\-]?\s*rw[\s.:=]*0*(\d{{1,3}})(?!\d)|\s*[/\\]\s*0*(\d{{1,3}})(?!\d))?",
    re.IGNORECASE,
)
_RW = re.compile(rf"\brw[\s.:=]*0*(\d{{1,3}}){_RT_UNIT}", re.IGNORECASE)
_KILOMETRE = re.compile(
    r"(?<!\d)(?<!\d )(?<![\w])(?:km|kilometer)\.?\s*(\d{1,3}(?:[.,]\d{1,2})?)(?![\d/])(?!\s*(?:jam|meter|lagi)\b)",
    re.IGNORECASE,
)

_STREET = re.compile(r"\b(jalan|jln|jl|jl\.?n|gang|gg|lorong|lrg|lr)\b\.?[ \t]*", re.IGNORECASE)
_NUMBER = re.compile(
    r"[\s,]*(?:(?P<block>blok|block)\.?\s*(?P<which>[A-Za-z]{0,2}\s?-?\d{0,3})\s*[,/]?\s*)?(?:no|nomor|nmr|nomer|n0)\b\.?\s*[:#]?\s*"
    r"(?P<number>\d{1,4}\s?[A-Za-z]?(?:[/-]\d{1,3}[A-Za-z]?)?)(?![\w])",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"\brumah\s+(?:no|nomor|nmr)\b\.?\s*(\d{1,4}[A-Za-z]?)(?!\w)", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\.?")
_ROMAN = re.compile(r"[ivx]{1,4}", re.IGNORECASE)
_WHERE = (
    "depan|dpn|dekat|deket|dkt|samping|sebelah|belakang|blkg|seberang|sekitar|area|kawasan|simpang(?:an)?|perempatan"
    "|pertigaan|bundaran|jembatan|di"
)
_WHAT = (
    r"masjid|mesjid|mushol+a|musala|surau|langgar|gereja|pura|vihara|pasar|sd|sdn|smp|smpn|sma|sman|smk|smkn|mts|mtsn"
    r"|man|tk|paud|sekolah|kampus|universitas|puskesmas|pustu|rs|rsud|rumah sakit|klinik|apotek|kantor|terminal|stasiun"
    r"|bandara|pelabuhan|taman|lapangan|stadion|gor|jembatan|indomaret|alfamart|spbu|pom bensin|pertamina|polsek|polres"
    r"|koramil|kodim|hotel|mall|mal|toko|warung|rumah makan|rm|pabrik|gudang|bank|atm|tpu|pemakaman|makam|kuburan|balai"
    r"|posyandu|perumahan|komplek|kompleks|ruko|alun[- ]alun|tugu|pos|gardu|bengkel|waduk|danau|sungai|kali|pantai"
    r"|simpang|pertigaan|perempatan|bundaran|flyover|underpass|asrama|pondok pesantren|ponpes|pesantren"
)
_LANDMARK = re.compile(rf"\b(?:di\s+|tepat\s+|persis\s+)*(?P<where>{_WHERE})\s+(?P<what>(?:{_WHAT})\b)", re.IGNORECASE)
_SELF_NAMED = frozenset({"simpang", "simpangan", "perempatan", "pertigaan", "bundaran", "jembatan"})


@dataclass(frozen=True, slots=True)
class Address:
    """What a text says below the level of a kelurahan; None where it says nothing."""

    street: str | None = None
    """`Jalan Ahmad Yani`, `Gang Melati 2`: in full words, capitalised."""
    number: str | None = None
    rt: str | None = None
    """Three digits, as civil registry documents write it: `003`."""
    rw: str | None = None
    kilometre: float | None = None
    """Of a road's own count (`KM 12`)."""
    landmark: str | None = None
    """As written: `depan Masjid Al-Huda`."""
    spent: tuple[tuple[int, int], ...] = ()
    """Which parts of the text are used up, so that no region is read in a street's name."""


def read_address(text: str) -> Address:
    """The first street, house number, RT, RW, kilometre and landmark in a text."""
    rt, rw = _rt_rw(text)
    spent: list[tuple[int, int]] = []
    streets: list[str] = []
    number = None
    shouting = _is_shouting(text)
    for street, start, end in _streets(text, shouting=shouting):
        spent.append((start, end))
        kind = street.split(" ", 1)[0]
        if not streets or (
            len(streets) == 1 and kind != "Jalan" and streets[0].startswith("Jalan") and start - spent[0][1] < 20
        ):
            streets.append(street)
        if number is None and (match := _NUMBER.match(text, end)):
            number = _number(match)
    if number is None and (house := _HOUSE.search(text)):
        number = house[1].upper()
    kilometre = _KILOMETRE.search(text)
    landmark, place = _landmark(text)
    if place:
        spent.append(place)
    return Address(
        street=" ".join(streets) or None,
        number=number,
        rt=rt,
        rw=rw,
        kilometre=float(kilometre[1].replace(",", ".")) if kilometre else None,
        landmark=landmark,
        spent=tuple(spent),
    )


def _is_shouting(text: str) -> bool:
    """Whether capitals carry no meaning, since everything is in capitals."""
    letters = [sign for sign in text[:400] if sign.isalpha()]
    return sum(sign.isupper() for sign in letters) * 10 > len(letters) * 6


def _three(digits: str | None) -> str | None:
    return digits.zfill(3) if digits and digits != "0" else None


def _rt_rw(text: str) -> tuple[str | None, str | None]:
    pair = _RT_RW_PAIR.search(text)
    if pair:
        return _three(pair[1]), _three(pair[2])
    rt = _RT.search(text)
    rw = _RW.search(text)
    return _three(rt[1]) if rt else None, _three((rt and (rt[2] or rt[3])) or (rw[1] if rw else None))


def _number(match: re.Match[str]) -> str:
    number = match["number"].replace(" ", "").upper()
    return (
        f"Blok {match['which'].strip().upper()} No. {number}" if match["block"] and match["which"].strip() else number
    )


def _streets(text: str, *, shouting: bool) -> Iterator[tuple[str, int, int]]:
    """Streets with where they begin and end."""
    for match in _STREET.finditer(text):
        kind = "Jalan" if match[1][0] in "jJ" else "Gang" if match[1][0] in "gG" else "Lorong"
        parts, end = _name(text, match.end(), is_word=match[1].lower() == "jalan", shouting=shouting)
        if parts:
            yield f"{kind} {' '.join(map(_capitalised, parts))}", match.start(), end


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next word on the line."""
    for _ in range(3):
        if text[at : at + 1] not in {" ", "\t"}:
            break
        at += 1
    return _TOKEN.match(text, at)


def _name(text: str, at: int, *, is_word: bool, shouting: bool) -> tuple[list[str], int]:
    parts: list[str] = []
    end = at
    while len(parts) < 5:
        token = _next(text, end)
        if not token:
            break
        word = token[0]
        plain = word.rstrip(".").lower()
        # Capitals of a written name go on; lower-case names end after two words, or where ordinary words begin.
        is_capital = word[0].isupper() and not shouting
        # Before a number and a title there is more to come: "Jl. Jend. A. Yani", "Jl. 17 Agustus".
        last = parts[-1].rstrip(".").lower() if parts else ""
        to_come = last in TITLES or (len(last) == 1 and last.isalpha()) or (len(parts) == 1 and last.isdigit())
        if not parts:
            if plain in NO_NAME and not (is_capital and plain in {"raya", "lintas", "poros"}):
                break
            if (
                is_word
                and not is_capital
                and plain not in WELL_KNOWN_STREETS
                and word.lower() not in WELL_KNOWN_STREETS
            ):
                break
        elif not to_come and not _goes_on(plain, parts, is_capital=is_capital):
            break
        parts.append(word)
        end = token.end()
        if word.endswith(".") and len(plain) > 1 and plain not in TITLES:  # a full stop that ends the sentence
            parts[-1] = word[:-1]
            end -= 1
            break
    if (
        parts
        and len(parts) == 1
        and (parts[0].rstrip(".").lower() in TITLES or len(parts[0]) < 2)
        and not parts[0].isdigit()
    ):
        return [], at
    return parts, end


def _goes_on(plain: str, parts: list[str], *, is_capital: bool) -> bool:
    if plain in DIRECTIONS or _ROMAN.fullmatch(plain) or (plain.isdigit() and len(plain) <= 2):
        return True
    if plain in ENDS_NAME:
        return False
    return is_capital or (len(parts) == 1 and parts[0].rstrip(".").lower() in FIRST_OF_TWO)


def _capitalised(word: str) -> str:
    return (
        word.upper()
        if _ROMAN.fullmatch(word)
        else word[0].upper() + (word[1:].lower() if word.isupper() and len(word) > 3 else word[1:])
    )


def _landmark(text: str) -> tuple[str | None, tuple[int, int] | None]:
    for match in _LANDMARK.finditer(text):
        end = match.end()
        for _ in range(4):
            token = _next(text, end)
            if not token or token[0].rstrip(".").lower() in ENDS_LANDMARK:
                break
            end = token.end() - token[0].endswith(".")
            if token[0].endswith("."):
                break
        where = match["where"].lower()
        if where == "di" or where in _SELF_NAMED or end > match.end() or len(match["what"]) > 3:
            begin = match.start("what") if where == "di" else match.start("where")
            return text[begin:end], (match.start("what"), end)
    return None, None
