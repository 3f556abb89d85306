"""Where it happened: the region by the register, and what the text says below it. Unknown rather than a guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from normalizer.understanding.addresses import Address, read_address
from normalizer.understanding.coordinates import coordinates
from normalizer.understanding.place_words import LEVEL_WORDS, LOCATIVES, NOT_BEFORE_A_PLACE, ORDINARY
from normalizer.understanding.places_index import (
    EDITION,
    SCHEME,
    RegionIndex,
    Register,
    Token,
    keys,
    level_of,
    tokens,
    within,
)
from normalizer.understanding.region_choice import Mention, choose

_LONGEST = 5
"""Words of the longest name that is looked for."""
_SIMILAR = 88.0
"""How alike a misspelt name must be, of 100."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where it happened, as far as it is said; None where it is not."""

    region_code: str | None = None
    region_name: str | None = None
    """The full path, nearest first."""
    level: str | None = None
    """provinsi, kabupaten, kota, kecamatan, distrik, kelurahan, desa or desa_adat."""
    scheme: str | None = None
    """What kind of code it is (`kemendagri`), where there is one."""
    edition: str | None = None
    street: str | None = None
    number: str | None = None
    rt: str | None = None
    """Three digits, as civil registry documents write it: `003`."""
    rw: str | None = None
    kilometre: float | None = None
    """Of a road's own count (`KM 12`)."""
    landmark: str | None = None
    """As written."""
    latitude: float | None = None
    """WGS 84 degrees."""
    longitude: float | None = None
    confidence: float = 0.0
    """Of the region, 0 to 1."""


_ENOUGH = 10_000
"""Characters that are searched: who has not said by then where it is speaks of other things, and the search of a very
long text would keep everything else waiting."""


