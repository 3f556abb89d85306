"""Where it happened: the region by the register, and what the text says below it. Unknown rather than a guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from normalizer.understanding.addresses import read_address
from normalizer.understanding.coordinates import coordinates
from normalizer.understanding.mentions import Reader, Unread
from normalizer.understanding.misspelt import Names, misspelt
from normalizer.understanding.places_index import EDITION, SCHEME, RegionIndex, Register, level_of, within
from normalizer.understanding.region_choice import Mention, choose


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
    street_confidence: float = 0.0
    landmark_confidence: float = 0.0
    point_confidence: float = 0.0
    """Of the coordinates: a pin counts more than the middle of a map's view."""


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
        self._home_names: Names | None = None
        self._names: dict[str, Names] = {}
        """Of other regions, by code, as they are asked for: at most as many as the register has above the villages."""

    def find(self, text: str, address: str | None = None) -> FoundPlace:
        """The place that a text speaks of; a form's `address` field counts before the text.

        Raises:
            ValueError: `home` is not in the register.
        """
        index = self.load()
        parts = [(part[:_ENOUGH], is_address) for part, is_address in ((address, True), (text, False)) if part]
        read = [read_address(part) for part, _ in parts]
        mentions: list[Mention] = []
        unread: list[Unread] = []
        reader = Reader(index, self._home)
        for (part, is_address), found in zip(parts, read, strict=True):
            more, misread = reader.read(part, found.spent, is_address=is_address)
            mentions += more
            unread += misread
        code, confidence = choose(mentions, self._home)
        if unread and (nearly := self._nearly(index, unread, code or _only_town(mentions))):
            code, confidence = choose([*mentions, *nearly], self._home)
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
            latitude=point.latitude if point else None,
            longitude=point.longitude if point else None,
            confidence=confidence,
            street_confidence=next((found.street_confidence for found in read if found.street), 0.0),
            landmark_confidence=next((found.landmark_confidence for found in read if found.landmark), 0.0),
            point_confidence=point.confidence if point else 0.0,
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
            self._home_names = Names(index.names_within(self._home) if self._home else {})
        return index

    def _nearly(self, index: RegionIndex, unread: list[Unread], region: str | None) -> list[Mention]:
        """Names that are misspelt, of the home region and of the region that the others speak of."""
        scopes = [(self._home_names, 2.0)] if self._home_names else []
        if region and level_of(region) in {2, 3} and not (self._home and within(region, self._home)):
            if region not in self._names:
                self._names[region] = Names(index.names_within(region))
            scopes.append((self._names[region], 3.0))  # the rest of the text speaks of that region
        return [
            Mention(found.codes, strength, found.likeness)
            for names, strength in scopes
            for each in unread
            if (found := misspelt(each, names))
        ]


def _only_town(mentions: Iterable[Mention]) -> str | None:
    """The one kabupaten or kota that is named, even if not surely meant: where to look for what is misspelt."""
    towns = {each.codes[0] for each in mentions if len(each.codes) == 1 and level_of(each.codes[0]) == 2}
    return towns.pop() if len(towns) == 1 else None


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each), None)
