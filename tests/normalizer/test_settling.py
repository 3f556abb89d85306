"""What becomes of complaints: merged, linked, hidden, timed; and that one that fails holds up no other."""

import json
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from normalizer import queries
from normalizer import tables as t
from normalizer.parts import open_parts
from normalizer.settling.drafting import Drafter
from schemas.identity import complaint_id
from schemas.parts import Place, Reporter

from .rig import KETUT, START, WAYAN, Rig, text

LAMP = "Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri, sudah seminggu gelap"
SAME = "Lampu penerangan jalan di depan SDN 4 Jalan Melati RT 3 Banyuasri mati, gelap sekali"
WASTE = "Sampah di pasar Banyuasri tidak diangkut sejak Senin, baunya menyengat"


async def indexed(rig: Rig) -> set[UUID]:
    async with rig.store.reading() as connection:
        rows = await connection.execute(select(t.dedup.reports.c.complaint_id))
        return {UUID(row.complaint_id) for row in rows}


async def test_a_complaint_carries_all_that_was_said(rig: Rig) -> None:
    message = await rig.say("Malam pak, kemarin lampu jalan mati di Jalan Melati No. 5 RT 3 RW 2 kelurahan Banyuasri")
    await rig.work()
    complaint = await rig.one()
    assert complaint.complaint_id == complaint_id(message)
    assert (complaint.agency, complaint.channel, complaint.source) == ("kominfo", "whatsapp_cloud", "wa-kota")
    assert complaint.classification == "pengaduan"
    assert complaint.category is not None
    assert complaint.category.key == "lampu_jalan"
    assert (complaint.place.street, complaint.place.rt, complaint.place.rw) == ("Jalan Melati", "003", "002")
    assert complaint.place.region_code is not None
    assert complaint.place.region_code.startswith("51.08")
    assert re.fullmatch(r"S\*+ R\*+", complaint.reporter.name or "")
    assert re.search(r"\*{4,}\d{3}$", complaint.reporter.phone or "")
    assert str(complaint.incident_date) == "2026-11-23"
    assert (complaint.sent_at, complaint.received_at) == (START, START)
    assert complaint.status.state == "received"
    assert complaint.verdict.kind == "new"
    private = rig.private(complaint)
    assert (private.name, private.phone) == ("Siti Rahayu", "+6281100000001")


async def test_deadlines_count_working_days(rig: Rig) -> None:
    await rig.say(LAMP)  # a Tuesday
    await rig.work()
    deadlines = (await rig.one()).deadlines
    assert deadlines.forward_by == datetime(2026, 11, 27, 16, 59, 59, tzinfo=UTC)
    assert deadlines.follow_up_by == datetime(2026, 12, 1, 16, 59, 59, tzinfo=UTC)
    assert deadlines.resolve_by is not None


# The same report


@pytest.mark.parametrize("together", [True, False], ids=["in one round", "against what is stored"])
async def test_the_same_person_over_two_channels_is_one_complaint(rig: Rig, together: bool) -> None:
    first = await rig.say(LAMP)
    if not together:
        await rig.work()
    second = await rig.row(1, isi=SAME, telepon="0811 0000 0001", waktu="2026-11-24 12:00")
    await rig.work()
    complaint = await rig.one()
    assert complaint.complaint_id == complaint_id(first)
    assert [(s.message_id, s.channel, s.reason) for s in complaint.supporters] == [
        (second, "laporan_csv", "same_report")
    ]
    assert SAME in complaint.text
    assert complaint.revision == (1 if together else 2)
    assert await indexed(rig) == {complaint.complaint_id}
    assert await rig.counts("complaint", "merged") == (1, 1)


async def test_three_reports_of_one_person_in_one_round_are_one(rig: Rig) -> None:
    for number in range(3):
        await rig.say(LAMP, after=3600 * number)
    await rig.work()
    complaint = await rig.one()
    assert len(complaint.supporters) == 2
    assert complaint.text.count("Melati") == 1  # a repeat in the same words adds nothing
    assert await rig.counts("complaint", "merged") == (1, 2)


