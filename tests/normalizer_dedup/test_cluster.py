"""Verdicts of a whole batch."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

from normalizer.dedup.cluster import Deciding, Verdict, decide
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Judgement

Make = Callable[..., Report]

JUDGE = Judge()
TEXT = "lampu jalan padam di tikungan depan masjid besar sejak malam minggu"
PLACE: dict[str, Any] = {"street": "jalan melati", "rt": "3", "rw": "1", "category": "lampu"}


def outcome(verdicts: dict[Any, Verdict], *reports: Report) -> list[tuple[str, Any]]:
    return [(verdicts[report.complaint_id].kind, verdicts[report.complaint_id].target) for report in reports]


def test_nothing_to_compare_with(make: Make) -> None:
    one = make("one", TEXT)
    assert decide([one], {}, JUDGE) == {one.complaint_id: Verdict("none", None, None)}
    assert decide([], {}, JUDGE) == {}


def test_a_stored_report_leads_and_the_stronger_verdict_wins(make: Make) -> None:
    mine = make("mine", TEXT, who=["a"], **PLACE)
    neighbour = make("neighbour", TEXT, who=["b"], **PLACE, hours=1)
    new = make("new", TEXT, who=["a"], **PLACE, hours=2)
    verdicts = decide([new], {new.complaint_id: [neighbour, mine]}, JUDGE)
    assert outcome(verdicts, new) == [("merge", mine.complaint_id)]
    judgement = verdicts[new.complaint_id].judgement
    assert judgement is not None
    assert "same person" in judgement.reasons


def test_the_older_of_a_batch_leads_whatever_the_order_of_arrival(make: Make) -> None:
    first = make("first", TEXT, who=["a"], **PLACE)
    again = make("again", f"{TEXT} gelap", who=["a"], **PLACE, hours=1)
    neighbour = make("neighbour", "pju tidak menyala", who=["b"], **PLACE, hours=2)
    third = make("third", TEXT, who=["a"], **PLACE, hours=3)
    results = [decide(order, {}, JUDGE) for order in permutations([first, again, neighbour, third])]
    assert all(result == results[0] for result in results)
    assert outcome(results[0], first, again, neighbour, third) == [
        ("none", None),
        ("merge", first.complaint_id),
        ("link", first.complaint_id),
        ("merge", first.complaint_id),
    ]


def test_at_one_moment_the_smaller_id_leads(make: Make) -> None:
    twins = sorted((make(name, TEXT, who=["a"]) for name in ("x", "y")), key=lambda report: str(report.complaint_id))
    verdicts = decide(twins[::-1], {}, JUDGE)
    assert outcome(verdicts, *twins) == [("none", None), ("merge", twins[0].complaint_id)]


def test_merges_and_links_point_to_who_stands_not_to_who_merged(make: Make) -> None:
    stored = make("stored", TEXT, who=["a"], **PLACE)
    again = make("again", TEXT, who=["a", "a2"], **PLACE, hours=1)
    # Known under the second identity only, which `again` taught us.
    other_channel = make("other channel", TEXT, who=["a2"], **PLACE, hours=2)
    neighbour = make("neighbour", "gelap gulita", who=["b"], **PLACE, hours=3)
    neighbours_neighbour = make("next", "masih gelap", who=["c"], **PLACE, hours=4)
    batch = [again, other_channel, neighbour, neighbours_neighbour]
    candidates = {again.complaint_id: [stored], other_channel.complaint_id: [stored]}
    verdicts = decide(batch, candidates, JUDGE)
    assert outcome(verdicts, *batch) == [
        ("merge", stored.complaint_id),
        ("merge", stored.complaint_id),
        ("link", stored.complaint_id),
        ("link", stored.complaint_id),
    ]


def test_links_do_not_chain(make: Make) -> None:
    reports = [make(f"r{n}", f"kata {n}", who=[f"p{n}"], **PLACE, hours=n) for n in range(4)]
    verdicts = decide(reports, {}, JUDGE)
    assert outcome(verdicts, *reports) == [("none", None), *[("link", reports[0].complaint_id)] * 3]


def test_two_known_persons_never_share_a_report_through_an_unknown_one(make: Make) -> None:
    unknown = make("clerk", TEXT, **PLACE)
    first = make("first", TEXT, who=["a"], **PLACE, hours=1)
    second = make("second", TEXT, who=["b"], **PLACE, hours=2)
    for candidates in ({}, {first.complaint_id: [unknown], second.complaint_id: [unknown]}):
        batch = [first, second] if candidates else [unknown, first, second]
        verdicts = decide(batch, candidates, JUDGE)
        assert outcome(verdicts, first, second) == [("merge", unknown.complaint_id), ("link", unknown.complaint_id)]


def test_a_conflict_with_the_group_counts_not_only_with_one_member(make: Make) -> None:
    """The first says no house number, the second says 5: a third that says 9 joins neither."""
    bare = {"street": "jalan melati", "category": "lampu", "who": ["a"]}
    first = make("first", TEXT, **bare)
    second = make("second", TEXT, **bare, number="5", hours=1)
    third = make("third", TEXT, **bare, number="9", hours=2)
    verdicts = decide([first, second, third], {}, JUDGE)
    assert outcome(verdicts, first, second, third) == [
        ("none", None),
        ("merge", first.complaint_id),
        ("none", None),
    ]


def test_an_unclear_one_names_what_to_compare_with(make: Make) -> None:
    stored = make("stored", "petugas loket tidak ramah dan antrean panjang setiap pagi", who=["a"], category="layanan")
    new = make("new", "antrean panjang setiap pagi petugas loket tidak ramah kepada warga", who=["b"], hours=2)
    verdict = decide([new], {new.complaint_id: [stored]}, JUDGE)[new.complaint_id]
    assert (verdict.kind, verdict.target) == ("none", stored.complaint_id)
    assert verdict.judgement is not None
    assert verdict.judgement.unclear


def test_a_stored_copy_of_a_batch_member_is_passed_over(make: Make) -> None:
    """At settle time a complaint that is stored already is decided anew, beside others of its batch."""
    one, two = make("one", TEXT, who=["a"], **PLACE), make("two", TEXT, who=["a"], **PLACE, hours=1)
    verdicts = decide([one, two], {one.complaint_id: [two], two.complaint_id: [one]}, JUDGE)
    assert outcome(verdicts, one, two) == [("none", None), ("merge", one.complaint_id)]


def test_the_work_can_be_paused_after_each_report(make: Make) -> None:
    reports = [make(f"r{n}", TEXT, who=["a"], hours=n) for n in range(5)]
    work = Deciding(reports, {}, JUDGE)
    assert list(work.steps()) == [report.complaint_id for report in reports]
    assert work.verdicts == decide(reports, {}, JUDGE)


def test_a_flood_of_one_form_stays_linear(make: Make) -> None:
    """500 forms by 500 people: each is compared with a bounded number of others, not with all."""
    calls = 0

    class Counting(Judge):
        def judge(self, new: Report, old: Report) -> Judgement:
            nonlocal calls
            calls += 1
            return super().judge(new, old)

    batch = [make(f"r{n}", f"{TEXT} {n}", who=[f"p{n}"], hours=n / 100) for n in range(500)]
    verdicts = decide(batch, {}, Counting())
    assert {verdict.kind for verdict in verdicts.values()} == {"none"}
    assert calls < 500 * 100
