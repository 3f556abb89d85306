"""Two reports measured against each other: words, places, person, time; agreement *and* conflict of each."""

import math
from typing import NamedTuple

from normalizer.dedup.conflicts import (
    COORDINATES,
    DIRECTION,
    LANDMARK,
    REGION,
    RT,
    RW,
    SLOT,
    STATE,
    STREET,
    agreeing,
    apart,
    both_named,
    compare,
    compare_categories,
    conflicting,
    disjoint,
    other_places,
    other_way,
)
from normalizer.dedup.overlap import Overlap, overlap
from normalizer.dedup.places import Match, distance_metres, other_streets
from normalizer.dedup.rarity import Rarity
from normalizer.dedup.report import Report
from normalizer.dedup.sharing import (
    foremost,
    is_elsewhere,
    matter_of,
    named_by_both,
    names_apart_of,
    phrases_of,
    place_agreement,
    place_shared_by,
    rarest,
    rarities,
    topic_of,
)
from normalizer.dedup.weights import PlaceLimits
from normalizer.dedup.words import Words

_SECONDS_PER_DAY = 86_400.0
_SAME_TOPIC = 0.4
"""From such a share of common words for kinds of trouble on, the foremost kind of both is the same."""


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
    weighed = rarities(both, rarity)
    shared = math.fsum(weighed.values())
    less = min(math.fsum(map(rarity.of, both.left_only)), math.fsum(map(rarity.of, both.right_only)))
    matter, matter_shared = matter_of(both, weighed, ours, theirs, rarity)
    topic = topic_of(ours, theirs)
    compared = compare(left, right, ours, theirs, limits)
    distance = distance_metres((left.latitude, left.longitude), (right.latitude, right.longitude))
    close = distance is not None and distance <= limits.close_metres
    kinds = foremost(ours), foremost(theirs)
    same_kind = not kinds[0].isdisjoint(kinds[1]) and (topic or 0.0) >= _SAME_TOPIC
    all_around = same_kind and kinds[0] | kinds[1] <= limits.all_around
    # Whoever is without power, or under water, names their own home; a neighbour's is another one. A form does too.
    own_homes = all_around and both.containment < limits.alike
    conflicts = conflicting(compared, ours, theirs, own_homes=own_homes)
    homes = not own_homes and RT not in conflicts and RW not in conflicts
    slots = other_places(both, ours, theirs, limits, homes=homes)
    if distance is not None and distance >= limits.far_metres:
        conflicts.append(COORDINATES)
    if all(slots):
        conflicts.append(SLOT)
    if other_way(ours.directions, theirs.directions) or other_way(ours.sides, theirs.sides):
        conflicts.append(DIRECTION)
    if ours.is_over != theirs.is_over:
        conflicts.append(STATE)
    same_region = compared[REGION] is Match.AGREES or named_by_both(ours.regions, theirs.regions, ours, theirs)
    same_street = compared[STREET] is Match.AGREES or (
        compared[STREET] is Match.UNKNOWN and named_by_both(ours.streets, theirs.streets, ours, theirs)
    )
    phrases, names_apart = phrases_of(ours, theirs), names_apart_of(both, ours, theirs, rarity)
    place_shared = place_shared_by(both, ours, theirs, rarity)
    category = compare_categories(left.category, right.category)
    same_person = not left.identities.isdisjoint(right.identities)
    places = agreeing(compared, close=close)
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
        elsewhere=is_elsewhere(ours, theirs),
        together=place_agreement(place_shared, places, compared, same_street=same_street, same_region=same_region)
        * max(topic or 0.0, 0.7 * same_kind, matter, 0.4 * (category is Match.AGREES)),
        rare_shared=rarest(weighed, limits.rare_from),
        less_alone=less,
        figures_differ=disjoint(ours.figures, theirs.figures),
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
        and not both_named(left.street, right.street, ours, theirs)
        and (other_streets(left.street, right.street) or apart(ours, theirs)),
        landmark=compared[LANDMARK],
        distance=distance,
        close=close,
        days=abs((left.sent_at - right.sent_at).total_seconds()) / _SECONDS_PER_DAY,
        conflicts=tuple(conflicts),
        places=places,
        slots=slots if all(slots) else ("", ""),
        corrected=not (limits.corrections.isdisjoint(ours.tokens) and limits.corrections.isdisjoint(theirs.tokens)),
    )
