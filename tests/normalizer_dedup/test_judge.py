"""What the judge promises of any two reports."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from normalizer.dedup.rarity import Rarity
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge

Make = Callable[..., Report]

JUDGE = Judge()
TWIN = Judge()
WORDS = re.findall(
    r"\w+", "lampu jalan mati banjir sampah melati menumpuk gelap pasar 3 0710044321 rusak anak sekolah malam lubang"
)

texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60)
some_reports = st.builds(
    Report,
    complaint_id=st.uuids(),
    agency=st.sampled_from(["kota", "dishub"]),
    identities=st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=2),
    reporter_known=st.booleans(),
    comparable=texts,
    region_code=st.sampled_from([None, "16.73", "16.73.01", "16.73.01.1001", "16.73.02.1001"]),
    street=st.sampled_from([None, "jalan melati", "jl. melati ii", "gang mawar", "jalan mawar", ""]),
    number=st.sampled_from([None, "3", "03", "12a", ""]),
    rt=st.sampled_from([None, "1", "001", "2"]),
    rw=st.sampled_from([None, "1", "2"]),
    kilometre=st.sampled_from([None, 1.0, 12.0, 12.3]),
    latitude=st.just(-3.29),
    longitude=st.just(102.86),
    category=st.sampled_from([None, "lampu", "sampah"]),
    sent_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (hypothesis wants naive bounds)
    attachments=st.frozensets(st.sampled_from(["x", "y"]), max_size=1),
    landmark=st.sampled_from([None, "SDN 3 Melati", "depan sdn 3 melati", "pasar", "Pasar Baru", ""]),
)


@given(some_reports, some_reports)
def test_judging_is_deterministic_and_symmetric(one: Report, other: Report) -> None:
    assume(one.complaint_id != other.complaint_id)
    judgement = JUDGE.judge(one, other)
    assert judgement == JUDGE.judge(other, one) == TWIN.judge(one, other)
    assert 0.0 <= judgement.score <= 1.0
    assert not judgement.unclear or judgement.kind == "none"


@given(some_reports, some_reports)
def test_two_different_known_reporters_never_merge(one: Report, other: Report) -> None:
    one = replace(one, reporter_known=True, identities=frozenset({"first"}))
    other = replace(other, reporter_known=True, identities=frozenset({"second", *other.identities}))
    assert JUDGE.judge(one, other).kind != "merge"
    assert JUDGE.forbids_merge(one, other)


CONFLICTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"street": "jalan melati"}, {"street": "jalan kamboja"}, "different street: jalan kamboja / jalan melati"),
    ({"number": "12"}, {"number": "14"}, "different house number: 12 / 14"),
    ({"rt": "3"}, {"rt": "4"}, "different RT: 3 / 4"),
    ({"rw": "3"}, {"rw": "4"}, "different RW: 3 / 4"),
    ({"km": 3.0}, {"km": 9.0}, "different kilometre: 3.0 / 9.0"),
    ({"region": "16.73.01"}, {"region": "16.73.02"}, "different region: 16.73.01 / 16.73.02"),
    ({"landmark": "SDN 3 Melati"}, {"landmark": "SDN 4 Melati"}, "different landmark: SDN 3 Melati / SDN 4 Melati"),
    ({"at": (-3.29, 102.86)}, {"at": (-3.32, 102.86)}, "far apart: 3336 m"),
]


@pytest.mark.parametrize(("ours", "theirs", "reason"), CONFLICTS, ids=[reason for *_, reason in CONFLICTS])
@pytest.mark.parametrize("who", [("a",), ()], ids=["same person", "nobody"])
def test_conflicting_specifics_veto_whatever_the_words_and_other_places_say(
    ours: dict[str, Any], theirs: dict[str, Any], reason: str, who: tuple[str, ...], make: Make
) -> None:
    text = "lampu jalan padam di tikungan depan masjid besar sejak malam minggu"
    place = {"street": "jalan melati", "number": "5", "rt": "1", "rw": "1", "at": (-3.29, 102.86)}
    common = place | {"who": who, "category": "lampu"}
    agreeing = JUDGE.judge(make("one", text, **common), make("other", text, **common))
    assert agreeing.kind == "merge"
    vetoed = JUDGE.judge(make("one", text, **(common | ours)), make("other", text, **(common | theirs)))
    assert vetoed.kind == "none"
    assert not vetoed.unclear
    assert vetoed.reasons[:2] == ("specifics conflict", reason)


def test_reasons_tell_what_an_operator_can_check_and_name_no_identity(make: Make) -> None:
    text = "lubang besar di tengah jalan depan toko besi"
    place = {"street": "jalan anggrek", "category": "jalan", "at": (-3.2941, 102.8615), "who": ["token-of-a-phone"]}
    judgement = JUDGE.judge(make("one", text, **place), make("other", text, **place, hours=36))
    assert judgement.kind == "merge"
    assert judgement.reasons == (
        "one person repeats",
        "same person",
        "same street: jalan anggrek",
        "close: 0 m apart",
        "same category: jalan",
        "words shared: 1.00",
        "rare words shared: besi, tengah, toko",
        "sent 1.5 days apart",
    )


def test_no_number_is_named_among_the_rare_words(make: Make) -> None:
    text = "meteran air nomor 482930128374 bocor sejak kemarin sore di halaman"
    judgement = JUDGE.judge(make("one", text, who=["a"]), make("other", text, who=["a"]))
    assert "rare number shared" in judgement.reasons
    assert "4829" not in " ".join(judgement.reasons)


def test_alike_without_a_rule_waits_for_a_person(make: Make) -> None:
    """Much the same words of two people, but no place that both name: a person should look."""
    one = make("one", "petugas loket tidak ramah dan antrean panjang setiap pagi", who=["a"], category="layanan")
    other = make("other", "antrean panjang setiap pagi petugas loket tidak ramah kepada warga", who=["b"], hours=2)
    judgement = JUDGE.judge(other, one)
    assert (judgement.kind, judgement.unclear) == ("none", True)
    strangers = JUDGE.judge(make("x", "guru tidak hadir mengajar", who=["c"]), one)
    assert (strangers.kind, strangers.unclear) == ("none", False)


def test_a_category_has_its_own_window_and_personal_ones_never_link(make: Make) -> None:
    weights = JUDGE.weights
    changed = weights.link.model_copy(
        update={"days_by_category": {"banjir": 1.0}, "personal_categories": frozenset({"bansos"})}
    )
    judge = Judge(weights.model_copy(update={"link": changed}))

    def kind(category: str, hours: float) -> str:
        place: dict[str, Any] = {"street": "jalan veteran", "rt": "2", "category": category}
        return judge.judge(
            make("a", "satu", who=["a"], **place), make("b", "dua", who=["b"], **place, hours=hours)
        ).kind

    assert kind("lampu", 6 * 24) == "link"
    assert kind("banjir", 20) == "link"
    assert kind("banjir", 30) == "none"
    assert kind("bansos", 1) == "none"


def test_rarity_makes_common_words_weigh_less(make: Make) -> None:
    frame = "warga perumahan griya keluhan fasilitas umum rusak"
    one = make("one", f"{frame} ayunan patah", who=["a"])
    other = make("other", f"{frame} pompa terbakar", who=["a"])
    aware = Judge(rarity=Rarity.of_texts(JUDGE.weights, [frame] * 900 + ["ayunan patah", "pompa terbakar"]))
    assert aware.version == f"{JUDGE.version}+902"
    young, old = JUDGE.features(one, other), aware.features(one, other)
    assert old.containment < young.containment / 1.5
    assert aware.judge(one, other).score < JUDGE.judge(one, other).score
    assert "rare words shared: ayunan, patah" in aware.judge(one, make("again", one.comparable, who=["a"])).reasons
    later = Judge()
    later.learn(Rarity.of_texts(JUDGE.weights, [frame] * 900 + ["ayunan patah", "pompa terbakar"]))
    assert later.judge(one, other) == aware.judge(one, other)


def test_a_report_needs_a_zone_and_whole_coordinates(make: Make) -> None:
    report = make("one")
    fields = {name: getattr(report, name) for name in report.__slots__}
    with pytest.raises(ValueError, match="time zone"):
        Report(**(fields | {"sent_at": datetime(2026, 1, 1)}))  # noqa: DTZ001 (that is the fault)
    with pytest.raises(ValueError, match="both latitude and longitude"):
        Report(**(fields | {"latitude": 1.0}))
    assert Report(**(fields | {"complaint_id": UUID(int=1), "sent_at": report.sent_at + timedelta(1)})) != report
