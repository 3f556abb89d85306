"""Specifics of two reports that agree or conflict: places, numbers, directions, states. Unknown is never a conflict."""

from collections.abc import Mapping

from rapidfuzz.fuzz import ratio

from normalizer.dedup.overlap import Overlap, other_numbers, other_qualifiers, other_slots
from normalizer.dedup.places import (
    Match,
    compare_kilometres,
    compare_landmarks,
    compare_numbers,
    compare_regions,
    compare_streets,
    name_words,
    other_names,
)
from normalizer.dedup.report import Report
from normalizer.dedup.weights import PlaceLimits
from normalizer.dedup.words import Words

REGION, STREET, HOUSE, RT, RW, KILOMETRE = "region", "street", "house number", "RT", "RW", "kilometre"
RT_RW, COORDINATES, LANDMARK = "RT/RW", "coordinates", "landmark"
FIGURES = "long number in the text"
DIRECTION = "direction"
STATE = "state"
"""One tells of a trouble, the other that it is over."""
SLOT = "place in the words"
"""The texts are alike, but after one and the same place word each says something that the other lacks."""
_OF_A_HOME = (HOUSE, RT, RW)
_HOME_NUMBERS = frozenset({"rt", "rw"})
_SPELLED = 80.0
"""Similarity (0 to 100) from which two directions are one, typed in two ways."""


def compare(left: Report, right: Report, ours: Words, theirs: Words, limits: PlaceLimits) -> dict[str, Match]:
    """How each specific of place compares; one text may name two, of which the reader of addresses takes the first."""
    compared = {
        REGION: compare_regions(left.region_code, right.region_code),
        STREET: compare_streets(left.street, right.street),
        HOUSE: compare_numbers(left.number, right.number),
        RT: compare_numbers(left.rt, right.rt),
        RW: compare_numbers(left.rw, right.rw),
        KILOMETRE: compare_kilometres(left.kilometre, right.kilometre, tolerance=limits.kilometre_tolerance),
        LANDMARK: compare_landmarks(left.landmark, right.landmark),
    }
    for name, one, other in ((STREET, left.street, right.street), (LANDMARK, left.landmark, right.landmark)):
        # One text may name two, of which the reader of addresses takes the first.
        if compared[name] is Match.CONFLICTS and other_names(one, other) and both_named(one, other, ours, theirs):
            compared[name] = Match.UNKNOWN
    return compared


def conflicting(compared: Mapping[str, Match], ours: Words, theirs: Words, *, own_homes: bool) -> list[str]:
    """The specifics that cannot both be true of one incident. With `own_homes` each tells of a home of their own."""
    conflicts = [name for name, match in compared.items() if match is Match.CONFLICTS]
    if HOUSE not in conflicts and disjoint(ours.houses, theirs.houses):
        conflicts.append(HOUSE)
    if own_homes:
        conflicts = [name for name in conflicts if name not in _OF_A_HOME]
    if HOUSE not in conflicts and disjoint(ours.blocks, theirs.blocks):
        conflicts.append(HOUSE)
    return conflicts


def other_places(both: Overlap, ours: Words, theirs: Words, limits: PlaceLimits, *, homes: bool) -> tuple[str, str]:
    """What each says of a place in its words that tells two places apart; or ("", "")."""
    slots = other_qualifiers(ours, theirs)
    if not all(slots):
        slots = other_numbers(ours, theirs, frozenset() if homes else _HOME_NUMBERS)
    if not all(slots) and disjoint(ours.cities, theirs.cities):
        slots = min(ours.cities), min(theirs.cities)
    if not all(slots) and both.torn and both.containment >= limits.alike:
        slots = other_slots(both, ours, theirs, limits.place_markers, limits.generic_places)
    return slots


def other_way(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both tell a direction, or a side, and not the same, whatever the spelling."""
    return disjoint(ours, theirs) and not any(ratio(one, other) >= _SPELLED for one in ours for other in theirs)


def both_named(one: str | None, other: str | None, left: Words, right: Words) -> bool:
    """What one report names stands in the other's words too."""
    our_names, their_names = name_words(one), name_words(other)
    return bool(our_names and our_names <= right.said) or bool(their_names and their_names <= left.said)


def disjoint(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both say something of a kind, and not the same."""
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def apart(ours: Words, theirs: Words) -> bool:
    """Both name streets, and what each names stands nowhere in the other."""
    if not ours.streets or not theirs.streets:
        return False
    return ours.streets.isdisjoint(theirs.said) and theirs.streets.isdisjoint(ours.said)


def agreeing(compared: Mapping[str, Match], *, close: bool) -> tuple[str, ...]:
    """The specifics of place that agree."""
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


def compare_categories(ours: str | None, theirs: str | None) -> Match:
    """Two categories of which both are known."""
    if ours is None or theirs is None:
        return Match.UNKNOWN
    return Match.AGREES if ours == theirs else Match.CONFLICTS
