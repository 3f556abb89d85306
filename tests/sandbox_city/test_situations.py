"""The situations, and the texts that are made of them."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rapidfuzz.fuzz import token_set_ratio

from sandbox.city.catalogue import Situation, load_situations
from sandbox.city.geography import STREETS, City
from sandbox.city.people import Census, Citizen, Register, Tint
from sandbox.city.wording import draw
from sandbox.city.writing import Incident, compose, mention


@pytest.fixture(scope="module")
def situations() -> tuple[Situation, ...]:
    return load_situations()


@pytest.fixture
def citizen() -> Citizen:
    return replace(
        Census(random.Random(1), City(), STREETS).newcomer(), register=Register.FORMAL, tint=Tint.NONE, typos=0.0
    )


def _incident(situation: Situation, now: datetime, number: int = 1) -> Incident:
    rng = random.Random(number)
    return Incident(number, situation, City().spot(rng, situation.place), now - timedelta(days=3), 0, 0)


def test_there_are_many_situations_of_all_three_classes(situations: tuple[Situation, ...]) -> None:
    assert len(situations) >= 60
    assert len({situation.key for situation in situations}) == len(situations)
    assert {situation.classification for situation in situations} == {"pengaduan", "aspirasi", "permintaan_informasi"}
    for agency in ("pdam", "rsud"):
        assert sum(situation.agency == agency for situation in situations) >= 6


def test_every_situation_can_be_written_by_everybody(situations: tuple[Situation, ...], now: datetime) -> None:
    census, rng = Census(random.Random(2), City(), STREETS), random.Random(3)
    for situation in situations:
        for _ in range(20):
            someone = census.newcomer()
            text = compose(_incident(situation, now), draw(rng, someone, situation), someone, now)
            assert len(text) > 20
            assert "{" not in text
            assert "  " not in text


def test_two_people_about_one_incident_write_different_words(
    situations: tuple[Situation, ...], citizen: Citizen, now: datetime
) -> None:
    rng = random.Random(4)
    ratios = []
    for situation in situations:
        incident = _incident(situation, now)
        ours, theirs = (compose(incident, draw(rng, citizen, situation), citizen, now) for _ in range(2))
        ratios.append(token_set_ratio(ours.lower(), theirs.lower()))
    assert sum(ratios) / len(ratios) < 85
    assert min(ratios) < 60


def test_one_wording_about_two_places_differs_in_the_place_alone(
    situations: tuple[Situation, ...], citizen: Citizen, now: datetime
) -> None:
    situation = next(s for s in situations if s.key == "jalan_berlubang")
    wording = replace(draw(random.Random(5), citizen, situation), exact=True)
    here = _incident(situation, now)
    there = replace(here, spot=replace(here.spot, rt=here.spot.rt % 9 + 1))
    ours, theirs = (compose(incident, wording, citizen, now) for incident in (here, there))
    assert ours != theirs
    assert ours.replace(mention(here.spot, wording.mention, exact=True), "?") == theirs.replace(
        mention(there.spot, wording.mention, exact=True), "?"
    )


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("{category: x, place: street, span: state}", "x.yaml, banjir: problem needs at least 3 entries"),
        ("{category: x, place: moon, span: state}", "place is 'moon', but must be one of street"),
        ("{category: x, plaze: street}", "unknown slot 'plaze'; known are"),
    ],
)
def test_a_wrong_situation_is_refused_by_name(tmp_path: Path, entry: str, complaint: str) -> None:
    slots = "problem: [a, b, c], effect: [a, b, c], wish: [a, b, c], object: [[a, b], [c, d]]"
    full = entry if "problem" in complaint else entry[:-1] + f", {slots}}}"
    (tmp_path / "x.yaml").write_text(f"banjir: {full}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=complaint.replace("'", ".")):
        load_situations(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no situations in"):
        load_situations(tmp_path)
