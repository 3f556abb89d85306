"""Weights proposed from labelled pairs: fitted, their thresholds chosen on what they had not seen. Nothing is applied.

Three scores are fitted, each on the pairs that it decides: of one person's reports, of reports of which a reporter is
unknown, and of all that may tell one incident. What a conflict of specifics forbids anyway teaches them nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from normalizer.dedup.evidence import NAMES, evidence
from normalizer.dedup.features import Features
from normalizer.dedup.fitting import Bounds, Line, Row, fit, threshold, unseen_scores
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Kind
from normalizer.dedup.weights import ScoreWeights, Weights

Label = Literal["same_report", "same_incident", "different"]
_KIND: Mapping[Label, Kind] = {"same_report": "merge", "same_incident": "link", "different": "none"}
_FAR = 6.0
"""No weight goes beyond, whatever few examples say."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pair that was measured, and what it is."""

    facts: Features
    categories: frozenset[str]
    label: Label
    group: str = ""
    """Pairs of one group (a kind of pair, an incident, a vocabulary) are not parted when weights are tried."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Aims:
    """Precisions that the thresholds are chosen for."""

    merge: float = 0.995
    merge_unknown: float = 0.995
    link: float = 0.96


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one kind was told, and rightly."""

    right: int
    found: int
    true: int


def labelled(
    judge: Judge, one: Report, other: Report, label: Label, *, group: str = "", weight: float = 1.0
) -> Labelled:
    """Measures a pair as the judge does."""
    categories = frozenset(filter(None, (one.category, other.category)))
    return Labelled(judge.features(one, other), categories, label, group, weight)


def propose(
    pairs: Sequence[Labelled], start: Weights, *, strength: float = 2.0, folds: int = 5, aims: Aims | None = None
) -> Weights:
    """The weights of `start`, with the three scores and their thresholds fitted to these pairs.

    A score of which there are no examples of both kinds stays as it is. `strength` is how many pairs' worth each
    weight clings to where it starts: high where there are few pairs. The limits, words and windows stay.
    """
    aims = aims or Aims()
    scores = start.scores
    merge, link = start.merge, start.link
    if (found := _fitted(_rows(pairs, "repeat"), scores.repeat, aims.merge, strength, folds)) is not None:
        scores = scores.model_copy(update={"repeat": found[0]})
        merge = merge.model_copy(update={"threshold": found[1]})
    if (found := _fitted(_rows(pairs, "copy"), scores.copy_, aims.merge_unknown, strength, folds)) is not None:
        scores = scores.model_copy(update={"copy_": found[0]})
        merge = merge.model_copy(update={"threshold_unknown": found[1]})
    if (found := _fitted(_rows(pairs, "incident"), scores.incident, aims.link, strength, folds)) is not None:
        scores = scores.model_copy(update={"incident": found[0]})
        link = link.model_copy(update={"threshold": found[1]})
    return start.model_copy(update={"scores": scores, "merge": merge, "link": link})


def evaluate(pairs: Sequence[Labelled], weights: Weights) -> dict[Kind, Counted]:
    """How often these weights are right about merges and links; for `none`, about what is neither."""
    judge = Judge(weights)
    told = [(judge.kind(pair.facts, pair.categories), _KIND[pair.label]) for pair in pairs]
    kinds: tuple[Kind, ...] = ("merge", "link", "none")
    return {
        kind: Counted(
            right=sum(said == wanted == kind for said, wanted in told),
            found=sum(said == kind for said, _ in told),
            true=sum(wanted == kind for _, wanted in told),
        )
        for kind in kinds
    }


def _rows(pairs: Sequence[Labelled], score: Literal["repeat", "copy", "incident"]) -> list[Row]:
    """The pairs that one score decides, as it sees them."""
    rows = []
    for pair in pairs:
        facts = pair.facts
        if facts.conflicts:
            continue
        if score == "incident":
            fits = pair.label != "same_report"
        else:
            fits = not facts.different_person and facts.same_person == (score == "repeat")
        if fits:
            true = pair.label == ("same_incident" if score == "incident" else "same_report")
            rows.append(Row(evidence(facts), true, pair.weight, pair.group))
    return rows


def _fitted(
    rows: Sequence[Row], start: ScoreWeights, precision: float, strength: float, folds: int
) -> tuple[ScoreWeights, float] | None:
    if len({row.true for row in rows}) < 2:
        return None
    line = Line(start.bias, tuple(getattr(start, name) for name in NAMES))
    bounds = [_bounds(name) for name in NAMES]
    scores = unseen_scores(rows, line, bounds, folds=folds, strength=strength)
    found = fit(rows, line, bounds, strength=strength)
    fitted = {name: round(weight, 3) for name, weight in zip(NAMES, found.weights, strict=True)}
    return start.model_copy(update={"bias": round(found.bias, 3), **fitted}), round(
        threshold(scores, rows, precision=precision), 3
    )


def _bounds(name: str) -> Bounds:
    """The sign that a weight has by what it means, as `ScoreWeights` says it."""
    limits = ScoreWeights.model_fields[name].metadata
    low = max((limit.ge for limit in limits if getattr(limit, "ge", None) is not None), default=-_FAR)
    high = min((limit.le for limit in limits if getattr(limit, "le", None) is not None), default=_FAR)
    return Bounds(float(low), float(high))
