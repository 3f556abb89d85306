"""The evidence of a comparison as numbers, each of which speaks in one direction only."""

import math
from typing import Final

from normalizer.dedup.conflicts import COORDINATES, HOUSE, KILOMETRE, RT_RW
from normalizer.dedup.features import Features
from normalizer.dedup.places import Match

NAMES: Final = (
    "containment",
    "phrases",
    "matter",
    "matter_shared",
    "topic",
    "same_kind",
    "place_shared",
    "together",
    "street",
    "house",
    "rt_rw",
    "kilometre",
    "close",
    "region",
    "all_around",
    "landmark",
    "category_agrees",
    "reminds",
    "picture",
    "less_alone",
    "topic_differs",
    "other_kind",
    "names_apart",
    "refilled",
    "elsewhere",
    "numbers_differ",
    "figures_differ",
    "other_street",
    "category_differs",
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
        facts.phrases,
        facts.matter,
        math.log1p(facts.matter_shared),
        facts.topic or 0.0,
        float(facts.same_kind),
        math.log1p(facts.place_shared),
        facts.together,
        float(facts.same_street),
        float(HOUSE in places),
        float(RT_RW in places),
        float(KILOMETRE in places),
        float(COORDINATES in places),
        float(facts.same_region),
        float(facts.same_region and facts.all_around),
        float(facts.landmark is Match.AGREES),
        float(facts.category is Match.AGREES),
        float(facts.reminds),
        float(facts.same_picture),
        math.log1p(facts.less_alone),
        float(facts.topic == 0.0),
        float(facts.other_kind),
        math.log1p(facts.names_apart),
        math.log1p(facts.refilled),
        float(facts.elsewhere),
        float(facts.numbers_differ),
        float(facts.figures_differ),
        float(facts.other_street),
        float(facts.category is Match.CONFLICTS),
        math.log1p(facts.days),
    )