async def test_additions_stand_in_the_order_in_which_they_were_sent(rig: Rig) -> None:
    await rig.say(LAMP)
    await rig.work()
    for number, more in enumerate(("tiang sebelah juga miring", "kabelnya terkelupas"), start=1):
        await rig.say(f"{SAME}, {more}", after=3600 * number)
        await rig.work()
    words = (await rig.one()).text
    assert words.index("miring") < words.index("terkelupas")
    again = await rig.say("tolong segera", after=3600)  # continues the second one, and only republishes
    await rig.work()
    complaint = await rig.one()
    assert complaint.text.index("miring") < complaint.text.index("terkelupas")
    assert again in {supporter.message_id for supporter in complaint.supporters}
    await rig.counts()


async def test_another_person_never_merges(rig: Rig) -> None:
    """Trap 19."""
    await rig.say(LAMP)
    await rig.say(LAMP, sender=WAYAN, name="Wayan Contoh")
    await rig.work()
    assert len(await rig.live()) == 2
    assert await rig.counts("merged") == (0,)


# The same incident


@pytest.mark.parametrize("together", [True, False], ids=["in one round", "against what is stored"])
async def test_other_people_on_one_incident_follow_the_first(rig: Rig, together: bool) -> None:
    first = await rig.say(LAMP)
    if not together:
        await rig.work()
    second = await rig.say(SAME, sender=WAYAN, name="Wayan Contoh", after=600)
    third = await rig.say(f"{LAMP}, tolong", sender=KETUT, name="Ketut Contoh", after=1200)
    await rig.work()
    leader, *followers = await rig.live()
    assert leader.complaint_id == complaint_id(first)
    assert leader.leader is None
    assert {follower.complaint_id for follower in leader.followers} == {complaint_id(second), complaint_id(third)}
    for follower in followers:
        assert follower.leader == leader.complaint_id
        assert follower.verdict.kind == "linked"
        assert follower.verdict.reasons
        assert follower.verdict.version
    assert leader.revision == (1 if together else 2)
    assert await indexed(rig) == {complaint.complaint_id for complaint in await rig.live()}
    assert await rig.counts("complaint", "merged") == (3, 0)


async def test_a_leader_that_is_published_again_keeps_its_followers(rig: Rig) -> None:
    await rig.say(LAMP)
    await rig.say(SAME, sender=WAYAN, name="Wayan Contoh", after=600)
    await rig.work()
    await rig.say("dekat warung pojok", after=60)
    await rig.work()
    leader = (await rig.live())[0]
    assert "warung pojok" in leader.text
    assert len(leader.followers) == 1


# Wishes for silence

RAHASIA = "Laporan ini rahasia: pungutan liar oleh petugas di loket Samsat Singaraja, Jalan Udayana"


async def test_rahasia_shows_nothing_and_is_compared_with_nothing(rig: Rig) -> None:
    await rig.row(1, isi=RAHASIA, nama="Siti Rahayu", telepon="081100000001", lintang="-8.1", bujur="115.1")
    await rig.row(2, isi=RAHASIA, nama="Siti Rahayu", telepon="081100000001")
    await rig.work()
    complaints = await rig.live()
    assert len(complaints) == 2  # the same words by the same person, and still not compared
    for complaint in complaints:
        assert complaint.rahasia
        assert (complaint.title, complaint.text, complaint.directed_to) == ("", "", None)
        assert (complaint.reporter, complaint.place, complaint.verdict.reasons) == (Reporter(), Place(), ())
        shown = complaint.model_dump_json()
        for word in ("Samsat", "Udayana", "pungutan", "Siti", "0001", "115.1"):
            assert word not in shown
        private = rig.private(complaint)
        assert "Samsat" in private.text
        assert private.name == "Siti Rahayu"
    assert complaints[0].complaint_id != complaints[1].complaint_id
    assert await indexed(rig) == set()
    await rig.counts()


