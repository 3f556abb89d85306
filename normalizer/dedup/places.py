"""Do two places agree, conflict, or say nothing of each other? Unknown is never a conflict."""

import math
import re
from enum import Enum
from functools import lru_cache
from itertools import takewhile

from rapidfuzz.fuzz import ratio

from normalizer.dedup.numerals import ROMAN

_EARTH_METRES = 6_371_000.0
_LEVEL_LENGTHS = {1: 2, 2: 5, 3: 8, 4: 13}
"""Characters of a dotted code by level: province, kabupaten or kota, kecamatan, kelurahan or desa."""

_STREET_KINDS = {
    "jalan": "jalan", "jl": "jalan", "jln": "jalan", "jlan": "jalan",
    "gang": "gang", "gg": "gang", "lorong": "lorong", "lrg": "lorong", "lr": "lorong",
    "perumahan": "perumahan", "perum": "perumahan", "btn": "perumahan", "kompleks": "perumahan", "komplek": "perumahan",
    "komp": "perumahan", "cluster": "perumahan", "klaster": "perumahan", "rusun": "rusun", "rusunawa": "rusun",
    "apartemen": "rusun", "kampung": "kampung", "kp": "kampung", "dusun": "kampung", "dsn": "kampung", "ruko": "ruko",
}  # fmt: skip
_STREETS = frozenset({"jalan", "gang", "lorong"})
_ENDS_STREET = frozenset({"rt", "rw", "no", "nomor", "km", "kel", "kelurahan", "kec", "kecamatan", "blok", "blk"})
_POSITIONS = frozenset({
    "depan", "dpn", "dekat", "deket", "dkt", "samping", "sebelah", "belakang", "blkg", "seberang", "sekitar", "area",
    "kawasan", "tepat", "persis",
})  # fmt: skip
_KINDS = {
    "sdn": "sd",
    "smpn": "smp",
    "sman": "sma",
    "smkn": "smk",
    "mtsn": "mts",
    "mesjid": "masjid",
    "musala": "mushola",
}
_NO_NAMES = frozenset({"negeri", "kota", "kabupaten", "kab", "al", "nurul", "baitul", "darul"})
"""Words of a building's name that many bear."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
"""Letters drawn out: `kenangaaaa`."""
_SAME_NAME = 88.0
"""Similarity (0 to 100) from which two street names differ by spelling only: `ahmad yani` and `achmad yani`."""


class Match(Enum):
    """How one fact of two reports compares."""

    AGREES = "agrees"
    CONFLICTS = "conflicts"
    UNKNOWN = "unknown"


def compare_regions(ours: str | None, theirs: str | None) -> Match:
    """Agreement needs the same kecamatan or finer; different regions conflict; a common city alone says nothing."""
    if ours is None or theirs is None:
        return Match.UNKNOWN
    shorter, longer = sorted((ours, theirs), key=len)
    if longer != shorter and not longer.startswith(f"{shorter}."):
        return Match.CONFLICTS
    return Match.AGREES if len(shorter) >= _LEVEL_LENGTHS[3] else Match.UNKNOWN


def district(code: str | None, *, level: int) -> str | None:
    """The code cut to a level (2 = kabupaten or kota, 3 = kecamatan), or None when it is not that fine."""
    length = _LEVEL_LENGTHS[level]
    return None if code is None or len(code) < length else code[:length]


def compare_streets(ours: str | None, theirs: str | None) -> Match:
    """Spelling is forgiven; a number or a Roman numeral in the name is not: Melati II is not Melati III.

    A `gang` and a `jalan` say nothing of each other, since an alley lies on a street; neither do a name and the same
    name with a word more (`Melati`, `Melati Raya`).
    """
    if ours is None or theirs is None:
        return Match.UNKNOWN
    our_kind, our_words, our_numbers = _street(ours)
    their_kind, their_words, their_numbers = _street(theirs)
    if not (our_words or our_numbers) or not (their_words or their_numbers):
        return Match.UNKNOWN
    same_name = our_words == their_words or ratio(" ".join(our_words), " ".join(their_words)) >= _SAME_NAME
    if same_name and our_numbers == their_numbers:
        return Match.AGREES
    kinds_differ = our_kind != their_kind and bool(our_kind) and bool(their_kind)
    numbers_differ = bool(our_numbers) and bool(their_numbers) and our_numbers != their_numbers
    within = set(our_words) <= set(their_words) or set(their_words) <= set(our_words)
    if not kinds_differ and _each_has_more((*our_words, *our_numbers), (*their_words, *their_numbers)):
        return Match.CONFLICTS
    silent = kinds_differ or ((same_name or within) and not numbers_differ)
    return Match.UNKNOWN if silent else Match.CONFLICTS


def _each_has_more(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Melati 2 and Melati Dalam: one name, and either has something after it that the other lacks, a number in one."""
    same_beginning = bool(ours) and bool(theirs) and ours[0] == theirs[0]
    only = set(ours) ^ set(theirs)
    return same_beginning and bool(only - set(ours)) and bool(only - set(theirs)) and any(map(str.isdigit, only))


def name_words(place: str | None) -> frozenset[str]:
    """The words of a street's or a landmark's name, without what kind of place it is."""
    words = _street(place)[1] if place else ()
    return frozenset(word for word in words if word not in _STREET_KINDS and word not in _POSITIONS)


