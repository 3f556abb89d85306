"""Two reports measured against each other: words, places, person, time; agreement *and* conflict of each."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from normalizer.dedup.overlap import Overlap, other_numbers, other_qualifiers, other_slots, overlap
from normalizer.dedup.places import (
    Match,
    compare_kilometres,
    compare_landmarks,
    compare_numbers,
    compare_regions,
    compare_streets,
    distance_metres,
    name_words,
    other_names,
    other_streets,
)
from normalizer.dedup.rarity import Rarity
from normalizer.dedup.report import Report
from normalizer.dedup.weights import PlaceLimits
from normalizer.dedup.words import Words

_SECONDS_PER_DAY = 86_400.0

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
_SAME_TOPIC = 0.4
_UNMARKED = 0.6
"""What a name weighs that no text introduces as one: it may be a word that nobody told us."""
_BUILDING = 0.3
"""What says that both name the same kind of building."""
_SPELLED = 80.0
"""Similarity (0 to 100) from which two directions are one, typed in two ways."""
_NUMBERED = 0.7
"""What a name or a word for a place with the same number says: `koridor 2`, `SMP 88`."""


class Features(NamedTuple):
    """All that the judge weighs. The same for (a, b) and (b, a)."""

    both: Overlap
    containment: float
    """Shared words over those of the shorter text, each weighted by its rarity."""
    phrases: float
    """Shared pairs of neighbouring words over those of the shorter text."""
    matter: float
    """As `containment`, but only of words that tell what happened: no names, no numbers."""
    matter_shared: float
    """The rarities of such shared words, summed up."""
    topic: float | None
    """Words for kinds of trouble that both tell of, over the (geometric) mean of either's; None when one has none."""
    kinds: frozenset[str]
    """The kinds of trouble that both tell of."""
    same_kind: bool
    """What they tell of most is the same kind of trouble."""
    other_kind: bool
    """Both tell of kinds of trouble, most of other ones."""
    place_shared: float
    """The rarities of the names that both say, wherever they stand, summed up; names of regions left out."""
    names_apart: float
    """The rarities of the names that the other does not say, of the one that has less of them."""
    refilled: float
    """How far the same phrases stand beside other names: one form, filled in for two places or people."""
    elsewhere: bool
    """Both name a spot (a street, a building, what stands beside it), and no spot in common."""
    together: float
    """How far place and trouble agree both: the one without the other makes no incident."""
    rare_shared: tuple[str, ...]
    """The rarest shared words, rarest first."""
    less_alone: float
    """The rarities of the words that the other text lacks, summed up, of the text that has less of them."""
    figures_differ: bool
    """Both name long numbers (customer, account, ticket, plate) or people, and none in common. Forbids a merge."""
    numbers_differ: bool
    """Each text has a number that the other lacks."""
    same_person: bool
    different_person: bool
    """Both reporters are known and have no token in common."""
    same_picture: bool
    reminds: bool
    """The later of the two comes back to what was told before."""
    category: Match
    region: Match
    same_region: bool
    """The regions agree, or both name one by the same word."""
    all_around: bool
    """Both tell of a kind of trouble that a whole neighbourhood has: no electricity, no water."""
    street: Match
    same_street: bool
    """The streets agree, or both name one by the same word."""
    other_street: bool
    """Two streets that share no name, though one may lie on the other: an alley and a road."""
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
    corrected: bool
    """One of the two says that it corrects something."""


