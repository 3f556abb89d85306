"""Weights from examples: they tell what they were shown, keep their signs, and cling to where they start."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from normalizer.dedup.fitting import Bounds, Line, Row, fit, threshold, unseen_scores
from normalizer.dedup.proposing import Aims, Label, Labelled, evaluate, labelled, propose
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge

Make = Callable[..., Report]
FREE = [Bounds(-6.0, 6.0), Bounds(-6.0, 0.0), Bounds(0.0, 6.0)]
START = Line(0.0, (0.0, 0.0, 0.0))


def rows(count: int = 400) -> list[Row]:
    """The first number tells the true ones, mostly; the second says the contrary of what its sign may say."""
    rng = random.Random(7)
    found = []
    for number in range(count):
        true = rng.random() < 0.5
        first = rng.gauss(1.0 if true else -1.0, 0.8)
        found.append(Row((first, float(true), rng.random()), true, group=str(number % 10)))
    return found


def test_the_telling_number_gets_weight_and_no_weight_changes_its_sign() -> None:
    line = fit(rows(), START, FREE)
    assert line.weights[0] > 1.0
    assert line.weights[1] == 0.0
    right = sum((line.score(row.found) > 0.5) == row.true for row in rows())
    assert right > 340


def test_a_strong_hold_keeps_the_weights_where_they_start() -> None:
    start = Line(0.0, (0.3, -0.2, 0.1))
    held = fit(rows(60), start, FREE, strength=1e6)
    assert held.weights == pytest.approx(start.weights, abs=0.01)


def test_examples_of_one_kind_or_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="examples of both kinds"):
        fit([Row((1.0, 0.0, 0.0), true=True)], START, FREE)
    with pytest.raises(ValueError, match="needs 3 numbers"):
        fit([Row((1.0,), true=True), Row((0.0,), true=False)], START, FREE)


def test_a_group_is_judged_by_weights_that_have_not_seen_it() -> None:
    """One group lies: its labels are turned round. Weights that had seen nothing else would have learnt the lie."""
    liar = [Row(row.found, not row.true, group="liar") for row in rows(40)]
    scores = unseen_scores([*rows(), *liar], START, FREE)
    wrong = sum((score > 0.5) != row.true for score, row in zip(scores[-40:], liar, strict=True))
    assert wrong > 30


def test_the_threshold_is_the_lowest_that_is_right_often_enough() -> None:
    told = [Row((), true=label) for label in (True, True, False, True, False)]
    scores = [0.9, 0.8, 0.7, 0.6, 0.55]
    assert threshold(scores, told, precision=1.0) == 0.8
    assert threshold(scores, told, precision=0.75) == 0.6
    assert threshold(scores, told, precision=0.5, least=0.65) == 0.7
    assert threshold([0.9], [Row((), true=False)], precision=0.9) == 0.99


def test_weights_are_proposed_from_pairs_and_measured(make: Make) -> None:
    judge = Judge()

    def pair(number: int, what: str, other: str, label: Label) -> Labelled:
        place: dict[str, Any] = {"street": f"jalan nomor{number}", "who": ["a"]}
        one = make(f"{number}/a", f"{what} jalan nomor{number}", **place)
        other_one = make(f"{number}/b", f"{other} jalan nomor{number}", **place)
        return labelled(judge, one, other_one, label, group=str(number))

    lamp, hole = "lampu penerangan padam gelap sekali", "lubang besar dalam sekali bahaya"
    pairs = [pair(n, lamp, f"{lamp} lagi {n}", "same_report") for n in range(12)]
    pairs += [pair(n + 20, lamp, f"{hole} lagi {n}", "different") for n in range(12)]
    proposed = propose(pairs, judge.weights, strength=1.0, folds=3, aims=Aims(merge=0.9))
    counted = evaluate(pairs, proposed)
    assert counted["merge"].right == counted["merge"].true == 12
    assert counted["merge"].found == 12
    assert proposed.scores.repeat != judge.weights.scores.repeat
    assert proposed.scores.repeat.topic_differs <= 0.0 <= proposed.scores.repeat.matter
    assert proposed.scores.incident == judge.weights.scores.incident, "no example of a link was shown"
    assert proposed.limits == judge.weights.limits
