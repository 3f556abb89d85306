"""Two reports measured against each other: words, places, person, time; agreement *and* conflict of each."""

import math
from collections.abc import Mapping
from typing import NamedTuple

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
from normalizer.dedup.words import Overlap, Words, other_qualifiers, other_slots, overlap, swapped

_SECONDS_PER_DAY = 86_400.0

REGION, STREET, HOUSE, RT, RW, KILOMETRE = "region", "street", "house number", "RT", "RW", "kilometre"
RT_RW, COORDINATES, LANDMARK = "RT/RW", "coordinates", "landmark"
FIGURES = "long number in the text"
DIRECTION = "direction"
SLOT = "place in the words"
"""The texts are alike, but after one and the same place word each says something that the other lacks."""


_STREET_WORDS = frozenset({"jalan", "gang", "lorong"})
_NOTHING: frozenset[str] = frozenset()


class Features(NamedTuple):
    """All that the judge weighs. The same for (a, b) and (b, a)."""

    both: Overlap
    containment: float
    """Shared words over those of the shorter text, each weighted by its rarity."""
    jaccard: float
    """Shared words over all, likewise."""
    phrases: float
    """Shared pairs of neighbouring words over those of the shorter text."""
    shared: float
    """The rarities of the shared words, summed up."""
    less_alone: float
    """The rarities of the words that the other text lacks, summed up, of the text that has less of them."""
    more_alone: float
    """Likewise of the other text."""
    matter: float
    """As `containment`, but only of words that tell what happened: no places, no numbers."""
    matter_shared: float
    """The rarities of such shared words, summed up."""
    place_shared: float
    """The rarities of the shared words that name places, summed up."""
    same_region: bool
    """The regions agree, or both texts name one by the same word."""
    all_around: bool
    """Both tell of a kind of trouble that a whole neighbourhood has: no electricity, no water."""
    topic: float | None
    """Words for kinds of trouble that both tell of, over the (geometric) mean of either's; None when one has none."""
    rare_shared: tuple[str, ...]
    """The rarest shared words, rarest first."""
    swapped: float
    """Of the shared words, the share after which both go on with words that the other lacks."""
    figures_differ: bool
    """Both name long numbers (customer, account, ticket, plate) and none in common. Forbids a merge."""
    numbers_differ: bool
    """Each text has a number that the other lacks."""
    same_person: bool
    different_person: bool
    """Both reporters are known and have no token in common."""
    same_picture: bool
    category: Match
    region: Match
    same_street: bool
    """The streets agree, or both texts name one by the same word."""
    street: Match
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
    """Measures two reports. The words of both are passed in, since each report is compared many times."""
    left_words, right_words = words
    both = overlap(left_words, right_words)
    weighed = _weighed(both, rarity)
    shared = math.fsum(weighed.values())
    our_names, their_names = _named(left), _named(right)
    regions = left_words.regions | right_words.regions
    where = left_words.places | right_words.places | our_names | their_names
    if rarity.documents >= limits.history:
        # A rare word that tells of no kind of trouble is a name too, whatever stands before it.
        kinds = left_words.kinds | right_words.kinds
        where |= {word for word, weight in weighed.items() if weight >= limits.rare_from and word not in kinds}
    matter = math.fsum(weight for word, weight in weighed.items() if word not in where and not word.isdigit())
    matter_alone = min(_matter(both.left_only, where, rarity), _matter(both.right_only, where, rarity))
    less, more = sorted(math.fsum(map(rarity.of, alone)) for alone in (both.left_only, both.right_only))
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
    for name, ours, theirs in ((STREET, left.street, right.street), (LANDMARK, left.landmark, right.landmark)):
        # One text may name two, of which the reader of addresses takes the first.
        if (
            compared[name] is Match.CONFLICTS
            and other_names(ours, theirs)
            and _both_named(ours, theirs, left_words, right_words)
        ):
            compared[name] = Match.UNKNOWN
    conflicts = [name for name, match in compared.items() if match is Match.CONFLICTS]
    if distance is not None and distance >= limits.far_metres:
        conflicts.append(COORDINATES)
    if HOUSE not in conflicts and (
        _disjoint(left_words.houses, right_words.houses) or _disjoint(left_words.blocks, right_words.blocks)
    ):
        conflicts.append(HOUSE)
    slots = other_qualifiers(left_words, right_words)
    if not all(slots) and _apart(both, left_words.cities, right_words.cities):
        slots = min(left_words.cities), min(right_words.cities)
    if not all(slots) and both.torn and both.containment >= limits.alike:
        slots = other_slots(both, left_words, right_words, limits.place_markers, limits.generic_places)
    if all(slots):
        conflicts.append(SLOT)
    if _apart(both, left_words.directions, right_words.directions):
        conflicts.append(DIRECTION)
    return Features(
        both=both,
        containment=shared / (shared + less) if shared else 0.0,
        jaccard=shared / (shared + less + more) if shared else 0.0,
        phrases=_phrases(left_words, right_words),
        shared=shared,
        matter=matter / (matter + matter_alone) if matter else 0.0,
        matter_shared=matter,
        place_shared=_place_shared(
            weighed, where - regions, our_names | left_words.content, their_names | right_words.content, rarity
        ),
        same_region=compared[REGION] is Match.AGREES or not regions.isdisjoint(weighed),
        all_around=not limits.all_around.isdisjoint(left_words.concepts.keys() & right_words.concepts.keys()),
        topic=_topic(left_words, right_words),
        less_alone=less,
        more_alone=more,
        rare_shared=_rare(weighed, limits.rare_from),
        swapped=swapped(both, left_words, right_words) / math.sqrt(len(both.shared) or 1),
        figures_differ=_disjoint(left_words.figures, right_words.figures),
        numbers_differ=bool(left_words.numbers - right_words.numbers)
        and bool(right_words.numbers - left_words.numbers),
        same_person=same_person,
        different_person=left.reporter_known and right.reporter_known and not same_person,
        same_picture=not left.attachments.isdisjoint(right.attachments),
        category=_compare_categories(left.category, right.category),
        region=compared[REGION],
        same_street=compared[STREET] is Match.AGREES
        or (compared[STREET] is Match.UNKNOWN and not left_words.streets.isdisjoint(right_words.streets)),
        street=compared[STREET],
        other_street=compared[STREET] is Match.UNKNOWN
        and not _both_named(left.street, right.street, left_words, right_words)
        and (other_streets(left.street, right.street) or _apart(both, left_words.streets, right_words.streets)),
        landmark=compared[LANDMARK],
        distance=distance,
        close=close,
        days=abs((left.sent_at - right.sent_at).total_seconds()) / _SECONDS_PER_DAY,
        conflicts=tuple(conflicts),
        places=_agreeing(compared, close=close),
        slots=slots,
        corrected=not (
            limits.corrections.isdisjoint(left_words.tokens) and limits.corrections.isdisjoint(right_words.tokens)
        ),
    )