def measure(left: Report, right: Report, words: tuple[Words, Words], limits: PlaceLimits, rarity: Rarity) -> Features:
    """Measures two reports, the earlier first. The words of both are passed in: each is compared many times."""
    ours, theirs = words
    both = overlap(ours, theirs)
    weighed = _weighed(both, rarity)
    shared = math.fsum(weighed.values())
    less = min(math.fsum(map(rarity.of, both.left_only)), math.fsum(map(rarity.of, both.right_only)))
    matter, matter_shared = _matter(both, weighed, ours, theirs, rarity)
    topic = _topic(ours, theirs)
    compared = _compared(left, right, ours, theirs, limits)
    distance = distance_metres((left.latitude, left.longitude), (right.latitude, right.longitude))
    close = distance is not None and distance <= limits.close_metres
    kinds = _foremost(ours), _foremost(theirs)
    same_kind = not kinds[0].isdisjoint(kinds[1]) and (topic or 0.0) >= _SAME_TOPIC
    all_around = same_kind and kinds[0] | kinds[1] <= limits.all_around
    # Whoever is without power, or under water, names their own home; a neighbour's is another one. A form does too.
    own_homes = all_around and both.containment < limits.alike
    conflicts = _conflicts(compared, ours, theirs, own_homes=own_homes)
    slots = _slots(both, ours, theirs, limits, own_homes=own_homes)
    if distance is not None and distance >= limits.far_metres:
        conflicts.append(COORDINATES)
    if all(slots):
        conflicts.append(SLOT)
    if _other_way(ours.directions, theirs.directions) or _other_way(ours.sides, theirs.sides):
        conflicts.append(DIRECTION)
    if ours.is_over != theirs.is_over:
        conflicts.append(STATE)
    same_region = compared[REGION] is Match.AGREES or _named_by_both(ours.regions, theirs.regions, ours, theirs)
    same_street = compared[STREET] is Match.AGREES or (
        compared[STREET] is Match.UNKNOWN and _named_by_both(ours.streets, theirs.streets, ours, theirs)
    )
    phrases, names_apart = _phrases(ours, theirs), _names_apart(both, ours, theirs, rarity)
    place_shared = _place_shared(both, ours, theirs, rarity)
    category = _compare_categories(left.category, right.category)
    same_person = not left.identities.isdisjoint(right.identities)
    places = _agreeing(compared, close=close)
    return Features(
        both=both,
        containment=shared / (shared + less) if shared else 0.0,
        phrases=phrases,
        matter=matter,
        matter_shared=matter_shared,
        topic=topic,
        place_shared=place_shared,
        kinds=frozenset(ours.concepts.keys() & theirs.concepts.keys()),
        same_kind=same_kind,
        other_kind=bool(kinds[0]) and bool(kinds[1]) and not same_kind,
        names_apart=names_apart,
        refilled=phrases * names_apart,
        elsewhere=_elsewhere(ours, theirs),
        together=_place(place_shared, places, compared, same_street=same_street, same_region=same_region)
        * max(topic or 0.0, 0.7 * same_kind, matter, 0.4 * (category is Match.AGREES)),
        rare_shared=_rare(weighed, limits.rare_from),
        less_alone=less,
        figures_differ=_disjoint(ours.figures, theirs.figures),
        numbers_differ=bool(ours.numbers - theirs.numbers) and bool(theirs.numbers - ours.numbers),
        same_person=same_person,
        different_person=left.reporter_known and right.reporter_known and not same_person,
        same_picture=not left.attachments.isdisjoint(right.attachments),
        reminds=theirs.reminds,
        category=category,
        region=compared[REGION],
        same_region=same_region,
        all_around=all_around,
        street=compared[STREET],
        same_street=same_street,
        other_street=compared[STREET] is Match.UNKNOWN
        and not same_street
        and not _both_named(left.street, right.street, ours, theirs)
        and (other_streets(left.street, right.street) or _apart(ours, theirs)),
        landmark=compared[LANDMARK],
        distance=distance,
        close=close,
        days=abs((left.sent_at - right.sent_at).total_seconds()) / _SECONDS_PER_DAY,
        conflicts=tuple(conflicts),
        places=places,
        slots=slots if all(slots) else ("", ""),
        corrected=not (limits.corrections.isdisjoint(ours.tokens) and limits.corrections.isdisjoint(theirs.tokens)),
    )


def _compared(left: Report, right: Report, ours: Words, theirs: Words, limits: PlaceLimits) -> dict[str, Match]:
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
        if compared[name] is Match.CONFLICTS and other_names(one, other) and _both_named(one, other, ours, theirs):
            compared[name] = Match.UNKNOWN
    return compared


def _conflicts(compared: Mapping[str, Match], ours: Words, theirs: Words, *, own_homes: bool) -> list[str]:
    conflicts = [name for name, match in compared.items() if match is Match.CONFLICTS]
    if HOUSE not in conflicts and _disjoint(ours.houses, theirs.houses):
        conflicts.append(HOUSE)
    if own_homes:
        conflicts = [name for name in conflicts if name not in _OF_A_HOME]
    if HOUSE not in conflicts and _disjoint(ours.blocks, theirs.blocks):
        conflicts.append(HOUSE)
    return conflicts


def _slots(both: Overlap, ours: Words, theirs: Words, limits: PlaceLimits, *, own_homes: bool) -> tuple[str, str]:
    slots = other_qualifiers(ours, theirs)
    if not all(slots):
        slots = other_numbers(ours, theirs, _HOME_NUMBERS if own_homes else frozenset())
    if not all(slots) and _disjoint(ours.cities, theirs.cities):
        slots = min(ours.cities), min(theirs.cities)
    if not all(slots) and both.torn and both.containment >= limits.alike:
        slots = other_slots(both, ours, theirs, limits.place_markers, limits.generic_places)
    return slots