async def test_the_place_of_a_rahasia_complaint_is_for_the_hub_alone(rig: Rig) -> None:
    await rig.row(1, isi=RAHASIA, lintang="-8.1", bujur="115.1")
    await rig.work()
    place = rig.private(await rig.one()).place
    assert place is not None
    assert (place.latitude, place.street) == (-8.1, "Jalan Udayana")


async def test_who_asks_for_secrecy_later_leaves_the_index_and_shows_nothing_more(rig: Rig) -> None:
    await rig.whatsapp(text(WASTE, ident="wamid.1"))
    await rig.work()
    assert len(await indexed(rig)) == 1
    await rig.whatsapp(
        text("tolong rahasiakan laporan saya ya", ident="wamid.2", after=86_400, context={"id": "wamid.1"})
    )
    await rig.work()
    complaint = await rig.one()
    assert complaint.rahasia
    assert complaint.text == ""
    assert await indexed(rig) == set()
    await rig.counts()


async def test_a_repeat_that_asks_for_secrecy_hides_what_it_is_merged_with(rig: Rig) -> None:
    first = await rig.say(WASTE)
    second = await rig.say(RAHASIA, after=7200)
    await rig.work()
    await rig.command("merge", complaint_id(second), complaint_id(first))
    await rig.work()
    complaint = await rig.of(first)
    assert complaint.rahasia
    assert "Samsat" not in complaint.model_dump_json()
    assert "Samsat" in rig.private(complaint).text
    await rig.counts()


async def test_anonim_hides_the_reporter_only(rig: Rig) -> None:
    await rig.say(f"{WASTE}. Mohon jangan sebut nama saya")
    await rig.work()
    complaint = await rig.one()
    assert complaint.anonim
    assert not complaint.rahasia
    assert complaint.reporter == Reporter()
    assert "Sampah" in complaint.text
    assert rig.private(complaint).name == "Siti Rahayu"  # the hub is told, with the flag


async def test_identities_in_the_words_are_masked(rig: Rig) -> None:
    await rig.say(f"{WASTE}. Hubungi Siti Rahayu di 081100000001 atau siti@warga.example, NIK 5108014101900001")
    await rig.work()
    complaint = await rig.one()
    for secret in ("Siti Rahayu", "81100000001", "siti@warga", "5108014101900001"):
        assert secret not in complaint.model_dump_json()
    assert "5108014101900001" in rig.private(complaint).text


# The past


async def test_historical_complaints_have_no_deadlines(rig: Rig) -> None:
    await rig.row(1, isi=LAMP, waktu="2024-01-05 10:00", historical=True)
    await rig.work()
    complaint = await rig.one()
    assert complaint.historical
    assert (complaint.deadlines.forward_by, complaint.deadlines.resolve_by) == (None, None)


async def test_a_live_repeat_brings_an_imported_complaint_to_life(rig: Rig) -> None:
    """Or a citizen would be merged into what is never sent."""
    await rig.row(1, isi=LAMP, telepon="081100000001", waktu="2026-11-20 10:00", historical=True)
    await rig.work()
    rig.clock.advance(7 * 86_400)
    await rig.say(SAME)
    await rig.work()
    complaint = await rig.one()
    assert not complaint.historical
    assert complaint.deadlines.forward_by is not None
    assert complaint.deadlines.forward_by > rig.clock.now


async def test_what_already_stands_at_the_hub_is_adopted(rig: Rig) -> None:
    await rig.row(1, isi=LAMP, nomor_lapor="#9165816")
    await rig.work()
    (receipt,) = (await rig.one()).hub_receipts
    assert (receipt.hub, receipt.tracking_id, receipt.adopted) == ("*", "9165816", True)


async def test_a_repeat_that_stands_at_the_hub_has_its_complaint_adopted(rig: Rig) -> None:
    await rig.row(1, isi=LAMP, telepon="081100000001", waktu="2026-11-24 09:00")
    await rig.row(2, isi=SAME, telepon="081100000001", waktu="2026-11-24 10:00", nomor_lapor="9165816")
    await rig.work()
    assert [receipt.tracking_id for receipt in (await rig.one()).hub_receipts] == ["9165816"]


