"""Two reports measured against each other: words, places, person, time; agreement *and* conflict of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.fuzz import token_set_ratio

from normalizer.dedup.places import (
    Match,
    compare_kilometres,
    compare_numbers,
    compare_regions,
    compare_streets,
    distance_metres,
)
from normalizer.dedup.report import Report
from normalizer.dedup.words import Overlap, Words, overlap, weighted_containment

_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances from which places agree or conflict."""

    close_metres: float
    far_metres: float
    kilometre_tolerance: float


@dataclass(frozen=True, slots=True)
class Rarity:
    """How telling each word is in the stream's own history, such as an inverse document frequency."""

    of: Mapping[str, float]
    unseen: float
    """For words never met before."""
    rare_from: float
    """From this value a word is called rare."""


@dataclass(frozen=True, slots=True)
class Features:
    """All that the judge weighs. The same for (a, b) and (b, a)."""

    both: Overlap
    words: float
    """Containment, weighted by rarity when document frequencies are known."""
    token_set: float
    """rapidfuzz's token set ratio, 0 to 1."""
    rare_shared: tuple[str, ...]
    numbers_differ: bool
    """Either text has a number that the other lacks."""
    figures_conflict: bool
    """Both texts hold long numbers (customer, account, ticket) and none in common."""
    same_person: bool
    different_person: bool
    """Both reporters are known and have no token in common."""
    same_picture: bool
    category: Match
    region: Match
    street: Match
    number: Match
    rt: Match
    rw: Match
    kilometre: Match
    distance: float | None
    """Metres between the coordinates."""
    close: bool
    far: bool
    days: float
    """Between the two sendings."""

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The specifics that cannot both be true of one incident; each forbids a merge and a link."""
        compared = {
            "region": self.region,
            "street": self.street,
            "house number": self.number,
            "RT": self.rt,
            "RW": self.rw,
            "kilometre": self.kilometre,
        }
        found = [name for name, match in compared.items() if match is Match.CONFLICTS]
        if self.far:
            found.append("coordinates")
        if self.figures_conflict:
            found.append("long number in the text")
        return tuple(found)

    @property
    def places(self) -> tuple[str, ...]:
        """The specifics of place that agree. RT and RW are one; a house number counts on an agreeing street only."""
        found = []
        if self.region is Match.AGREES:
            found.append("region")
        if self.street is Match.AGREES:
            found.append("street")
            if self.number is Match.AGREES:
                found.append("house number")
        if Match.AGREES in (self.rt, self.rw):
            found.append("RT/RW")
        if self.kilometre is Match.AGREES:
            found.append("kilometre")
        if self.close:
            found.append("coordinates")
        return tuple(found)


def measure(
    left: Report, right: Report, words: tuple[Words, Words], limits: Limits, rarity: Rarity | None = None
) -> Features:
    """Measures two reports. The words of both are passed in, since each report is compared many times."""
    left_words, right_words = words
    both = overlap(left_words, right_words)
    same_person = not left.identities.isdisjoint(right.identities)
    distance = distance_metres((left.latitude, left.longitude), (right.latitude, right.longitude))
    figures = left_words.figures, right_words.figures
    return Features(
        both=both,
        words=weighted_containment(both, rarity.of, rarity.unseen) if rarity is not None else both.containment,
        token_set=token_set_ratio(left_words.text, right_words.text) / 100.0,
        rare_shared=_rare(both, rarity),
        numbers_differ=bool(left_words.numbers - right_words.numbers)
        and bool(right_words.numbers - left_words.numbers),
        figures_conflict=all(figures) and figures[0].isdisjoint(figures[1]),
        same_person=same_person,
        different_person=left.reporter_known and right.reporter_known and not same_person,
        same_picture=not left.attachments.isdisjoint(right.attachments),
        category=_compare_categories(left.category, right.category),
        region=compare_regions(left.region_code, right.region_code),
        street=compare_streets(left.street, right.street),
        number=compare_numbers(left.number, right.number),
        rt=compare_numbers(left.rt, right.rt),
        rw=compare_numbers(left.rw, right.rw),
        kilometre=compare_kilometres(left.kilometre, right.kilometre, tolerance=limits.kilometre_tolerance),
        distance=distance,
        close=distance is not None and distance <= limits.close_metres,
        far=distance is not None and distance >= limits.far_metres,
        days=abs((left.sent_at - right.sent_at).total_seconds()) / _SECONDS_PER_DAY,
    )


def _rare(both: Overlap, rarity: Rarity | None) -> tuple[str, ...]:
    if rarity is None:
        return ()
    return tuple(sorted(word for word in both.shared if rarity.of.get(word, rarity.unseen) >= rarity.rare_from))


def _compare_categories(ours: str | None, theirs: str | None) -> Match:
    if ours is None or theirs is None:
        return Match.UNKNOWN
    return Match.AGREES if ours == theirs else Match.CONFLICTS
