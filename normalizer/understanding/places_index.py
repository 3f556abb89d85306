"""The register of regions (Kemendagri), indexed by how people write their names."""

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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
_READ_AS = _IN_FULL | {word: f"#{number}#" for word, number in (_ROMAN | _UNITS).items()}
_KIND = re.compile(r"^(?:kabupaten|kota)(?: administrasi)? ", re.IGNORECASE)
_CHANGING = frozenset("0123456789ks")
"""How words begin that may be read as something else."""


def is_known(code: str) -> bool:
    """Whether the register has a region of this code. Quick: nothing is indexed for it."""
    return wilayah.get_wilayah(code) is not None


class Token(NamedTuple):
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
    lower = text.lower()
    if len(lower) != len(text):  # a letter that has no small form of its own length: then places must not shift
        lower = text
    has_apostrophes = _APOSTROPHE.search(lower) is not None
    number = ""  # that the last word is
    end = -2
    for match in _TOKEN.finditer(lower):
        raw = match[0]
        start, begin = match.start(), end
        end = match.end()
        if has_apostrophes:
            raw = _APOSTROPHE.sub("", raw)
        if number and (combined := _combined(number, raw)):
            number = f"#{combined}#"
            last = found[-1]
            found[-1] = Token(number, last.start, end, last.follows, last.beside)
            continue
        key = _READ_AS.get(raw, raw)
        if raw[0] in _CHANGING and key is raw:
            if raw.isdecimal():
                key = f"#{raw.lstrip('0') or '0'}#"
            elif raw.startswith("kebon"):
                key = f"kebun{raw[5:]}"
            elif raw.startswith("sumatra"):
                key = f"sumatera{raw[7:]}"
        number = key if key[0] == "#" else ""
        if start - begin == 1 and lower[begin] == " ":
            found.append(Token(key, start, end, True, True))
            continue
        gap = lower[begin:start] if begin >= 0 else "\n"
        follows = len(gap) <= 2 and not gap.strip(" .-/'")
        found.append(Token(key, start, end, follows, len(gap) <= 3 and not gap.strip(" .:\t")))
    return found


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
        first_words: set[str] = set()
        for region in _walk(None):
            self.regions[region.code] = Region(region.code, region.name, region.type, region.path)
            name = _KIND.sub("", region.name) if region.level == 2 else region.name
            words = [token.key for token in tokens(name)]
            first_words.add(words[0])
            collected.setdefault("".join(words), []).append(region.code)
        self._keys = {code: name for name, codes in collected.items() for code in codes}
        for name, code in ALIASES:
            collected.setdefault(name, []).append(code)
        self._by_key = {name: tuple(codes) for name, codes in collected.items() if len(name) > 2}
        self._sorted = sorted(self.regions)
        self._first_words = first_words

    def may_begin(self, word: Token, following: Token | None) -> bool:
        """False where no name begins with that word: done with at once, as most words are."""
        key = word.key
        return (
            key in self._first_words
            or key in self._by_key
            or (following is not None and following.follows and key + following.key in self._by_key)
        )

    def names_from(self, said: list[Token], at: int, most: int) -> list[tuple[int, tuple[str, ...]]]:
        """The names that begin with a word, shortest first: of how many words, and the codes of all regions so named.

        Without blanks, since `Sungai Buah` is also written `Sungaibuah`.
        """
        found: list[tuple[int, tuple[str, ...]]] = []
        whole = said[at].key
        if codes := self._by_key.get(whole):
            found.append((1, codes))
        for count in range(2, min(most, len(said) - at) + 1):
            word = said[at + count - 1]
            if not word.follows:
                break
            whole += word.key
            if codes := self._by_key.get(whole):
                found.append((count, codes))
        return found

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