# Races


async def test_what_changed_while_it_was_thought_about_is_settled_in_the_next_round(rig: Rig) -> None:
    await rig.say(LAMP)
    other = await rig.say(WASTE, sender=WAYAN, name="Wayan Contoh")
    await rig.take_in()
    rig.clock.advance(600)
    plan = await rig.decided()
    await rig.say("sudah dua minggu malah", after=30)  # joins in between
    await rig.take_in()
    async with rig.store.writing() as connection:
        settled = await rig.settler._write(connection, plan, rig.clock())
    assert settled.postponed == 1
    assert len(settled.events) == 1
    await t.outbox.publish(rig.store, rig.bus, settled.events)
    assert (await rig.one()).complaint_id == complaint_id(other)
    await rig.work()
    lamp = next(complaint for complaint in await rig.live() if complaint.complaint_id != complaint_id(other))
    assert "dua minggu malah" in lamp.text
    assert lamp.revision == 1
    await rig.counts()


async def test_verdicts_that_hang_on_what_changed_are_postponed_with_it(rig: Rig) -> None:
    """A repeat and a follower of a complaint to which an operator did something in the meantime."""
    first = await rig.say(LAMP)
    await rig.work()
    await rig.say(SAME, after=7200)
    await rig.say(SAME, sender=WAYAN, name="Wayan Contoh", after=600)
    await rig.say(WASTE, sender=KETUT, name="Ketut Contoh", after=600)
    await rig.take_in()
    rig.clock.advance(600)
    plan = await rig.decided()
    async with rig.store.writing() as connection:
        await connection.execute(
            update(t.complaints)
            .where(t.complaints.c.complaint_id == complaint_id(first))
            .values(version=t.complaints.c.version + 1)
        )
    async with rig.store.writing() as connection:
        settled = await rig.settler._write(connection, plan, rig.clock())
    assert (settled.postponed, len(settled.events)) == (3, 1)
    await rig.counts()
    await rig.work()
    assert await rig.counts("complaint", "merged") == (3, 1)


async def test_two_that_settle_the_same_round_publish_it_once(rig: Rig) -> None:
    await rig.say(LAMP)
    await rig.take_in()
    rig.clock.advance(600)
    plans = [await rig.decided(), await rig.decided()]
    for plan, events in zip(plans, (1, 0), strict=True):
        async with rig.store.writing() as connection:
            settled = await rig.settler._write(connection, plan, rig.clock())
        assert len(settled.events) == events
    await rig.counts()


async def test_rounds_smaller_than_what_is_due_come_to_the_same(rig: Rig) -> None:
    for number in range(12):
        await rig.say(LAMP if number % 2 else WASTE, after=7200 * number)
    await rig.take_in()
    rig.clock.advance(600)
    while (settled := await rig.settler.settle(limit=3)) is not None:
        await t.outbox.publish(rig.store, rig.bus, settled.events)
    assert len(await rig.live()) == 2
    assert await rig.counts("complaint", "merged") == (2, 10)


# Trap 4, once more


