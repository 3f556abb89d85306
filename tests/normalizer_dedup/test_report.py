"""Stored reports, and what a leader takes over from one that merges into it."""

from collections.abc import Callable

import pytest

from normalizer.dedup.report import Report, absorb, from_json, to_json

Make = Callable[..., Report]


def test_a_report_survives_the_database(make: Make) -> None:
    full = make(
        "one", "teks “apa pun” \u2028 😀", who=["a", "b"], region="16.73.01", street="jalan melati", number="3a",
        rt="1", rw="2", km=12.5, at=(-3.29, 102.86), category="lampu", pictures=["h2", "h1"], landmark="Pasar Baru",
    )  # fmt: skip
    assert from_json(to_json(full)) == full
    assert from_json(to_json(make("bare"))) == make("bare")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"complaint_id": "x"}'])
def test_damage_is_told_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="rebuild the index"):
        from_json(text)


def test_absorbing_adds_what_the_leader_lacked_and_changes_nothing_it_said(make: Make) -> None:
    leader = make("leader", "lampu padam", region="16.73.01", street="jalan melati", who=[], category="lampu")
    supporter = make(
        "supporter", "lampu padam di depan masjid", region="16.73.01.1001", street="jl melati", rt="2", km=1.0,
        at=(-3.29, 102.86), who=["a"], category="sampah", pictures=["p"], hours=2, landmark="Pasar Baru",
    )  # fmt: skip
    whole = absorb(leader, supporter)
    assert (whole.complaint_id, whole.sent_at) == (leader.complaint_id, leader.sent_at)
    assert (whole.street, whole.category) == ("jalan melati", "lampu")
    assert (whole.region_code, whole.rt, whole.kilometre) == ("16.73.01.1001", "2", 1.0)
    assert (whole.latitude, whole.longitude) == (-3.29, 102.86)
    assert (whole.identities, whole.reporter_known) == (frozenset({"a"}), True)
    assert whole.comparable == supporter.comparable
    assert (whole.attachments, whole.landmark) == (frozenset({"p"}), "Pasar Baru")
    assert absorb(leader, make("other region", region="16.74")).region_code == "16.73.01"
