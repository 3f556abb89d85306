"""The judge against labelled, invented pairs: what it says of each, and how often it is right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Judgement

Make = Callable[..., Report]

PAIRS: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("pairs.yaml").read_text(encoding="utf-8"))
INHERITED = ("agency", "region", "street", "number", "rt", "rw", "km", "at", "category", "landmark")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def reports(pair: dict[str, Any], make: Make) -> tuple[Report, Report]:
    one = pair["one"]
    other = {key: one[key] for key in INHERITED if key in one} | pair["other"]
    return make(f"{pair['name']}/one", **one), make(f"{pair['name']}/other", **other)


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_pair_is_judged_as_labelled_in_both_directions(pair: dict[str, Any], make: Make, judge: Judge) -> None:
    one, other = reports(pair, make)
    forth, back = judge.judge(other, one), judge.judge(one, other)
    assert forth.kind == pair["expect"], forth.reasons
    assert forth == back
    assert forth.version == judge.weights.version


def quality(judged: list[tuple[str, Judgement]], kind: str) -> tuple[float, float]:
    found = sum(judgement.kind == kind for _, judgement in judged)
    right = sum(judgement.kind == kind and expected == kind for expected, judgement in judged)
    wanted = sum(expected == kind for expected, _ in judged)
    return right / found, right / wanted


def test_precision_and_recall_do_not_fall(make: Make, judge: Judge) -> None:
    judged = [(pair["expect"], judge.judge(*reports(pair, make))) for pair in PAIRS]
    assert len(judged) >= 60
    merge_precision, merge_recall = quality(judged, "merge")
    link_precision, link_recall = quality(judged, "link")
    assert merge_precision == 1.0
    assert merge_recall >= 0.9
    assert link_precision >= 0.95
    assert link_recall >= 0.9


def test_pairs_far_enough_to_be_told_apart_by_score(make: Make, judge: Judge) -> None:
    """On average a true pair stands above one that only looks alike, where no specific forbids it anyway."""
    scores: dict[str, list[float]] = {"merge": [], "link": [], "none": []}
    for pair in PAIRS:
        one, other = reports(pair, make)
        if not judge.features(one, other).conflicts:
            scores[pair["expect"]].append(judge.judge(one, other).score)
    means = {kind: sum(values) / len(values) for kind, values in scores.items()}
    assert means["none"] < 0.6
    assert min(means["merge"], means["link"]) > 0.85