def _other_way(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both tell a direction, or a side, and not the same, whatever the spelling."""
    return _disjoint(ours, theirs) and not any(ratio(one, other) >= _SPELLED for one in ours for other in theirs)


def _weighed(both: Overlap, rarity: Rarity) -> dict[str, float]:
    """The rarities of the shared words. A typing error is not what makes a word rare."""
    weighed = {word: rarity.of(word) for word in both.shared}
    for ours, theirs in both.spelled.items():
        weighed[ours] = min(weighed[ours], rarity.of(theirs))
    return weighed


def _matter(
    both: Overlap, weighed: Mapping[str, float], ours: Words, theirs: Words, rarity: Rarity
) -> tuple[float, float]:
    matter = ours.matter & theirs.matter
    shared = math.fsum(weight for word, weight in weighed.items() if word in matter)
    alone = min(
        math.fsum(rarity.of(word) for word in both.left_only if word in ours.matter),
        math.fsum(rarity.of(word) for word in both.right_only if word in theirs.matter),
    )
    return (shared / (shared + alone) if shared else 0.0), shared


def _place_shared(both: Overlap, ours: Words, theirs: Words, rarity: Rarity) -> float:
    named = (ours.names & theirs.said) | (theirs.names & ours.said)
    named -= ours.regions | theirs.regions
    spelled = [
        min(rarity.of(one), rarity.of(other))
        for one, other in both.spelled.items()
        if one in ours.names and one not in ours.regions and other not in theirs.regions
    ]
    told = ours.marked | theirs.marked | ours.spots | theirs.spots
    weights = [rarity.of(word) if word in told else _UNMARKED * rarity.of(word) for word in named]
    buildings = _BUILDING * len(ours.buildings & theirs.buildings)
    numbered = sum(
        not numbers.isdisjoint(theirs.numbered[base])
        for base, numbers in ours.numbered.items()
        if base in theirs.numbered
    )
    return math.fsum([*weights, *spelled, buildings, _NUMBERED * numbered])


def _names_apart(both: Overlap, ours: Words, theirs: Words, rarity: Rarity) -> float:
    left = ours.names - theirs.said - both.spelled.keys()
    right = theirs.names - ours.said - frozenset(both.spelled.values())
    if not left or not right:
        return 0.0
    return min(math.fsum(map(rarity.of, left)), math.fsum(map(rarity.of, right)))


def _elsewhere(ours: Words, theirs: Words) -> bool:
    left, right = ours.spots | ours.marked, theirs.spots | theirs.marked
    return bool(left) and bool(right) and left.isdisjoint(theirs.said | right) and right.isdisjoint(ours.said | left)


def _place(
    shared: float, places: tuple[str, ...], compared: Mapping[str, Match], *, same_street: bool, same_region: bool
) -> float:
    """How far the places agree, between 0 and 1."""
    told = (
        shared
        + 1.0 * same_street
        + 0.7 * same_region
        + 1.0 * (RT_RW in places)
        + 1.0 * (KILOMETRE in places)
        + 2.0 * (COORDINATES in places)
        + 0.5 * (compared[LANDMARK] is Match.AGREES)
    )
    return 1.0 - math.exp(-told)


def _named_by_both(our_places: frozenset[str], their_places: frozenset[str], ours: Words, theirs: Words) -> bool:
    """A word that follows one for a street, or a region, in one text at least, and is a name in the other too."""
    return not our_places.isdisjoint(theirs.names) or not their_places.isdisjoint(ours.names)


def _foremost(words: Words) -> frozenset[str]:
    """The kinds of trouble of which a text tells most."""
    most = max(words.concepts.values(), default=0)
    return frozenset(kind for kind, count in words.concepts.items() if count == most)


def _rare(weighed: Mapping[str, float], rare_from: float) -> tuple[str, ...]:
    rare = [(-weight, word) for word, weight in weighed.items() if weight >= rare_from]
    return tuple(word for _, word in sorted(rare))


def _both_named(one: str | None, other: str | None, left: Words, right: Words) -> bool:
    """What one report names stands in the other's words too."""
    our_names, their_names = name_words(one), name_words(other)
    return bool(our_names and our_names <= right.said) or bool(their_names and their_names <= left.said)


def _disjoint(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both say something of a kind, and not the same."""
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _apart(ours: Words, theirs: Words) -> bool:
    """Both name streets, and what each names stands nowhere in the other."""
    if not ours.streets or not theirs.streets:
        return False
    return ours.streets.isdisjoint(theirs.said) and theirs.streets.isdisjoint(ours.said)


def _topic(left: Words, right: Words) -> float | None:
    ours, theirs = left.concepts, right.concepts
    if not ours or not theirs:
        return None
    both = sum(min(count, theirs[concept]) for concept, count in ours.items() if concept in theirs)
    return min(1.0, both / math.sqrt(sum(ours.values()) * sum(theirs.values())))


def _phrases(left: Words, right: Words) -> float:
    shorter = min(len(left.phrases), len(right.phrases))
    return len(left.phrases & right.phrases) / shorter if shorter else 0.0


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


def _compare_categories(ours: str | None, theirs: str | None) -> Match:
    if ours is None or theirs is None:
        return Match.UNKNOWN
    return Match.AGREES if ours == theirs else Match.CONFLICTS
