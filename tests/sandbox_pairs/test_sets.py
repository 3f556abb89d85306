"""The two sets of pairs have no words in common, and say what their labels claim."""

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.pairs.__main__ import main
from sandbox.pairs.drawing import FAMILIES, draw
from sandbox.pairs.grammar import readings
from sandbox.pairs.vocabulary import SETS, SetName, Vocabulary, load

PAIRS = 1500
GENERIC = frozenset(
    re.findall(
        r"\w+",
        """jalan gang lorong perumahan perum komplek raya lama baru timur barat utara selatan putih dua kota pasar
        puskesmas rsud poli anak sdn smpn sman mtsn smkn sd sma smp negeri kantor kelurahan kecamatan terminal halte
        tipe b toko rumah warung lapangan pos bu haji dalam kecil permai indah jaya besar putri sari asri pagi
        induk village district city n mas pak masjid jembatan air gudang pabrik pusat tol gerbang
        plaza puri gunung danau ujung""",
    )
)
"""Words that name no particular place or person."""


def phrases(words: Vocabulary) -> Iterator[tuple[str, str]]:
    """Every reading of every phrase of a set, with the slot that it belongs to."""
    for trouble in words.troubles.values():
        for slot in ("problem", "effect", "wish"):
            yield from ((slot, reading) for phrase in getattr(trouble, slot) for reading in readings(phrase))
        yield from (("fact", reading) for fact in trouble.facts for phrase in fact for reading in readings(phrase))
    for part in (words.places, words.frames):
        for slot, entry in part:
            for phrase in entry:
                texts = readings(phrase) if isinstance(phrase, str) else [phrase.name]
                yield from ((slot, text) for text in texts if text.strip(" .{}"))


def test_no_phrase_of_one_set_occurs_in_the_other() -> None:
    said: dict[SetName, set[str]] = {name: {text.casefold() for _, text in phrases(load(name))} for name in SETS}
    assert min(len(texts) for texts in said.values()) > 1000
    shared = said["tuning"] & said["held-back"]
    assert shared == set()


@pytest.mark.parametrize(
    "slot", ["streets", "highways", "lanes", "estates", "landmarks", "names", "cities", "shop", "clinic"]
)
def test_no_place_or_person_of_one_set_shares_a_word_with_the_other(slot: str) -> None:
    def own(name: SetName) -> set[str]:
        texts = " ".join(text for where, text in phrases(load(name)) if where == slot)
        return set(texts.casefold().replace("{", "").replace("}", "").split()) - GENERIC

    assert own("tuning")
    assert own("tuning").isdisjoint(own("held-back"))


@pytest.fixture(scope="module", params=SETS)
def lines(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(pair.line())) for pair in draw(request.param, PAIRS, seed=7)]


def test_all_families_are_there_each_with_its_label(lines: list[dict[str, Any]]) -> None:
    assert len(lines) == PAIRS
    assert {(line["family"], line["label"]) for line in lines} == {(name, f.label) for name, f in FAMILIES.items()}
    counts = Counter(line["label"] for line in lines)
    assert min(counts.values()) >= PAIRS / 4, "each label often enough to be measured"


def test_what_the_label_claims_can_be_told(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        a, b = line["a"], line["b"]
        assert a["text"].strip()
        assert b["text"].strip()
        moments = [datetime.fromisoformat(side["submitted_at"]) for side in (a, b)]
        assert all(moment.tzinfo for moment in moments)
        apart = abs((moments[0] - moments[1]).total_seconds()) / 86_400
        reporters = {side.get("reporter") for side in (a, b)} - {None}
        if line["label"] == "same_report":
            assert apart <= 25
            assert len(reporters) <= (2 if line["family"] == "other_channel" else 1)
        if line["label"] == "same_incident":
            assert apart <= 21
            assert len(reporters) == len([1 for side in (a, b) if "reporter" in side]), "other people"
        if line["family"] == "verbatim":
            assert a["text"] == b["text"]
        if line["family"] == "after_window":
            assert apart > 14
        if line["family"] in {"second_trouble", "second_place"}:
            assert len(reporters) == 1
        if line["label"] == "different":
            assert (a["text"].casefold(), a["place"]) != (b["text"].casefold(), b["place"])


def test_form_gives_no_label_away(lines: list[dict[str, Any]]) -> None:
    """Order, length, the address field and how often reporters are known say nothing of the label by themselves."""

    def of(label: str) -> list[dict[str, Any]]:
        return [line for line in lines if line["label"] == label]

    for label in ("same_report", "same_incident", "different"):
        found = of(label)
        earlier = statistics.mean(line["a"]["submitted_at"] < line["b"]["submitted_at"] for line in found)
        length = statistics.median(len(line[side]["text"]) for line in found for side in "ab")
        field = statistics.mean(bool(line[side]["place"]) for line in found for side in "ab")
        unknown = statistics.mean("reporter" not in line[side] for line in found for side in "ab")
        assert earlier == pytest.approx(0.5, abs=0.1)
        assert 110 <= length <= 220
        assert 0.35 <= field <= 0.65
        assert 0.25 <= unknown <= 0.5
    soon = [line for line in of("different") if line["a"]["submitted_at"][:10] == line["b"]["submitted_at"][:10]]
    assert len(soon) > len(of("different")) / 5


def test_the_command_writes_the_same_lines_for_the_same_seed(capsys: pytest.CaptureFixture[str]) -> None:
    written = []
    for seed in ("3", "3", "4"):
        assert main(["--set", "tuning", "--pairs", "40", "--seed", seed]) == 0
        written.append(capsys.readouterr().out)
    assert written[0] == written[1] != written[2]
    first = json.loads(written[0].splitlines()[0])
    assert set(first) == {"a", "b", "label", "family"}
    assert set(first["a"]) >= {"text", "place", "submitted_at"}


def test_the_command_refuses_no_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--pairs", "0"])
    assert "ask for 1 or more" in capsys.readouterr().err
