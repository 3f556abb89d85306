"""The register of regions (Kemendagri), indexed by how people write their names."""

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator
from operator import add
from typing import NamedTuple

from lokal import wilayah

from normalizer.understanding.place_names import ALIASES
from normalizer.understanding.place_words import ORDINARY
from normalizer.understanding.said_words import Said

SCHEME = "kemendagri"
"""Dotted codes `province.kabupaten/kota.kecamatan.kelurahan/desa`; those of BPS are other numbers."""
EDITION = "Kepmendagri 300.2.2-2138/2025"
"""The edition that the package of regions states."""

_KIND = re.compile(r"^(?:kabupaten|kota)(?: administrasi)? ", re.IGNORECASE)


def is_known(code: str) -> bool:
    """Whether the register has a region of this code. Quick: nothing is indexed for it."""
    return wilayah.get_wilayah(code) is not None


class Region(NamedTuple):
    """One region of the register. A tuple of text: of the many objects here none is looked at for garbage."""

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


class RegionIndex:
    """All regions by name. Building takes about a second; afterwards it is only read."""

    def __init__(self) -> None:
        self.regions: dict[str, Region] = {}
        collected: dict[str, list[str]] = {}
        first_words: set[str] = set()
        for region in _walk(None):
            self.regions[region.code] = Region(region.code, region.name, region.type, region.path)
            name = _KIND.sub("", region.name) if region.level == 2 else region.name
            words = Said(name).keys
            if len(words) > 1:
                first_words.add(words[0])
            collected.setdefault("".join(words), []).append(region.code)
        self._keys = {code: name for name, codes in collected.items() for code in codes}
        for name, code in ALIASES:
            collected.setdefault(name, []).append(code)
        self._by_key = {name: tuple(codes) for name, codes in collected.items() if len(name) > 2}
        self._sorted = sorted(self.regions)
        self._starts = frozenset(first_words | (self._by_key.keys() - ORDINARY))
        self._ordinary = frozenset(self._by_key.keys() & ORDINARY) - self._starts

    def beginnings(self, said: Said, *, is_address: bool) -> list[int]:
        """The words with which names may begin: most begin none, and are done with at once.

        Ordinary words that are names as well (`Guntur`) begin one before a comma, or in the field of an address.
        """
        keys, by_key, starts, ordinary = said.keys, self._by_key, self._starts, self._ordinary
        found = {at for at, key in enumerate(keys) if key in starts}
        found.update(at for at, pair in enumerate(map(add, keys, keys[1:])) if pair in by_key)  # "Baranang siang"
        found.update(at for at, key in enumerate(keys) if key in ordinary and (is_address or said.ends_at_comma(at)))
        return sorted(found)

    def names_from(self, said: Said, at: int, most: int) -> list[tuple[int, tuple[str, ...]]]:
        """The names that begin with a word, shortest first: of how many words, and the codes of all so named."""
        by_key = self._by_key
        return [
            (count, codes)
            for count, key in enumerate(said.joined(at, most), 1)
            if (codes := by_key.get(key)) is not None
        ]

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
