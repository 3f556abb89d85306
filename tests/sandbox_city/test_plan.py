"""What a plan holds: as much of everything as was asked for, and the same each time."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rapidfuzz.fuzz import ratio

from sandbox.city.geography import City
from sandbox.city.plan import Plan, plan_city
from sandbox.city.shares import Shares
from sandbox.city.truth import Expected
from sandbox.city.utterances import Channel, Kind, Utterance

_QUIET = Shares(
    again_at_once=0, again_later=0, pieces=0, albums=0, other_channel=0, edited=0, neighbours=0, lookalikes=0,
    automatic=0, noise=0, poison=0, returning=0, batches=0, late_rows=0, files_twice=0, files_aborted=0,
)  # fmt: skip


def _known(plan: Plan) -> list[tuple[Utterance, Expected]]:
    """The utterances that the truth knows by name, redeliveries left out."""
    pairs = ((said, plan.truth.entries.get((str(said.channel), said.external_id))) for said in plan.utterances)
    return [(said, truth) for said, truth in pairs if truth is not None and not said.again]


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(now: datetime) -> None:
    first, second, other = (plan_city(seed, 150, now=now) for seed in (3, 3, 4))
    assert first == second
    assert {said.external_id for said in first.utterances}.isdisjoint(
        said.external_id for said in other.utterances if said.channel is Channel.WHATSAPP
    )


@pytest.mark.parametrize("size", [1, 7, 40, 333])
def test_a_plan_has_as_many_messages_as_asked_for_in_order_of_time(size: int, now: datetime) -> None:
    drawn = plan_city(1, size, now=now)
    assert len(drawn.utterances) == size
    times = [said.at for said in drawn.utterances]
    assert times == sorted(times)
    assert now - timedelta(days=8) < times[0]
    assert times[-1] <= now


def test_shares_come_out_as_asked_for(plan: Plan) -> None:
    shares, size = plan.shares, len(plan.utterances)
    pairs = _known(plan)
    why = Counter(truth.why for _, truth in pairs)
    complaints = defaultdict(set)
    for _, truth in pairs:
        if truth.incident:
            complaints[truth.incident].add(truth.complaint)
    whole = [truth for _, truth in pairs if truth.outcome == "complaint" and truth.why == "first"]
    measured = {
        "again_at_once": sum(said.sockets == 2 for said in plan.utterances),
        "again_later": sum(said.again for said in plan.utterances),
        "other_channel": why["other_channel"],
        "edited": why["edited"],
        "neighbours": sum(len(group) - 1 for group in complaints.values()),
        "automatic": why["auto_reply"] + why["bounce"],
        "noise": why["spam"] + why["test"] + why["reaction"],
    }
    for name, count in measured.items():
        assert count / size == pytest.approx(getattr(shares, name), abs=0.004), name
    conversations = Counter(truth.complaint for _, truth in pairs if truth.why == "piece")
    assert (sum(conversations.values()) + len(conversations)) / size == pytest.approx(shares.pieces, abs=0.006)
    assert sum(truth.anonim for truth in whole) / len(whole) == pytest.approx(shares.anonymous, abs=0.02)
    assert sum(truth.rahasia for truth in whole) / len(whole) == pytest.approx(shares.secret, abs=0.02)
    chats = [said for said in plan.utterances if said.channel is Channel.WHATSAPP]
    assert sum(said.batch is not None for said in chats) / len(chats) == pytest.approx(shares.batches, abs=0.04)


def test_what_is_switched_off_does_not_happen(now: datetime) -> None:
    drawn = plan_city(5, 200, now=now, shares=_QUIET)
    assert len(drawn.truth.entries) == 200
    assert {(truth.outcome, truth.why) for truth in drawn.truth.entries.values()} == {("complaint", "first")}
    assert len({truth.incident for truth in drawn.truth.entries.values()}) == 200
    assert not drawn.truth.nameless


def test_channels_without_weight_are_not_used(now: datetime) -> None:
    drawn = plan_city(
        5, 120, now=now, shares=Shares(channels={Channel.SMS: 1.0, Channel.WATER: 0.5, Channel.EMAIL: 0.0})
    )
    assert {said.channel for said in drawn.utterances} == {Channel.SMS, Channel.WATER}
    assert len(drawn.utterances) == 120


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"size": 0}, "give a size of 1 or more"),
        ({"now": datetime(2026, 1, 1)}, "now needs a zone"),  # noqa: DTZ001
        ({"shares": Shares(pieces=0.9, neighbours=0.5)}, "lower some of them"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(arguments: dict[str, object], complaint: str, now: datetime) -> None:
    with pytest.raises(ValueError, match=complaint):
        plan_city(**({"seed": 1, "size": 400, "now": now} | arguments))  # type: ignore[arg-type]


@pytest.mark.parametrize(("wrong", "complaint"), [({"noise": 1.5}, "noise is 1.5"), ({"channels": {}}, "at least one")])
def test_shares_that_cannot_be_are_refused(wrong: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(Shares(), **wrong)  # type: ignore[arg-type]


def test_a_conversation_in_pieces_comes_in_order_within_minutes(plan: Plan) -> None:
    groups = defaultdict(list)
    for said, truth in _known(plan):
        if truth.complaint:
            groups[truth.complaint].append((said, truth))
    talks = [group for group in groups.values() if any(truth.why == "piece" for _, truth in group)]
    assert len(talks) > 30
    for talk in talks:
        assert 3 <= len(talk) <= 5
        assert [truth.outcome for _, truth in talk] == ["complaint"] + ["merged"] * (len(talk) - 1)
        assert len({said.conversation for said, _ in talk}) == 1
        assert talk[-1][0].at - talk[0][0].at < timedelta(minutes=4)
    kinds = {said.kind for talk in talks for said, _ in talk}
    assert {Kind.TEXT, Kind.LOCATION, Kind.IMAGE} <= kinds


def test_an_album_is_five_images_within_300_ms(plan: Plan) -> None:
    bursts = defaultdict(list)
    for said in plan.utterances:
        if said.burst is not None:
            bursts[said.burst].append(said)
    assert bursts
    for images in bursts.values():
        assert len(images) == 5
        assert all(image.kind is Kind.IMAGE and len(image.attachments) == 1 for image in images)
        assert images[-1].at - images[0].at < timedelta(milliseconds=300)
        assert len({image.attachments[0].seed for image in images}) == 5


def test_the_same_person_over_another_channel_can_be_known_by_the_phone(plan: Plan) -> None:
    groups = defaultdict(list)
    for said, truth in _known(plan):
        if truth.complaint:
            groups[truth.complaint].append((said, truth))
    pairs = [group for group in groups.values() if any(truth.why == "other_channel" for _, truth in group)]
    assert len(pairs) > 50
    for (first, _), (second, _) in pairs:
        assert first.channel is not second.channel
        assert first.sender.number == second.sender.number
        assert first.phone
        assert second.phone


def test_hard_negatives_are_there_same_words_other_place_other_incident(plan: Plan) -> None:
    by_category = defaultdict(list)
    for said, truth in _known(plan):
        if truth.why == "first" and truth.category and said.kind is Kind.TEXT:
            by_category[truth.category].append((said, truth))
    alike = same_person = 0
    for rows in by_category.values():
        for n, (said, truth) in enumerate(rows):
            for other, others in rows[n + 1 :]:
                if truth.incident != others.incident and ratio(said.text.lower(), other.text.lower(), score_cutoff=85):
                    alike += 1
                    same_person += said.sender.number == other.sender.number
    assert alike >= 0.5 * plan.shares.lookalikes * len(plan.utterances)
    assert same_person >= 5


def test_redeliveries_repeat_the_message_under_its_id(plan: Plan) -> None:
    originals = {(said.channel, said.external_id): said for said in plan.utterances if not said.again}
    later = [said for said in plan.utterances if said.again]
    for copy in later:
        original = originals[copy.channel, copy.external_id]
        assert copy.text == original.text
        assert timedelta(0) <= copy.at - original.at <= timedelta(minutes=15)
        assert plan.truth.entries[str(copy.channel), copy.external_id].redelivered >= 1
    assert {Channel.WHATSAPP, Channel.SMS, Channel.EMAIL} <= {copy.channel for copy in later}


def test_ids_are_given_once(plan: Plan) -> None:
    names = [(said.channel, said.external_id) for said in plan.utterances if not said.again]
    assert len(set(names)) == len(names)
    assert all(name for _, name in names)


def test_every_poison_is_there(plan: Plan) -> None:
    texts = [said.text for said in plan.utterances]
    assert any("\0" in text for text in texts)
    assert any("\ud83d" in text for text in texts)
    assert any(len(text) == 8000 for text in texts)
    assert any(said.kind is Kind.IMAGE and not said.text and said.burst is None for said in plan.utterances)
    assert any(said.kind is Kind.LOCATION for said in plan.utterances)
    broken = {said.channel for said in plan.utterances if said.kind is Kind.BROKEN}
    assert broken == {Channel.WHATSAPP, Channel.HOSPITAL, Channel.SUBDISTRICT, Channel.EMAIL}
    assert set(plan.truth.nameless) == {Channel.WHATSAPP, Channel.HOSPITAL}


def test_some_rows_commit_after_a_row_with_a_higher_id(now: datetime) -> None:
    shares = replace(_QUIET, channels={Channel.WATER: 1.0}, late_rows=0.2)
    drawn = plan_city(2, 100, now=now, shares=shares)
    committed = sorted(drawn.utterances, key=lambda said: said.at + timedelta(seconds=said.lag))
    ids = [int(said.external_id) for said in committed]
    assert ids != sorted(ids)
    assert sorted(ids) == [int(said.external_id) for said in drawn.utterances]


def test_files_are_uploaded_twice_and_after_an_abort(now: datetime) -> None:
    shares = replace(_QUIET, channels={Channel.SUBDISTRICT: 1.0}, files_twice=0.5, files_aborted=0.5)
    drawn = plan_city(2, 400, now=now, shares=shares)
    by_name = defaultdict(list)
    for upload in drawn.uploads:
        by_name[upload.name].append(upload)
    aborted = [uploads for uploads in by_name.values() if len(uploads) == 2]
    assert aborted
    for half, whole in aborted:
        assert whole.rows[: len(half.rows)] == half.rows
        assert len(half.rows) < len(whole.rows)
    twice = [name for name in by_name if " (1)" in name]
    assert twice
    for name in twice:
        assert by_name[name][0].rows == by_name[name.replace(" (1)", "")][0].rows
    assert sum(truth.redelivered for truth in drawn.truth.entries.values()) == sum(
        len(upload.rows) for upload in drawn.uploads
    ) - len(drawn.utterances)
    assert {upload.encoding for upload in drawn.uploads} == {"utf-8-sig", "cp1252"}


def test_nobody_starts_a_second_matter_while_the_first_is_talked_about(plan: Plan) -> None:
    matters: dict[int, dict[str, datetime]] = defaultdict(dict)
    for said, truth in _known(plan):
        if truth.complaint and truth.why == "first":
            matters[said.sender.number].setdefault(truth.complaint, said.at)
    gaps = [
        abs(one - other)
        for times in matters.values()
        for n, one in enumerate(list(times.values()))
        for other in list(times.values())[n + 1 :]
    ]
    assert len(gaps) > 20
    assert min(gaps) >= timedelta(minutes=20)


def test_the_truth_hides_behind_names_that_are_drawn_apart(plan: Plan) -> None:
    said = json.dumps([repr(utterance) for utterance in plan.utterances])
    for truth in plan.truth.entries.values():
        assert truth.complaint is None or truth.complaint not in said
        assert truth.incident is None or truth.incident not in said


def test_where_the_wire_holds_no_time_nobody_has_two_matters(plan: Plan) -> None:
    matters: dict[tuple[Channel, int], set[str | None]] = defaultdict(set)
    for said, truth in _known(plan):
        if said.channel in {Channel.SMS, Channel.SUBDISTRICT} and truth.complaint:
            matters[said.channel, said.sender.number].add(truth.complaint)
    assert len(matters) > 100
    assert max(len(complaints) for complaints in matters.values()) == 1


def test_no_two_incidents_share_a_place_and_a_matter_in_a_plan_of_a_demos_size(now: datetime) -> None:
    drawn = plan_city(1, 600, now=now)
    places = defaultdict(set)
    for said, truth in _known(drawn):
        if said.channel in {Channel.WATER, Channel.SUBDISTRICT} and truth.why == "first":
            places[truth.category, said.address].add(truth.incident)
    assert len(places) > 40
    crowded = [key for key, incidents in places.items() if len(incidents) > 1]
    # A building may see two matters of one category: a school two kinds of trouble.
    assert all(address[:3] not in {"Jl.", "rum"} for _, address in crowded)


def test_the_region_in_the_truth_is_where_the_text_says(plan: Plan) -> None:
    villages = {village.code: village for village in City().villages}
    named = 0
    for said, truth in _known(plan):
        if said.channel is Channel.SUBDISTRICT and truth.region in villages:
            assert villages[truth.region].name in said.address
            named += 1
    assert named > 50
