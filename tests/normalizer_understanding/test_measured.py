"""What was promised is measured here too, on the halves held back, so that no change loses it unseen."""

import pytest

from benchmarks.quality import understanding_classes, understanding_masking, understanding_spam, understanding_text
from benchmarks.quality.score import Score

MODULES = (understanding_classes, understanding_masking, understanding_spam, understanding_text)


@pytest.fixture(scope="module")
def scores() -> dict[tuple[str, str], Score]:
    return {(score.step, score.measure): score for module in MODULES for score in module.scores()}


@pytest.mark.parametrize(
    ("step", "measure", "least"),
    [
        ("masking", "identities covered", 0.99),
        ("spam", "ignored rightly", 0.995),
        ("spam", "no complaint and ignored", 0.9),
        ("category", "right", 0.9),
        ("category", "right where one was given", 0.95),
        ("class", "right", 0.95),
        ("text", "alike as they should be", 0.9),
        ("text", "told apart as they should be", 1.0),
        ("language", "right", 0.95),
    ],
)
def test_it_is_right_often_enough(scores: dict[tuple[str, str], Score], step: str, measure: str, least: float) -> None:
    assert scores[step, f"{measure}, held back"].value >= least


@pytest.mark.parametrize(
    ("step", "measure", "most"),
    [
        ("masking", "messages masked too much", 0.005),
        ("spam", "complaints ignored", 0.0),
        ("spam", "complaints flagged", 0.02),
    ],
)
def test_it_is_wrong_seldom_enough(scores: dict[tuple[str, str], Score], step: str, measure: str, most: float) -> None:
    assert scores[step, f"{measure} (less is better), held back"].value <= most


def test_there_are_enough_cases(scores: dict[tuple[str, str], Score]) -> None:
    assert scores["masking", "identities covered, held back"].cases >= 600
    assert sum(scores["class", f"right, {half}"].cases for half in ("to build by", "held back")) >= 300
