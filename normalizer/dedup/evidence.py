"""The evidence of a comparison as numbers, each of which speaks in one direction only."""

import math
from typing import Final

from normalizer.dedup.features import COORDINATES, HOUSE, KILOMETRE, RT_RW, Features
from normalizer.dedup.places import Match

NAMES: Final = (
    "containment",
    "matter",
    "matter_shared",
    "place_shared",
    "topic",
    "topic_differs",
    "jaccard",
    "phrases",
    "shared",
    "less_alone",
    "more_alone",
    "swapped",
    "figures_differ",
    "numbers_differ",
    "street",
    "other_street",
    "house",
    "rt_rw",
    "kilometre",
    "close",
    "region",
    "all_around",
    "landmark",
    "category_agrees",
    "category_differs",
    "different_person",
    "picture",
    "days",
)
"""In the order of `evidence`; the weights of `weights.yaml` have the same names."""


def evidence(facts: Features) -> tuple[float, ...]:
    """One number for each of `NAMES`. Sums and times count by their logarithms: the tenth rare word says less than the
    first.
    """
    places = facts.places
    return (
        facts.containment,
        facts.matter,
        math.log1p(facts.matter_shared),
        math.log1p(facts.place_shared),
        facts.topic or 0.0,
        float(facts.topic == 0.0),
        facts.jaccard,
        facts.phrases,
        math.log1p(facts.shared),
        math.log1p(facts.less_alone),
        math.log1p(facts.more_alone),
        math.log1p(facts.swapped),
        float(facts.figures_differ),
        float(facts.numbers_differ),
        float(facts.same_street),
        float(facts.other_street),
        float(HOUSE in places),
        float(RT_RW in places),
        float(KILOMETRE in places),
        float(COORDINATES in places),
        float(facts.same_region),
        float(facts.same_region and facts.all_around),
        float(facts.landmark is Match.AGREES),
        float(facts.category is Match.AGREES),
        float(facts.category is Match.CONFLICTS),
        float(facts.different_person),
        float(facts.same_picture),
        math.log1p(facts.days),
    )
