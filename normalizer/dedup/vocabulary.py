"""What is known of words beforehand: which say nothing, which introduce a place, which tell of one kind of trouble."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

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
_SHORTEST = 3
"""Letters of a root."""


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
        particles: frozenset[str] = frozenset(),
        qualifiers: frozenset[str] = frozenset(),
        cities: frozenset[str] = frozenset(),
        generic: frozenset[str] = frozenset(),
        frequent: frozenset[str] = frozenset(),
        concepts: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """Prepares it.

        Args:
            common: words that say nothing of what happened.
            markers: words after which a place is named.
            regions: those of them that introduce a region.
            streets: those of them that introduce a street.
            spans: units of time: the number before them is no number of a house.
            houses: words for a house's number.
            blocks: words for a block of an estate.
            explaining: words that say what the number after them is.
            directions: words after which a direction is told.
            particles: words that may stand between these and the direction.
            qualifiers: words and numbers that tell apart places of one name.
            cities: names of large cities.
            generic: words that name no particular place.
            frequent: words that stand in many complaints; no place is called so.
            concepts: kinds of trouble, each with the roots of the words that tell of it.
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
        self.particles = particles
        self.qualifiers = qualifiers
        self.cities = cities
        self._no_names = common | generic | frequent
        self._concepts: dict[str, set[str]] = {}
        for concept, words in (concepts or {}).items():
            for word in words:
                for each in {word, *fold(word).split()}:
                    self._concepts.setdefault(each, set()).add(concept)
        self.concepts_of = lru_cache(maxsize=50_000)(self._concepts_of)
        """The kinds of trouble that a word tells of."""

    def may_name(self, word: str) -> bool:
        """Whether a place may be called so."""
        return word not in self._no_names and word not in self.markers and not word.isdigit()

    def _concepts_of(self, word: str) -> frozenset[str]:
        known = self._concepts
        return next((frozenset(known[root]) for root in roots(word) if root in known), frozenset())
