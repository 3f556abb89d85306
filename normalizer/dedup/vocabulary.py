"""What is known of words beforehand: which say nothing, which introduce a place, which tell of one kind of trouble.

A word is known by its root: prefixes and suffixes of Indonesian are taken off as long as what is left is a known word
(after Nazief and Adriani), and what other regions say for it is one with it. A word that is known in no way, and is no
number, is taken for a name.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from normalizer.dedup.numerals import SPELLED
from normalizer.understanding.words import fold

_PREFIXES = (
    ("meng", ("", "k")),
    ("meny", ("s",)),
    ("mem", ("", "p")),
    ("men", ("", "t")),
    ("me", ("",)),
    ("peng", ("", "k")),
    ("peny", ("s",)),
    ("pem", ("", "p")),
    ("pen", ("", "t")),
    ("per", ("",)),
    ("pe", ("",)),
    ("ber", ("",)),
    ("be", ("",)),
    ("ter", ("",)),
    ("di", ("",)),
    ("ke", ("",)),
    ("se", ("",)),
    ("ng", ("", "k")),
    ("ny", ("s",)),
    ("n", ("t", "")),
    ("m", ("p", "")),
)
"""Of Indonesian verbs and nouns, with the first letter of the root that each swallows."""
_SUFFIXES = ("", "nya", "kan", "an", "i", "in")
_DIALECT_SUFFIXES = ("nyo", "nye", "ne", "na", "no", "ku", "mi", "ji", "e")
"""Of Javanese, Sundanese, Minang, Makassarese and the like; only before a word that is known."""
_SHORTEST = 3
"""Letters of a root."""
_LONG = 7
"""Letters from which an unknown word loses its ending `nya`, `lah`, `kah`."""
_ENDINGS = ("nya", "lah", "kah")


def roots(word: str) -> Iterable[str]:
    """The word, and what may be its root: `menumpuk` may come from `tumpuk`, `berlubang` from `lubang`."""
    yield word
    for suffix in _SUFFIXES:
        if not word.endswith(suffix) or len(word) - len(suffix) < _SHORTEST:
            continue
        stem = word[: len(word) - len(suffix)]
        if suffix:
            yield stem
        for prefix, firsts in _PREFIXES:
            if stem.startswith(prefix) and len(stem) - len(prefix) >= _SHORTEST - 1:
                for first in firsts:
                    yield f"{first}{stem[len(prefix) :]}"


class Known(NamedTuple):
    """What is known of one word."""

    root: str
    concepts: frozenset[str]
    """The kinds of trouble that it tells of."""
    is_ordinary: bool
    """Whether it is a word that anybody uses, or a number; else it may be a name."""


class Vocabulary:
    """Knows words. Share one: what it finds out about a word it remembers."""

    def __init__(
        self,
        *,
        common: frozenset[str] = frozenset(),
        markers: frozenset[str] = frozenset(),
        regions: frozenset[str] = frozenset(),
        streets: frozenset[str] = frozenset(),
        spans: frozenset[str] = frozenset(),
        houses: frozenset[str] = frozenset(),
        blocks: frozenset[str] = frozenset(),
        explaining: frozenset[str] = frozenset(),
        directions: frozenset[str] = frozenset(),
        sides: frozenset[str] = frozenset(),
        positions: frozenset[str] = frozenset(),
        particles: frozenset[str] = frozenset(),
        qualifiers: frozenset[str] = frozenset(),
        cities: frozenset[str] = frozenset(),
        generic: frozenset[str] = frozenset(),
        frequent: frozenset[str] = frozenset(),
        concepts: Mapping[str, frozenset[str]] | None = None,
        dialect: Mapping[str, frozenset[str]] | None = None,
        everyday: frozenset[str] = frozenset(),
        reminders: frozenset[str] = frozenset(),
        resolved: frozenset[str] = frozenset(),
        thanks: frozenset[str] = frozenset(),
    ) -> None:
        """Prepares it.

        Args:
            common: words that say nothing of what happened.
            markers: words after which a place is named.
            regions: those of them that introduce a region.
            streets: those of them that introduce a street.
            spans: units of time and the like: the number before them is no number of a house.
            houses: words for a house's number.
            blocks: words for a block of an estate.
            explaining: words that say what the number after them is.
            directions: words after which a direction is told.
            sides: words after which a side is told.
            positions: words after which stands what a place is beside.
            particles: words that may stand between these and the direction.
            qualifiers: words and numbers that tell apart places of one name.
            cities: names of large cities.
            generic: words that name no particular place.
            frequent: words that stand in many complaints; no place is called so.
            concepts: kinds of trouble, each with the roots of the words that tell of it.
            dialect: words, each with what is said for it elsewhere.
            everyday: further ordinary words.
            reminders: words by which somebody comes back to what they told.
            resolved: words for a trouble that is over.
            thanks: words of thanks.
        """
        self.common = common
        self.markers = markers
        self.regions = regions
        self.streets = streets
        self.spans = spans
        self.houses = houses
        self.blocks = blocks
        self.explaining = explaining | houses | blocks
        self.directions = directions
        self.sides = sides
        self.positions = positions
        self.particles = particles
        self.qualifiers = qualifiers
        self.cities = cities
        self.reminders = reminders
        self.resolved = resolved
        self.thanks = thanks
        self._no_names = common | generic | frequent | directions | sides | particles | resolved
        self._concepts: dict[str, set[str]] = {}
        for concept, words in (concepts or {}).items():
            for word in words:
                for each in {word, *fold(word).split()}:
                    self._concepts.setdefault(each, set()).add(concept)
        self._elsewhere = {said: word for word, others in (dialect or {}).items() for said in others}
        self._ordinary = (
            common | generic | frequent | resolved | everyday | (dialect or {}).keys() | self._concepts.keys() | markers
        )
        self.known = lru_cache(maxsize=50_000)(self._known)
        """What is known of a word, as `words` folds it."""

    def may_name(self, word: str) -> bool:
        """Whether a place may be called so."""
        if word in self._no_names or word in self.markers or word.isdigit():
            return False
        return not self.known(word).concepts

    def concepts_of(self, word: str) -> frozenset[str]:
        """The kinds of trouble that a word tells of."""
        return self.known(word).concepts

    def _known(self, word: str) -> Known:
        if word.isdigit():
            return Known(word.lstrip("0") or "0", frozenset(), is_ordinary=True)
        root, is_ordinary = self._root(word)
        concepts = self._told(word) or self._told(root)
        return Known(SPELLED.get(root, root), concepts, is_ordinary or bool(concepts))

    def _told(self, word: str) -> frozenset[str]:
        known = self._concepts
        return next((frozenset(known[root]) for root in roots(word) if root in known), frozenset())

    def _root(self, word: str) -> tuple[str, bool]:
        if word in self._elsewhere:
            return self._elsewhere[word], True
        for root in roots(word):
            if root in self._ordinary:
                return root, True
            if root in self._elsewhere:
                return self._elsewhere[root], True
        for suffix in _DIALECT_SUFFIXES:
            stem = word[: -len(suffix)]
            if word.endswith(suffix) and len(stem) >= _SHORTEST and (stem in self._ordinary or stem in self._elsewhere):
                return self._elsewhere.get(stem, stem), True
        if len(word) >= _LONG and word.endswith(_ENDINGS):
            return word[:-3], False
        return word, False
