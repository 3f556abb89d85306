"""What the words of two complaints share: of what happened, of names, of kinds of trouble; and what each says alone."""

import math
from collections.abc import Mapping

from normalizer.dedup.conflicts import COORDINATES, KILOMETRE, LANDMARK, RT_RW
from normalizer.dedup.overlap import Overlap
from normalizer.dedup.places import Match
from normalizer.dedup.rarity import Rarity
from normalizer.dedup.words import Words

_UNMARKED = 0.6
"""What a name weighs that no text introduces as one: it may be a word that nobody told us."""
_BUILDING = 0.3
"""What says that both name the same kind of building."""
_NUMBERED = 0.7
"""What a name or a word for a place with the same number says: `koridor 2`, `SMP 88`."""


def rarities(both: Overlap, rarity: Rarity) -> dict[str, float]:
    """The rarities of the shared words. A typing error is not what makes a word rare."""
    weighed = {word: rarity.of(word) for word in both.shared}
    for ours, theirs in both.spelled.items():
        weighed[ours] = min(weighed[ours], rarity.of(theirs))
    return weighed


def matter_of(
    both: Overlap, weighed: Mapping[str, float], ours: Words, theirs: Words, rarity: Rarity
) -> tuple[float, float]:
    """How far what happened is the same: the share of common words that tell it, and their rarities, summed up."""
    matter = ours.matter & theirs.matter
    shared = math.fsum(weight for word, weight in weighed.items() if word in matter)
    alone = min(
        math.fsum(rarity.of(word) for word in both.left_only if word in ours.matter),
        math.fsum(rarity.of(word) for word in both.right_only if word in theirs.matter),
    )
    return (shared / (shared + alone) if shared else 0.0), shared


def place_shared_by(both: Overlap, ours: Words, theirs: Words, rarity: Rarity) -> float:
    """The rarities of the names that both say, summed up; names of regions left out."""
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


def names_apart_of(both: Overlap, ours: Words, theirs: Words, rarity: Rarity) -> float:
    """The rarities of the names that the other does not say, of the one that has less of them."""
    left = ours.names - theirs.said - both.spelled.keys()
    right = theirs.names - ours.said - frozenset(both.spelled.values())
    if not left or not right:
        return 0.0
    return min(math.fsum(map(rarity.of, left)), math.fsum(map(rarity.of, right)))


def is_elsewhere(ours: Words, theirs: Words) -> bool:
    """Both name a spot, and no spot in common."""
    left, right = ours.spots | ours.marked, theirs.spots | theirs.marked
    return bool(left) and bool(right) and left.isdisjoint(theirs.said | right) and right.isdisjoint(ours.said | left)


def place_agreement(
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


def named_by_both(our_places: frozenset[str], their_places: frozenset[str], ours: Words, theirs: Words) -> bool:
    """A word that follows one for a street, or a region, in one text at least, and is a name in the other too."""
    return not our_places.isdisjoint(theirs.names) or not their_places.isdisjoint(ours.names)


def foremost(words: Words) -> frozenset[str]:
    """The kinds of trouble of which a text tells most."""
    most = max(words.concepts.values(), default=0)
    return frozenset(kind for kind, count in words.concepts.items() if count == most)


def rarest(weighed: Mapping[str, float], rare_from: float) -> tuple[str, ...]:
    """The rare ones of the shared words, rarest first."""
    rare = [(-weight, word) for word, weight in weighed.items() if weight >= rare_from]
    return tuple(word for _, word in sorted(rare))


def topic_of(left: Words, right: Words) -> float | None:
    """Words for kinds of trouble that both tell of, over the mean of either's; None when one has none."""
    ours, theirs = left.concepts, right.concepts
    if not ours or not theirs:
        return None
    both = sum(min(count, theirs[concept]) for concept, count in ours.items() if concept in theirs)
    return min(1.0, both / math.sqrt(sum(ours.values()) * sum(theirs.values())))


def phrases_of(left: Words, right: Words) -> float:
    """Shared pairs of neighbouring words over those of the shorter text."""
    shorter = min(len(left.phrases), len(right.phrases))
    return len(left.phrases & right.phrases) / shorter if shorter else 0.0
