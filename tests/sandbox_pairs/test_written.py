"""The pairs written by hand: each can be read, both halves are varied, and they share no message."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from muara.dedup.pairs import LABELS, read_pairs

CASES = Path(__file__).parents[2] / "benchmarks" / "quality" / "cases"
HALVES = {"pairs_to_build_by": 350, "pairs_held_back": 420}


def lines(half: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("half", "least"), HALVES.items())
def test_each_half_is_read_and_holds_every_label_and_many_troubles(half: str, least: int) -> None:
    pairs = read_pairs(CASES / f"{half}.jsonl")
    assert len(pairs) >= least
    shares = Counter(pair.label for pair in pairs)
    assert all(shares[label] >= len(pairs) / 5 for label in LABELS)
    assert len({line["kind"] for line in lines(half)}) >= 30
    assert all(pair.family and pair.a.submitted_at and pair.b.submitted_at for pair in pairs)
    assert all(side.text.strip() for pair in pairs for side in (pair.a, pair.b))


@pytest.mark.parametrize("half", HALVES)
def test_labels_agree_with_who_is_known_to_have_written(half: str) -> None:
    for pair in read_pairs(CASES / f"{half}.jsonl"):
        if pair.label == "same_incident" and pair.a.reporter:
            assert pair.a.reporter != pair.b.reporter, pair.line
        if pair.label == "same_report" and pair.a.reporter and pair.b.reporter and pair.family != "other_channel":
            assert pair.a.reporter == pair.b.reporter, pair.line


@pytest.mark.parametrize("half", HALVES)
def test_nobody_who_exists_is_in_them(half: str) -> None:
    for line in lines(half):
        for side in (line["a"], line["b"]):
            assert re.fullmatch(r"\+628110000\d{4}|[a-z.]+@example\.org", side.get("reporter", "a@example.org")), side
            assert not re.search(r"\b(?:\+?62|0)8\d{7,}", side["text"].replace("-", "")), side


def test_the_halves_share_no_wording() -> None:
    def fours(half: str) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for line in lines(half):
            for side in (line["a"], line["b"]):
                words = re.findall(r"\w+", side["text"].lower())
                found |= set(zip(words, words[1:], words[2:], words[3:], strict=False))
        return found

    assert fours("pairs_to_build_by") & fours("pairs_held_back") <= {("belum", "ada", "satu", "pun")}
