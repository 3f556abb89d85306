"""The keys under which a report is found again: who, where, which picture, which words.

A key is a 63-bit hash of its kind and value: small in the index, equal for equal values, and it shows nobody's data.
Two values may meet in one hash: that only yields a candidate that the judge then refuses.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

from normalizer.dedup.places import district, landmark_name, plain_number, street_name
from normalizer.dedup.reading import told, words_of
from normalizer.dedup.report import Report
from normalizer.dedup.sharing import foremost
from normalizer.dedup.signature import Signer
from normalizer.dedup.vocabulary import Vocabulary
from normalizer.dedup.weights import load_weights
from normalizer.dedup.words import Words

CELL_DEGREES = 0.002
"""Side of a coordinates cell: 222 m north-south. With its eight neighbours it holds everything within 200 m."""

WEIGHT_PERSON = 40
"""More than all bands of a text: of many who send one form, the person's own comes first."""
WEIGHT_PICTURE = 12
WEIGHT_PLACE = 6
WEIGHT_CELL = 12
WEIGHT_NAME = 4
WEIGHT_BAND = 1
_NAMES = 6
"""So many names of one report become keys: those that follow a word for a place first."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one report."""

    stored: tuple[int, ...]
    """Written to the index: distinct, in order."""
    wanted: dict[int, int]
    """Looked up for a new report, with their weight when candidates are ranked: `stored` plus neighbouring cells."""


class KeyMaker:
    """Makes keys of reports, many at a time. Share one: the keys of recent reports are remembered, since each
    report is looked up, compared within its batch and stored in turn.
    """

    def __init__(
        self, signer: Signer | None = None, *, remembered: int = 4096, vocabulary: Vocabulary | None = None
    ) -> None:
        """`vocabulary` tells names and kinds of trouble; by default that of the weights shipped."""
        self._signer = signer if signer is not None else Signer()
        self._vocabulary = vocabulary
        self._remembered = remembered
        self._made: dict[Report, Keys] = {}

    @property
    def version(self) -> str:
        """Changes whenever keys of old and new reports may fail to meet."""
        return f"k4-{self._signer.version}"

    def keys(self, reports: Sequence[Report]) -> list[Keys]:
        """The keys of each report, in the order given."""
        made = self._made
        fresh = list(dict.fromkeys(report for report in reports if report not in made))
        bands = self._signer.bands([report.comparable for report in fresh])
        vocabulary = self._vocabulary if self._vocabulary is not None else _shipped()
        new = {
            report: _keys(report, own, words_of(told(report), vocabulary))
            for report, own in zip(fresh, bands, strict=True)
        }
        found = [new[report] if report in new else made[report] for report in reports]
        if len(made) + len(new) > self._remembered:
            made.clear()
        made.update(new)
        return found


@cache
def _shipped() -> Vocabulary:
    return load_weights().vocabulary()


def _keys(report: Report, bands: tuple[int, ...], words: Words) -> Keys:
    own = {_hash("person", token): WEIGHT_PERSON for token in report.identities}
    own |= {_hash("picture", digest): WEIGHT_PICTURE for digest in report.attachments}
    own |= {_hash("place", value): WEIGHT_PLACE for value in _places(report)}
    own |= {_hash("name", value): WEIGHT_NAME for value in _named_troubles(report, words)}
    own |= dict.fromkeys(bands, WEIGHT_BAND)
    neighbours: dict[int, int] = {}
    if report.latitude is not None and report.longitude is not None:
        cells = list(_cells(report.latitude, report.longitude))
        own[_hash("cell", cells[0])] = WEIGHT_CELL
        neighbours = {_hash("cell", cell): WEIGHT_CELL for cell in cells[1:]}
    return Keys(tuple(sorted(own)), neighbours | own)


def _places(report: Report) -> Iterator[str]:
    """Places fine enough to point at one incident: alone, and with the category where that is known.

    Alone, since two people's words for one thing may be taken for two subjects; with it, since on a long street the
    many other troubles would push the right one out. A place is sought in its city, and in its agency too, since
    a text may not name its region.
    """
    scopes = {f"agency:{report.agency}"}
    city = district(report.region_code, level=2)
    if city is not None:
        scopes.add(city)
    places = [f"{place}|{scope}" for scope in sorted(scopes) for place in _named(report)]
    if report.rt is not None and district(report.region_code, level=3) is not None:
        places.append(f"rt|{plain_number(report.rt)}|{plain_number(report.rw)}|{report.region_code}")
    if report.category is not None and district(report.region_code, level=4) is not None:
        # A whole village without power or under water names no street; with the category alone, never by itself.
        yield f"village|{report.region_code}|{report.category}"
    for place in places:
        yield place
        if report.category is not None:
            yield f"{place}|{report.category}"


def _named_troubles(report: Report, words: Words) -> Iterator[str]:
    """What a text names, with the kind of trouble that it tells of: neighbours say both in words of their own.

    A name alone would bring every trouble of a village; with the kind it brings few, however long the history.
    """
    marked = sorted(words.marked | words.regions)
    names = list(dict.fromkeys([*marked, *sorted(words.names)]))[:_NAMES]
    numbered = [f"{base} {number}" for base, numbers in sorted(words.numbered.items()) for number in sorted(numbers)]
    for kind in sorted(foremost(words)):
        for name in (*names, *numbered[:2]):
            yield f"{report.agency}|{name}|{kind}"


def _named(report: Report) -> Iterator[str]:
    if report.street is not None and (street := street_name(report.street)):
        yield f"street|{street}"
    if landmark := landmark_name(report.landmark):
        yield f"landmark|{landmark}"
    if report.kilometre is not None:
        yield f"km|{math.floor(report.kilometre)}"


def _cells(latitude: float, longitude: float) -> Iterator[str]:
    """The cell of the point, then its eight neighbours."""
    north, east = math.floor(latitude / CELL_DEGREES), math.floor(longitude / CELL_DEGREES)
    steps = [(0, 0), *((n, e) for n in (-1, 0, 1) for e in (-1, 0, 1) if (n, e) != (0, 0))]
    for step_north, step_east in steps:
        yield f"{north + step_north}|{east + step_east}"


def _hash(kind: str, value: str) -> int:
    return int.from_bytes(blake2b(f"{kind}|{value}".encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
