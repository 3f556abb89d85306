"""Why two reports are or are not one: each fact with what speaks for and against, the sums, the limits, the vetoes.

Nobody is named: of the reporters it is said only whether they are one, of pictures whether they are the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from normalizer.dedup.conflicts import COORDINATES, DIRECTION, FIGURES, HOUSE, RT, RW, SLOT
from normalizer.dedup.evidence import NAMES, evidence
from normalizer.dedup.features import Features
from normalizer.dedup.places import Match, compare_kilometres, compare_numbers
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Judgement, Scorer
from normalizer.dedup.weights import ScoreWeights, Weights

Says = Literal["agrees", "conflicts", "unknown"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that both reports may tell."""

    name: str
    a: str
    """What the first tells; empty when it tells nothing, or nothing that may be shown."""
    b: str
    says: Says


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number of the weighing, and what it adds to either sum."""

    name: str
    value: float
    merge: float
    link: float


@dataclass(frozen=True, slots=True)
class Score:
    """How far the evidence goes, and how far it has to."""

    score: float
    threshold: float
    bias: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that the judge went by."""

    judgement: Judgement
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]
    """What is not zero, the weightiest first."""
    merge: Score
    link: Score
    vetoes: tuple[str, ...]
    """What forbids, whatever the words say, and which of the two it forbids."""


def explain(judge: Judge, a: Report, b: Report) -> Explanation:
    """The verdict on two reports, taken apart."""
    features, weights = judge.features(a, b), judge.weights
    found = evidence(features)
    # One scale for people who repeat themselves, one for texts of which a reporter is unknown.
    scale = weights.scores.repeat if features.same_person else weights.scores.copy_
    incident = weights.scores.incident
    parts = [
        Evidence(name, round(value, 4), *(round(value * getattr(each, name), 4) for each in (scale, incident)))
        for name, value in zip(NAMES, found, strict=True)
        if value
    ]
    rules, judgement = weights.merge, judge.judge(a, b)
    return Explanation(
        judgement=judgement,
        facts=tuple(_facts(features, weights, a, b)),
        evidence=tuple(sorted(parts, key=lambda each: -max(abs(each.merge), abs(each.link)))),
        merge=_score(found, scale, rules.threshold if features.same_person else rules.threshold_unknown),
        link=_score(found, incident, weights.link.threshold),
        # Who corrects what they said contradicts it; nothing else outranks a veto.
        vetoes=() if judgement.kind == "merge" else tuple(_vetoes(features)),
    )


def _score(found: tuple[float, ...], scale: ScoreWeights, threshold: float) -> Score:
    return Score(round(Scorer(scale).score(found), 4), threshold, scale.bias)


def _facts(features: Features, weights: Weights, a: Report, b: Report) -> Iterator[Fact]:
    yield Fact("person", "", "", _says(agrees=features.same_person, conflicts=features.different_person))
    yield Fact("region", a.region_code or "", b.region_code or "", _match(features.region))
    street: Says = "conflicts" if features.other_street else _match(features.street)
    yield Fact("street", a.street or "", b.street or "", "agrees" if features.same_street else street)
    house = "conflicts" if HOUSE in features.conflicts else _match(compare_numbers(a.number, b.number))
    yield Fact("house number", a.number or "", b.number or "", house)
    for name, ours, theirs in ((RT, a.rt, b.rt), (RW, a.rw, b.rw)):
        yield Fact(name, ours or "", theirs or "", _match(compare_numbers(ours, theirs)))
    tolerance = weights.limits.kilometre_tolerance
    kilometres = compare_kilometres(a.kilometre, b.kilometre, tolerance=tolerance)
    yield Fact("kilometre", _number(a.kilometre), _number(b.kilometre), _match(kilometres))
    yield Fact("landmark", a.landmark or "", b.landmark or "", _match(features.landmark))
    apart = "" if features.distance is None else f"{features.distance:.0f} m apart"
    yield Fact("coordinates", apart, apart, _says(agrees=features.close, conflicts=COORDINATES in features.conflicts))
    yield Fact("place in the words", *features.slots, "conflicts" if SLOT in features.conflicts else "unknown")
    yield Fact("direction", "", "", "conflicts" if DIRECTION in features.conflicts else "unknown")
    yield Fact(FIGURES, "", "", "conflicts" if features.figures_differ else "unknown")
    topic = features.topic
    yield Fact("problem", "", "", _says(agrees=bool(topic), conflicts=topic == 0.0))
    yield Fact("category", a.category or "", b.category or "", _match(features.category))
    yield Fact("attachment", "", "", _says(agrees=features.same_picture, conflicts=False))
    window = features.days <= weights.longest_window
    days = f"{features.days:.1f} days apart"
    yield Fact("time", days, days, _says(agrees=window, conflicts=not window))


def _vetoes(features: Features) -> Iterator[str]:
    for name in features.conflicts:
        yield f"different {name}: no merge, no link"
    if features.different_person:
        yield "two known persons: no merge"
    if features.figures_differ:
        yield f"different {FIGURES}: no merge"
    if features.other_street:
        yield "another street: no merge"


def _match(match: Match) -> Says:
    return _says(agrees=match is Match.AGREES, conflicts=match is Match.CONFLICTS)


def _says(*, agrees: bool, conflicts: bool) -> Says:
    return "agrees" if agrees else "conflicts" if conflicts else "unknown"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
