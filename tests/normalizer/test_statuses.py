"""What hubs say, in complaints: receipts and states, each a revision, never backwards in time."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from normalizer import tables as t
from normalizer.statuses import StatusWriter
from schemas.events import StatusEvent
from schemas.identity import complaint_id
from schemas.topics import STATUSES

from .rig import Rig

WASTE = "Sampah di pasar Seririt tidak diangkut sejak Senin, baunya menyengat"


async def published(rig: Rig) -> UUID:
    message = await rig.say(WASTE)
    await rig.work()
    return complaint_id(message)


async def applied(rig: Rig) -> list[bool]:
    async with rig.store.reading() as connection:
        rows = await connection.execute(select(t.statuses.c.applied).order_by(t.statuses.c.offset))
        return [row.applied for row in rows]


async def test_a_receipt_is_kept_once(rig: Rig) -> None:
    complaint = await published(rig)
    for _ in range(2):
        await rig.status(complaint, kind="receipt", url="https://hub.example/9197446", at=rig.clock.now)
    found = await rig.one()
    (receipt,) = found.hub_receipts
    assert (receipt.hub, receipt.tracking_id, receipt.adopted) == ("sp4n", "9197446", False)
    assert found.revision == 2
    assert await applied(rig) == [True, False]


async def test_a_state_moves_and_the_event_names_the_hub(rig: Rig) -> None:
    complaint = await published(rig)
    rig.clock.advance(60)
    await rig.status(complaint, state="disposed", words="Terdisposisi ke DLH")
    found = await rig.one()
    assert (found.status.state, found.status.words, found.status.hub) == ("disposed", "Terdisposisi ke DLH", "sp4n")
    assert found.revision == 2
    assert [event.origin for event in await rig.events()] == ["normalizer", "sp4n"]
    await rig.counts()


async def test_the_first_answer_is_timed_once_and_being_passed_on_is_none(rig: Rig) -> None:
    told: list[tuple[str, float]] = []
    rig.statuses = StatusWriter(rig.store, rig.clock, lambda hub, seconds: told.append((hub, seconds)))
    complaint = await published(rig)
    accepted = (await rig.one()).received_at
    for hours, state in ((1, "disposed"), (30, "in_progress"), (40, "agency_responded"), (41, "closed")):
        await rig.status(complaint, state=state, at=accepted + timedelta(hours=hours))
    assert told == [("sp4n", 30 * 3600)]


async def test_of_two_states_of_one_moment_the_further_one_stands_whichever_is_told_last(rig: Rig) -> None:
    complaint = await published(rig)
    at = rig.clock.now
    for state in ("in_progress", "closed", "in_progress", "disposed", "reopened", "closed"):
        await rig.status(complaint, state=state, at=at)
    assert (await rig.one()).status.state == "reopened"
    assert await applied(rig) == [True, True, False, False, True, False]


async def test_an_older_state_is_passed_over(rig: Rig) -> None:
    complaint = await published(rig)
    await rig.status(complaint, state="in_progress", at=rig.clock.now)
    await rig.status(complaint, state="disposed", at=rig.clock.now - timedelta(hours=1))
    await rig.status(complaint, hub="kementerian", state="received", at=rig.clock.now - timedelta(hours=2))
    assert (await rig.one()).status.state == "in_progress"
    assert await applied(rig) == [True, False, False]
    await rig.counts()


async def test_a_later_state_of_the_same_moment_stands(rig: Rig) -> None:
    complaint = await published(rig)
    at = rig.clock.now
    await rig.status(complaint, state="disposed", at=at)
    await rig.status(complaint, state="in_progress", at=at)
    assert (await rig.one()).status.state == "in_progress"


async def test_a_hub_whose_clock_is_behind_ours_is_heard(rig: Rig) -> None:
    complaint = await published(rig)
    await rig.status(complaint, state="received", words="Belum diverifikasi", at=rig.clock.now - timedelta(days=1))
    assert (await rig.one()).status.words == "Belum diverifikasi"


async def test_several_words_in_one_batch_are_several_revisions_each_of_its_hub(rig: Rig) -> None:
    complaint = await published(rig)
    for number, (hub, state) in enumerate([("sp4n", "disposed"), ("sp4n", "in_progress"), ("kementerian", "closed")]):
        event = StatusEvent.model_validate(
            {
                "event_id": uuid4(),
                "occurred_at": rig.clock.now,
                "origin": hub,
                "kind": "status",
                "complaint_id": complaint,
                "hub": hub,
                "tracking_id": "1",
                "state": state,
                "at": rig.clock.now + timedelta(minutes=number),
            }
        )
        await rig.publish(STATUSES.name, str(complaint), event.model_dump_json().encode())
    await rig.take_statuses()
    events = await rig.events()
    assert [(event.origin, event.complaint.revision) for event in events] == [
        ("normalizer", 1),
        ("sp4n", 2),
        ("sp4n", 3),
        ("kementerian", 4),
    ]
    assert (await rig.one()).status.state == "closed"
    await rig.counts()


async def test_a_word_on_an_unknown_complaint_is_noted_and_changes_nothing(rig: Rig) -> None:
    await rig.status(uuid4(), state="closed")
    assert await rig.events() == []
    assert await applied(rig) == [False]
    assert await rig.counts("positions_statuses") == (1,)


async def test_what_hubs_said_survives_the_next_revision(rig: Rig) -> None:
    complaint = await published(rig)
    await rig.status(complaint, kind="receipt")
    await rig.status(complaint, state="in_progress")
    await rig.say("sampai sekarang belum", after=40)
    await rig.work()
    found = await rig.one()
    assert "belum" in found.text
    assert found.status.state == "in_progress"
    assert len(found.hub_receipts) == 1
    assert found.revision == 4


async def test_a_word_between_deciding_and_writing_is_not_lost(rig: Rig) -> None:
    complaint = await published(rig)
    await rig.say("sampai sekarang belum", after=40)
    await rig.take_in()
    rig.clock.advance(600)
    plan = await rig.decided()
    await rig.status(complaint, state="in_progress")
    async with rig.store.writing() as connection:
        settled = await rig.settler._write(connection, plan, rig.clock())
    await t.outbox.publish(rig.store, rig.bus, settled.events)
    found = await rig.one()
    assert (found.revision, found.status.state) == (3, "in_progress")
    assert "belum" in found.text


async def test_a_word_on_a_complaint_that_was_merged_away_stays_with_it(rig: Rig) -> None:
    complaint = await published(rig)
    other = complaint_id(await rig.say("Air PDAM keruh di Penarukan", sender="6281100000002", name="Wayan"))
    await rig.work()
    await rig.command("merge", complaint, other)
    await rig.work()
    await rig.status(complaint, state="closed")
    newest = await rig.newest()
    assert (newest[complaint].status.state, newest[complaint].merged_into) == ("closed", other)
    assert newest[other].status.state == "received"
    await rig.counts()