@pytest.fixture
def wrong_words(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Drafter.draft

    def draft(self: Drafter, parts: object, *others: object) -> object:
        if any("celaka" in part.mapped.text for part in parts):  # type: ignore[attr-defined]  # parts
            raise ZeroDivisionError("celaka")
        return right(self, parts, *others)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(Drafter, "draft", draft)


@pytest.mark.usefixtures("wrong_words")
async def test_a_complaint_that_cannot_be_understood_dies_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        await rig.say(f"Got mampet di Jalan Kenanga nomor {number}", after=7200 * number)
    first = await rig.say("celaka", after=90_000)
    second = await rig.say("celaka sekali", after=90_010)
    await rig.say(WASTE, sender=WAYAN, name="Wayan Contoh")
    await rig.work()
    letters = await rig.dead()
    assert {letter.subject for letter in letters} == {first, second}
    assert "ZeroDivisionError" in letters[0].reason
    assert "celaka" not in letters[0].model_dump_json()
    assert await rig.counts("dead", "unsettled") == (2, 0)
    assert any(complaint.text == WASTE for complaint in await rig.live())
    monkeypatch.undo()  # the code is mended
    for each in (first, second):
        await rig.command("replay", each)
    await rig.work()
    assert any("celaka sekali" in complaint.text for complaint in await rig.live())
    assert await rig.counts("dead") == (0,)


@pytest.mark.usefixtures("wrong_words")
async def test_a_published_complaint_that_fails_is_put_off_and_shows_as_unsettled(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.say(LAMP)
    await rig.work()
    await rig.say("celaka", after=30)
    await rig.say(WASTE, sender=WAYAN, name="Wayan Contoh")
    await rig.work()
    assert len(await rig.live()) == 2
    assert await rig.counts("dead", "unsettled") == (0, 1)
    monkeypatch.undo()
    await rig.work()
    assert any("celaka" in complaint.text for complaint in await rig.live())
    assert await rig.counts("unsettled") == (0,)


async def test_what_another_key_sealed_is_put_off_and_not_touched(rig: Rig) -> None:
    await rig.say(LAMP)
    await rig.say(WASTE, sender=WAYAN, name="Wayan Contoh")
    await rig.take_in()
    async with rig.store.writing() as connection:
        statement = select(t.complaints.c.complaint_id, t.complaints.c.parts)
        (one, parts), (other, _) = (await connection.execute(statement)).all()
        await connection.execute(update(t.complaints).where(t.complaints.c.complaint_id == other).values(parts=parts))
    await rig.work()
    assert (await rig.one()).complaint_id == one
    assert await rig.counts("dead", "unsettled") == (0, 1)


async def test_parts_are_sealed_for_their_complaint(rig: Rig) -> None:
    message = await rig.say(LAMP)
    await rig.take_in()
    async with rig.store.reading() as connection:
        (row,) = (await connection.execute(select(t.complaints))).all()
    assert "Melati" not in row.parts
    assert [part.message_id for part in open_parts(rig.sealing, row.complaint_id, row.parts)] == [message]


async def test_unclear_cases_are_named_for_a_person(rig: Rig) -> None:
    await rig.say("Petugas loket tidak ramah, antrean panjang setiap pagi")
    await rig.work()
    await rig.say("Petugas loket tidak ramah, antrean panjang setiap pagi, warga kecewa", sender=WAYAN, after=7200)
    await rig.work()
    (complaint,) = await queries.unclear(rig.store)
    assert (complaint.verdict.kind, complaint.verdict.unclear) == ("new", True)
    (other,) = [each for each in await rig.live() if each.complaint_id != complaint.complaint_id]
    assert complaint.verdict.target == other.complaint_id
    await rig.counts()


async def test_revisions_rise_by_one_and_the_row_has_the_last_document(rig: Rig) -> None:
    first = await rig.say(LAMP)
    await rig.work()
    for number in range(3):
        await rig.say(f"tambahan nomor {number}", after=20 * number)
        await rig.work()
    assert [event.complaint.revision for event in await rig.events()] == [1, 2, 3, 4]
    assert len({event.event_id for event in await rig.events()}) == 4
    assert await queries.complaint(rig.store, complaint_id(first)) == await rig.one()
    async with rig.store.reading() as connection:
        due = select(func.count()).where(t.complaints.c.settles_at.is_not(None))
        assert (await connection.execute(due)).scalar_one() == 0


async def test_a_trace_goes_on_into_the_event(rig: Rig) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = {"nomor_tiket": "1", "waktu": "24/11/2026 14:05", "keluhan": {"isi": LAMP}}
    await rig.receive("rsud", json.dumps(body).encode(), traceparent=trace)
    await rig.work()
    (record,) = await rig.log("complaints")
    assert record.headers["traceparent"] == trace
