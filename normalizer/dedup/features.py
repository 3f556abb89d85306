"""Two reports measured against each other: words, places, person, time; agreement *and* conflict of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.fuzz import token_set_ratio

from normalizer.dedup.places import (
    Match,
    compare_kilometres,
    compare_landmarks,
    compare_numbers,
    compare_regions,
    compare_streets,
    distance_metres,
)
from normalizer.dedup.report import Report
from normalizer.dedup.words import Overlap, Words, other_slots, overlap, weighted_containment

_SECONDS_PER_DAY = 86_400.0
_UNLIKE = 50.0
"""Token set ratio (0 to 100) below which it says nothing, and the exact value is not worth its time."""

REGION, STREET, HOUSE, RT, RW, KILOMETRE = "region", "street", "house number", "RT", "RW", "kilometre"
RT_RW, COORDINATES, LANDMARK = "RT/RW", "coordinates", "landmark"
FIGURES = "long number in the text"
"""Both texts hold long numbers (customer, account, ticket) and none in common."""
SLOT = "place in the words"
"""The texts are alike, but after one and the same place word each says something that the other lacks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Distances from which places agree or conflict."""

    close_metres: float
    far_metres: float
    kilometre_tolerance: float
    alike: float
    """Containment from which texts are alike enough for a word in the same slot to tell two places apart."""
    place_markers: frozenset[str]
    """Words after which a place is named."""
    generic_places: frozenset[str]
    """Words that name no particular place, although they follow a marker."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How telling each word is in the stream's own history, such as an inverse document frequency."""

    of: Mapping[str, float]
    unseen: float
    """For words never met before."""
    rare_from: float
    """From this value a word is called rare."""


class Features(NamedTuple):
    """All that the judge weighs. The same for (a, b) and (b, a)."""

    both: Overlap
    words: float
    """Containment, weighted by rarity when document frequencies are known."""
    token_set: float
    """rapidfuzz's token set ratio, 0 to 1; 0 below a half."""
    rare_shared: tuple[str, ...]
    numbers_differ: bool
    """Each text has a number that the other lacks."""
    same_person: bool
    different_person: bool
    """Both reporters are known and have no token in common."""
    same_picture: bool
    category: Match
    region: Match
    street: Match
    landmark: Match
    distance: float | None
    """Metres between the coordinates."""
    close: bool
    days: float
    """Between the two sendings."""
    conflicts: tuple[str, ...]
    """The specifics that cannot both be true of one incident; each forbids a merge and a link."""
    places: tuple[str, ...]
    """The specifics of place that agree. RT and RW are one; a house number counts on an agreeing street only; a
    landmark does not count, since a hospital is a place of many troubles."""
    slots: tuple[str, str]
    """Of a conflict of the place in the words: what each text says."""


def measure(
    left: Report, right: Report, words: tuple[Words, Words], limits: Limits, rarity: Rarity | None = None
) -> Features:
    """Measures two reports. The words of both are passed in, since each report is compared many times."""
    left_words, right_words = words
    both = overlap(left_words, right_words)
    same_person = not left.identities.isdisjoint(right.identities)
    distance = distance_metres((left.latitude, left.longitude), (right.latitude, right.longitude))
    close = distance is not None and distance <= limits.close_metres
    compared = {
        REGION: compare_regions(left.region_code, right.region_code),
        STREET: compare_streets(left.street, right.street),
        HOUSE: compare_numbers(left.number, right.number),
        RT: compare_numbers(left.rt, right.rt),
        RW: compare_numbers(left.rw, right.rw),
        KILOMETRE: compare_kilometres(left.kilometre, right.kilometre, tolerance=limits.kilometre_tolerance),
        LANDMARK: compare_landmarks(left.landmark, right.landmark),
    }
    conflicts = [name for name, match in compared.items() if match is Match.CONFLICTS]
    if distance is not None and distance >= limits.far_metres:
        conflicts.append(COORDINATES)
    if left_words.figures and right_words.figures and left_words.figures.isdisjoint(right_words.figures):
        conflicts.append(FIGURES)
    slots = ("", "")
    if both.torn and both.containment >= limits.alike:
        slots = other_slots(both, left_words, right_words, limits.place_markers, limits.generic_places)
    if all(slots):
        conflicts.append(SLOT)
    return Features(
        both=both,
        words=weighted_containment(both, rarity.of, rarity.unseen) if rarity is not None else both.containment,
        token_set=token_set_ratio(left_words.text, right_words.text, score_cutoff=_UNLIKE) / 100.0,
        rare_shared=_rare(both, rarity),
        numbers_differ=bool(left_words.numbers - right_words.numbers)
        and bool(right_words.numbers - left_words.numbers),
        same_person=same_person,
        different_person=left.reporter_known and right.reporter_known and not same_person,
        same_picture=not left.attachments.isdisjoint(right.attachments),
        category=_compare_categories(left.category, right.category),
        region=compared[REGION],
        street=compared[STREET],
        landmark=compared[LANDMARK],
        distance=distance,
        close=close,
        days=abs((left.sent_at - right.sent_at).total_seconds()) / _SECONDS_PER_DAY,
        conflicts=tuple(conflicts),
        places=_agreeing(compared, close=close),
        slots=slots,
    )


def _agreeing(compared: Mapping[str, Match], *, close: bool) -> tuple[str, ...]:
    agreeing = {name for name, match in compared.items() if match is Match.AGREES}
    if not agreeing and not close:
        return ()
    found = [name for name in (REGION, STREET) if name in agreeing]
    if HOUSE in agreeing and STREET in agreeing:
        found.append(HOUSE)
    if RT in agreeing or RW in agreeing:
        found.append(RT_RW)
    if KILOMETRE in agreeing:
        found.append(KILOMETRE)
    if close:
        found.append(COORDINATES)
    return tuple(found)


def _rare(both: Overlap, rarity: Rarity | None) -> tuple[str, ...]:
    if rarity is None:
        return ()
    return tuple(sorted(word for word in both.shared if rarity.of.get(word, rarity.unseen) >= rarity.rare_from))


def _compare_categories(ours: str | None, theirs: str | None) -> Match:
    if ours is None or theirs is None:
        return Match.UNKNOWN
    return Match.AGREES if ours == theirs else Match.CONFLICTS
