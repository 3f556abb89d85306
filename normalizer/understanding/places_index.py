"""The register of regions (Kemendagri), indexed by how people write their names."""

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from lokal import wilayah

from normalizer.understanding.place_names import ALIASES

SCHEME = "kemendagri"
"""Dotted codes `province.kabupaten/kota.kecamatan.kelurahan/desa`; those of BPS are other numbers."""
EDITION = "Kepmendagri 300.2.2-2138/2025"
"""The edition that the package of regions states."""

_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W\d_]+)?")
_APOSTROPHE = re.compile("['’`]")
_UNITS = {
    word: str(number)
    for number, word in enumerate(
        ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"), 1
    )
}
_ROMAN = {
    roman: str(number)
    for number, roman in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)
}
_SHORT = """
sei=sungai tj=tanjung tjg=tanjung tg=tanjung kp=kampung kmp=kampung kmpg=kampung gn=gunung pd=pondok pdk=pondok
tlk=teluk tlg=talang bt=batu lbk=lubuk ps=pasar psr=pasar kb=kebun mns=meunasah gampong=gampong gp=gampong
sltn=selatan slatan=selatan sel=selatan utr=utara tmr=timur brt=barat tgh=tengah
"""
_IN_FULL = dict(pair.split("=") for pair in _SHORT.split())
_KIND = re.compile(r"^(?:kabupaten|kota)(?: administrasi)? ", re.IGNORECASE)
# Spelt two ways within longer words.
_RESPELT = re.compile(r"^kebon|^sumatra")
_RESPELLINGS = {"kebon": "kebun", "sumatra": "sumatera"}


def is_known(code: str) -> bool:
    """Whether the register has a region of this code. Quick: nothing is indexed for it."""
    return wilayah.get_wilayah(code) is not None


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, as names are compared by."""

    key: str
    """Lower case, shortened words in full, numerals as digits between `#`, so that no number runs into another."""
    start: int
    end: int
    follows: bool
    """It can be of one name with the word before: only a blank, dot, hyphen or slash stands between them."""
    beside: bool
    """It can be what the word before announces (`Kel. : Majapahit`): only blanks, dots or colons are between."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region of the register."""

    code: str
    name: str
    kind: str
    """provinsi, kabupaten, kota, kecamatan, distrik, kelurahan, desa or desa_adat."""
    path: str
    """With those above it, nearest first: `Air Kuti, Lubuk Linggau Timur I, Kota Lubuk Linggau, Sumatera Selatan`."""


def level_of(code: str) -> int:
    """1 province, 2 kabupaten or kota, 3 kecamatan, 4 kelurahan or desa."""
    return code.count(".") + 1


def within(code: str, region: str) -> bool:
    """Whether a code is the region or lies in it."""
    return code == region or code.startswith(f"{region}.")


def tokens(text: str) -> list[Token]:
    """The words of a text with their places; `35`, `XXXV` up to twelve, and `tiga puluh lima` meet as one key."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        raw = match[0].lower()
        if not raw.isalnum():
            raw = _APOSTROPHE.sub("", raw)
        last = found[-1] if found else None
        combined = _combined(last.key, raw) if last else None
        if last and combined:
            found[-1] = Token(f"#{combined}#", last.start, match.end(), last.follows, last.beside)
            continue
        if raw[0] in "ks":
            raw = _RESPELT.sub(_respelt, raw)
        number = _ROMAN.get(raw) or _UNITS.get(raw) or (raw.lstrip("0") or "0" if raw.isdecimal() else None)
        gap = text[last.end : match.start()] if last else "\n"
        follows = gap == " " or (len(gap) <= 2 and not gap.strip(" .-/'"))
        beside = gap == " " or (len(gap) <= 3 and not gap.strip(" .:\t"))
        key = f"#{number}#" if number else _IN_FULL.get(raw, raw)
        found.append(Token(key, match.start(), match.end(), follows, beside))
    return found


def _respelt(match: re.Match[str]) -> str:
    return _RESPELLINGS[match[0]]


def _combined(before: str, word: str) -> int | None:
    """Numbers in words: `2` + `puluh` → `20`, then + `lima` → `25`."""
    if before[0] != "#" or len(before) > 4:
        return None
    number = int(before.strip("#"))
    if number < 10:
        return number * 10 if word == "puluh" else number + 10 if word == "belas" else None
    unit = int(_UNITS.get(word, "10"))
    return number + unit if number >= 20 and number % 10 == 0 and unit < 10 else None


def keys(said: list[Token]) -> list[str]:
    """What names beginning at the first word are looked up by, shortest first.

    Without blanks, since `Sungai Buah` is also written `Sungaibuah`; the list ends where no name can go on.
    """
    found: list[str] = []
    whole = ""
    for number, token in enumerate(said):
        if number and not token.follows:
            break
        whole += token.key
        found.append(whole)
    return found


class RegionIndex:
    """All regions by name. Building takes about a second; afterwards it is only read."""

    def __init__(self) -> None:
        self.regions: dict[str, Region] = {}
        collected: dict[str, list[str]] = {}
        for region in _walk(None):
            self.regions[region.code] = Region(region.code, region.name, region.type, region.path)
            name = _KIND.sub("", region.name) if region.level == 2 else region.name
            collected.setdefault("".join(token.key for token in tokens(name)), []).append(region.code)
        self._keys = {code: name for name, codes in collected.items() for code in codes}
        for name, code in ALIASES:
            collected.setdefault(name, []).append(code)
        self._by_key = {name: tuple(codes) for name, codes in collected.items() if len(name) > 2}
        self._sorted = sorted(self.regions)

    def named(self, key: str) -> tuple[str, ...]:
        """The codes of all regions, of any level, of one name (see `keys`)."""
        return self._by_key.get(key, ())

    def names_within(self, home: str) -> dict[str, tuple[str, ...]]:
        """The names (as keys) in one region, with their codes: few enough to be compared by similarity."""
        found: dict[str, list[str]] = {}
        first = bisect_left(self._sorted, home)
        for code in self._sorted[first : bisect_left(self._sorted, f"{home}/")]:  # after all that begin `home.`
            found.setdefault(self._keys[code], []).append(code)
        return {name: tuple(codes) for name, codes in found.items()}


class Register:
    """The index, built at the first question and shared by whoever asks, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: RegionIndex | None = None

    def index(self) -> RegionIndex:
        """The one index."""
        with self._lock:
            if self._index is None:
                self._index = RegionIndex()
            return self._index


def _walk(parent: str | None) -> Iterator[wilayah.Wilayah]:
    for region in wilayah.list_wilayah(parent):
        yield region
        if region.level < 4:
            yield from _walk(region.code)