def _weighed(both: Overlap, rarity: Rarity) -> dict[str, float]:
    """The rarities of the shared words. A typing error is not what makes a word rare."""
    weighed = {word: rarity.of(word) for word in both.shared}
    for ours, theirs in both.spelled.items():
        weighed[ours] = min(weighed[ours], rarity.of(theirs))
    return weighed


def _rare(weighed: Mapping[str, float], rare_from: float) -> tuple[str, ...]:
    rare = [(-weight, word) for word, weight in weighed.items() if weight >= rare_from]
    return tuple(word for _, word in sorted(rare))


def _named(report: Report) -> frozenset[str]:
    """The words of the street and the landmark that were found, wherever they stood."""
    named = " ".join(filter(None, (report.street, report.landmark))).casefold()
    return frozenset(named.split()) - _STREET_WORDS if named else _NOTHING


def _place_shared(
    weighed: Mapping[str, float], where: frozenset[str], ours: frozenset[str], theirs: frozenset[str], rarity: Rarity
) -> float:
    # Words that stand in an address field only are not among those of the texts.
    fields = (where & ours & theirs) - weighed.keys()
    return math.fsum([*(weight for word, weight in weighed.items() if word in where), *map(rarity.of, fields)])


def _matter(alone: frozenset[str], where: frozenset[str], rarity: Rarity) -> float:
    return math.fsum(rarity.of(word) for word in alone if word not in where and not word.isdigit())


def _both_named(ours: str | None, theirs: str | None, left: Words, right: Words) -> bool:
    """What one report names stands in the other's words too."""
    our_names, their_names = name_words(ours), name_words(theirs)
    return bool(our_names and our_names <= right.content) or bool(their_names and their_names <= left.content)


def _disjoint(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both say something of a kind, and not the same."""
    return bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _apart(both: Overlap, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both texts name something of a kind, and what each names stands nowhere in the other."""
    return bool(ours) and bool(theirs) and ours <= both.left_only and theirs <= both.right_only


def _topic(left: Words, right: Words) -> float | None:
    ours, theirs = left.concepts, right.concepts
    if not ours or not theirs:
        return None
    both = sum(min(count, theirs[concept]) for concept, count in ours.items() if concept in theirs)
    return both / math.sqrt(sum(ours.values()) * sum(theirs.values()))


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
