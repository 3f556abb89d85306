"""The score on cases that are small enough to count by hand."""

from collections import Counter
from pathlib import Path

import pytest

from sandbox.city.plan import Plan
from sandbox.city.truth import Expected, Found, Key, Truth, score

A, B, C, D, E = (("whatsapp_cloud", name) for name in "abcde")


def _truth(**groups: tuple[str, str]) -> Truth:
    """Messages by name with complaint and incident; the first of a complaint founds it."""
    truth, seen = Truth(), set()
    for name, (complaint, incident) in groups.items():
        first = complaint not in seen
        seen.add(complaint)
        truth.entries["whatsapp_cloud", name] = Expected(
            "complaint" if first else "merged", complaint, incident, "first" if first else "piece"
        )
    return truth


def _found(**groups: tuple[str, str | None]) -> dict[Key, Found]:
    return {("whatsapp_cloud", name): Found("complaint", *group) for name, group in groups.items()}


TWO_AND_ONE = {"a": ("c1", "i1"), "b": ("c1", "i1"), "c": ("c2", "i1"), "d": ("c3", "i2")}


@pytest.mark.parametrize(
    ("found", "merge", "link"),
    [
        # All right: one pair merged; a-c and b-c linked.
        ({"a": ("1", "L"), "b": ("1", "L"), "c": ("2", "L"), "d": ("3", None)}, (1, 1, 1), (2, 2, 2)),
        # The incident named by its leader, whose own incident is left empty.
        ({"a": ("1", None), "b": ("1", None), "c": ("2", "1"), "d": ("3", None)}, (1, 1, 1), (2, 2, 2)),
        # Nothing found at all.
        ({"a": ("1", None), "b": ("2", None), "c": ("3", None), "d": ("4", None)}, (0, 0, 1), (0, 0, 2)),
        # One false merge (c-d), which takes the link of c along.
        ({"a": ("1", None), "b": ("1", None), "c": ("3", None), "d": ("3", None)}, (1, 2, 1), (0, 0, 2)),
        # A false link with d: a-d, b-d, c-d.
        ({"a": ("1", "L"), "b": ("1", "L"), "c": ("2", "L"), "d": ("3", "L")}, (1, 1, 1), (2, 5, 2)),
        # A merge that was only linked is a missed merge, and no false link.
        ({"a": ("1", "L"), "b": ("2", "L"), "c": ("3", "L"), "d": ("4", None)}, (0, 0, 1), (2, 2, 2)),
        # A link that was merged is a false merge and a missed link.
        ({"a": ("1", None), "b": ("1", None), "c": ("1", None), "d": ("4", None)}, (1, 3, 1), (0, 0, 2)),
        # A message that was lost: its pairs are missing.
        ({"a": ("1", "L"), "c": ("2", "L"), "d": ("3", None)}, (0, 0, 1), (1, 1, 2)),
    ],
)
def test_pairs_are_counted_as_one_would_by_hand(
    found: dict[str, tuple[str, str | None]], merge: tuple[int, int, int], link: tuple[int, int, int]
) -> None:
    scores = score(_truth(**TWO_AND_ONE), _found(**found))
    assert (scores.merge.right, scores.merge.found, scores.merge.true) == merge
    assert (scores.link.right, scores.link.found, scores.link.true) == link


def test_precision_and_recall() -> None:
    scores = score(_truth(**TWO_AND_ONE), _found(a=("1", None), b=("1", None), c=("3", None), d=("3", None)))
    assert scores.merge.precision == 0.5
    assert scores.merge.recall == 1.0
    assert scores.link.precision == 1.0
    assert scores.link.recall == 0.0


def test_spam_that_is_merged_into_a_complaint_is_a_false_merge() -> None:
    truth = _truth(a=("c1", "i1"))
    truth.entries[B] = Expected("ignored:spam", why="spam")
    scores = score(truth, _found(a=("1", None), b=("1", None)))
    assert (scores.merge.right, scores.merge.found) == (0, 1)
    assert scores.outcomes == {"ignored": (0, 1), "kept": (1, 1)}


def test_joined_tells_by_reason_who_stands_with_the_first() -> None:
    truth = _truth(a=("c1", "i1"), b=("c1", "i1"), c=("c1", "i1"))
    truth.entries[C] = Expected("merged", "c1", "i1", "edited")
    scores = score(truth, _found(a=("1", None), b=("1", None), c=("2", None)))
    assert scores.joined == {"edited": (0, 1), "piece": (1, 1)}


def test_what_is_missing_and_what_was_never_sent_is_named() -> None:
    scores = score(_truth(a=("c1", "i1"), b=("c2", "i2")), _found(a=("1", None), e=("9", None)))
    assert scores.missing == (B,)
    assert scores.unexpected == (E,)


def test_the_truth_survives_its_file(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "truth.json"
    plan.truth.write(path)
    again = Truth.read(path)
    assert again == plan.truth
    assert isinstance(again.nameless, Counter)


def test_perfect_findings_score_perfectly(plan: Plan) -> None:
    found = {key: Found(truth.outcome, truth.complaint, truth.incident) for key, truth in plan.truth.entries.items()}
    scores = score(plan.truth, found)
    assert scores.merge.precision == scores.merge.recall == scores.link.precision == scores.link.recall == 1.0
    assert scores.merge.true > 100
    assert scores.link.true > 100
    assert all(right == total for right, total in [*scores.joined.values(), *scores.outcomes.values()])
    assert D not in scores.missing