def other_names(ours: str | None, theirs: str | None) -> bool:
    """Whether two streets have not a word of their names in common."""
    if ours is None or theirs is None:
        return False
    our_words, their_words = _street(ours)[1], _street(theirs)[1]
    return bool(our_words) and bool(their_words) and set(our_words).isdisjoint(their_words)


def other_streets(ours: str | None, theirs: str | None) -> bool:
    """As `other_names`, of two streets or lanes: an estate lies on a street, and has another name."""
    both = {_street(place)[0] for place in (ours, theirs) if place}
    return both <= _STREETS and other_names(ours, theirs)


def street_name(street: str) -> str:
    """A street's name without its kind, numerals unified: `Jl. Melati II` is `melati 2`. For keys."""
    _, words, numbers = _street(street)
    return " ".join((*words, *numbers))


@lru_cache(maxsize=8192)
def _street(street: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Kind (or ""), words and numerals of a street's name."""
    tokens: list[str] = _TOKEN.findall(_DRAWN.sub(r"\1", street.casefold()))
    kind = ""
    if tokens and tokens[0] in _STREET_KINDS:
        kind = _STREET_KINDS[tokens[0]]
        tokens = tokens[1:]
    # What a reader of addresses left at the end of a name is no part of it: "melati rt 3".
    tokens = list(takewhile(lambda token: token not in _ENDS_STREET, tokens))
    # "Gang V" is a number; a name that consists of nothing but "i" does not exist.
    read = [ROMAN.get(token, token) for token in tokens]
    words = tuple(token for token in read if not token.isdigit())
    numbers = tuple(token.lstrip("0") or "0" for token in read if token.isdigit())
    return kind, words, numbers


def landmark_name(landmark: str | None) -> str:
    """What a landmark is called: `depan SDN 5 Melati` is `sd 5 melati`; "" if it has no name. For keys.

    The kind, numbers, and the first word of the name: where a name ends cannot be told in lower-case texts.
    """
    kind, numbers, word = _landmark(landmark or "")
    return " ".join((kind, *numbers, word)) if kind and word else ""


def compare_landmarks(ours: str | None, theirs: str | None) -> Match:
    """Two buildings of one kind by name and number. Beside a building is not in it: such mentions never conflict."""
    left, right = _landmark(ours or ""), _landmark(theirs or "")
    if not left[0] or left[0] != right[0] or not left[2] or not right[2]:
        return Match.UNKNOWN
    same_number = left[1] == right[1] or not left[1] or not right[1]
    if same_number and (left[2] == right[2] or ratio(left[2], right[2]) >= _SAME_NAME):
        return Match.AGREES
    beside = _is_beside(ours or "") or _is_beside(theirs or "")
    return Match.UNKNOWN if beside else Match.CONFLICTS


@lru_cache(maxsize=8192)
def _landmark(landmark: str) -> tuple[str, tuple[str, ...], str]:
    """Kind, numbers directly after it, and first word of the name of a landmark."""
    tokens: list[str] = _TOKEN.findall(landmark.casefold())
    while tokens and tokens[0] in _POSITIONS:
        tokens = tokens[1:]
    if not tokens:
        return "", (), ""
    kind = _KINDS.get(tokens[0], tokens[0])
    named = [word for word in tokens[1:] if word not in _NO_NAMES]
    numbers: list[str] = []
    while named and (named[0].isdigit() or named[0] == "no"):
        numbers.append(named.pop(0).lstrip("0"))
    return kind, tuple(filter(str.isdigit, numbers)), named[0] if named else ""


def _is_beside(landmark: str) -> bool:
    return landmark.casefold().split(" ", 1)[0] in _POSITIONS


def plain_number(text: str | None) -> str:
    """RT, RW or house number for comparison: `003`, `RT 3` and `3` are one; `12A` and `12 a` too; "" when unknown."""
    if text is None:
        return ""
    tokens: list[str] = _TOKEN.findall(text.casefold())
    return "".join(token.lstrip("0") or "0" for token in tokens if token not in {"rt", "rw", "no", "nomor", "nomer"})


def compare_numbers(ours: str | None, theirs: str | None) -> Match:
    """Two numbers of the same kind, written in any way."""
    left, right = plain_number(ours), plain_number(theirs)
    if not left or not right:
        return Match.UNKNOWN
    return Match.AGREES if left == right else Match.CONFLICTS


def compare_kilometres(ours: float | None, theirs: float | None, *, tolerance: float) -> Match:
    """Two posts of a road; `tolerance` in kilometres, since `km 12` and `km 12,4` may be one place."""
    if ours is None or theirs is None:
        return Match.UNKNOWN
    return Match.AGREES if abs(ours - theirs) <= tolerance else Match.CONFLICTS


def distance_metres(ours: tuple[float | None, float | None], theirs: tuple[float | None, float | None]) -> float | None:
    """Great-circle distance of two (latitude, longitude) pairs in degrees; None when either is unknown."""
    if ours[0] is None or ours[1] is None or theirs[0] is None or theirs[1] is None:
        return None
    south, north = math.radians(ours[0]), math.radians(theirs[0])
    half_up, half_across = (north - south) / 2, math.radians(theirs[1] - ours[1]) / 2
    chord = math.sin(half_up) ** 2 + math.cos(south) * math.cos(north) * math.sin(half_across) ** 2
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(chord)))