class PlaceFinder:
    """Finds places, preferring those in `home`, the agency's own region (a dotted code such as `16.73`), if given.

    The register is read at the first question (about a second); from then on any number of threads may ask. Finders
    for several homes share one `register`.
    """

    def __init__(self, home: str | None = None, register: Register | None = None) -> None:
        """Raises ValueError for a `home` that is no dotted code of up to three parts."""
        if home is not None and not re.fullmatch(r"\d{2}(?:\.\d{2}){0,2}", home):
            raise ValueError(f"home region {home!r}: give a Kemendagri code with dots, such as 16.73 for a kota")
        self._home = home
        self._register = register or Register()
        self._home_names: dict[str, tuple[str, ...]] | None = None

    def find(self, text: str, address: str | None = None) -> FoundPlace:
        """The place that a text speaks of; a form's `address` field counts before the text.

        Raises:
            ValueError: `home` is not in the register.
        """
        index = self.load()
        parts = [(part[:_ENOUGH], is_address) for part, is_address in ((address, True), (text, False)) if part]
        read = [read_address(part) for part, _ in parts]
        mentions = [
            mention
            for (part, is_address), found in zip(parts, read, strict=True)
            for mention in self._mentions(index, part, found, is_address=is_address)
        ]
        code, confidence = choose(mentions, self._home)
        region = index.regions[code] if code else None
        point = next((point for part, _ in parts if (point := coordinates(part))), None)
        return FoundPlace(
            region_code=region.code if region else None,
            region_name=region.path if region else None,
            level=region.kind if region else None,
            scheme=SCHEME if region else None,
            edition=EDITION if region else None,
            street=_first(found.street for found in read),
            number=_first(found.number for found in read),
            rt=_first(found.rt for found in read),
            rw=_first(found.rw for found in read),
            kilometre=next((found.kilometre for found in read if found.kilometre is not None), None),
            landmark=_first(found.landmark for found in read),
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
            confidence=confidence,
        )

    def load(self) -> RegionIndex:
        """Read the register, unless it was read; seconds of work, which `find` would do at its first text.

        Raises:
            ValueError: the home region is not in the register.
        """
        index = self._register.index()
        if self._home_names is None:  # two threads may both do this: they come to the same
            if self._home is not None and self._home not in index.regions:
                raise ValueError(f"home region {self._home}: not in {EDITION}; look the code up in that edition")
            self._home_names = index.names_within(self._home) if self._home else {}
        return index

    def _mentions(self, index: RegionIndex, text: str, address: Address, *, is_address: bool) -> list[Mention]:
        """The names of regions in a text and what each counts for."""
        found: list[Mention] = []
        said = tokens(text)
        at = 0
        while at < len(said):
            before = said[at - 1].key if at and said[at].beside else ""
            level = LEVEL_WORDS.get(before)
            taken = 0
            if level is not None or not _inside(said[at], address.spent):
                candidates = keys(said[at : at + _LONGEST])
                for count in range(len(candidates), 0, -1):
                    codes = index.named(candidates[count - 1])
                    span = said[at : at + count]
                    mention = _marked(codes, level, before) if level else self._alone(text, span, codes, before)
                    if codes and is_address and not level:
                        mention = self._in_address(span, codes) or mention
                    if mention:
                        found.append(mention)
                        taken = count
                        break
                if level is not None and level >= 3 and not (taken and self._at_home(found[-1].codes)):
                    found += self._similar(candidates[:3], level)
            at += taken or 1
        return found

    def _at_home(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(code for code in codes if within(code, self._home)) if self._home else ()

    def _in_address(self, span: list[Token], codes: tuple[str, ...]) -> Mention | None:
        """In an address field a name needs no level word."""
        home = self._at_home(codes)
        upper = () if _is_ordinary(span) else _upper(codes)
        return Mention(home or upper, 2.0) if home or upper else None

    def _alone(self, text: str, span: list[Token], codes: tuple[str, ...], before: str) -> Mention | None:
        """What a name without its level word counts for."""
        if not codes or before in NOT_BEFORE_A_PLACE or _is_ordinary(span):
            return None
        located = before in LOCATIVES
        capital = text[span[0].start].isupper()
        home, upper = self._at_home(codes), _upper(codes)
        if home and not set(upper) <= set(home):
            return Mention((*home, *upper), 0.5)  # "Muara Enim": a kelurahan here, and a kabupaten elsewhere
        if home and (len(span) > 1 or located):
            return Mention(home, 2.0 if located or capital else 1.0)
        if home:
            return Mention(home, 1.0) if capital and len(span[0].key) >= 5 else None
        if upper:
            return Mention(upper, 1.0 if located or (capital and len(span) > 1) else 0.5)
        return Mention(codes, 0.5) if len(span) > 1 or located else None

    def _similar(self, candidates: list[str], level: int) -> list[Mention]:
        """A name after its level word that is nearly one of the home region's (`kel. Majapahid`)."""
        names = self._home_names or {}
        best: tuple[float, tuple[str, ...]] = (_SIMILAR, ())
        for wanted in candidates:
            match = process.extractOne(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=best[0])
            if match and len(wanted) >= 5:
                codes = tuple(code for code in names[match[0]] if level_of(code) == level)
                if codes and match[1] > best[0]:
                    best = (match[1], codes)
        return [Mention(best[1], 2.0, best[0] / 100)] if best[1] else []


def _marked(codes: tuple[str, ...], level: int, word: str) -> Mention | None:
    """A name after its level word; `kota` and `kabupaten` of one name are two regions (Kota and Kabupaten Bogor)."""
    fitting = [code for code in codes if level_of(code) == level]
    if word in {"kota", "kotamadya"}:
        fitting = [code for code in fitting if code[3:5] >= "71"]
    elif word in {"kab", "kabupaten"}:
        fitting = [code for code in fitting if code[3:5] < "71"]
    return Mention(tuple(fitting), 3.0) if fitting else None


def _upper(codes: Iterable[str]) -> tuple[str, ...]:
    """Of these regions the provinces, kabupaten and kota."""
    return tuple(code for code in codes if level_of(code) <= 2)


def _is_ordinary(span: list[Token]) -> bool:
    return len(span) == 1 and (span[0].key in ORDINARY or len(span[0].key) < 4)


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each), None)


def _inside(token: Token, spent: tuple[tuple[int, int], ...]) -> bool:
    """Whether the word stands inside what is used up; a landmark's first word may begin a name (`Pasar Satelit`)."""
    return any(start < token.start < end for start, end in spent)
