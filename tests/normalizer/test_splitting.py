"""A message that an operator takes out of a complaint: its own from then on, whatever the machine thinks."""

from uuid import uuid4

import pytest

from schemas.identity import complaint_id

from .rig import SITI, Rig, image

LAMP = "Lampu jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri"
SAME = "Lampu jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri, gelap sekali, salam dari Komang Contoh"


async def test_a_split_message_is_a_complaint_of_its_own_and_is_never_joined_again(rig: Rig) -> None:
    await rig.say(LAMP, name="Komang Contoh")
    second = await rig.say(SAME, after=30, name="")
    third = await rig.say("Got di Jalan Kenanga mampet", after=40, name="")
    await rig.work()
    before = await rig.one()
    assert await rig.counts("complaint", "merged") == (1, 2)

    await rig.command("undo", second, reason="tiang yang lain")
    await rig.counts()  # balanced before it is published, too
    await rig.work()
    assert (await rig.told())[-1] == f"split from {before.complaint_id}: complaint {complaint_id(second)}"
    old, new = (await rig.newest())[before.complaint_id], await rig.of(second)
    assert (old.revision, new.revision) == (2, 1)  # each told once
    assert "gelap sekali" not in old.text
    assert "gelap sekali" in new.text
    assert "Komang" not in new.text  # whose name only the first message told
    assert [each.message_id for each in old.supporters] == [third]
    assert (new.merged_into, new.leader, new.supporters, new.verdict.version) == (None, None, (), "operator")
    assert await rig.counts("complaint", "merged") == (2, 1)

    # Asked again, it stands; a later report of the same person joins one of the two, and does not bring them together.
    await rig.command("undo", second)
    assert (await rig.told())[-1] == "there is nothing to undo"
    await rig.say(SAME, after=7200)
    await rig.work()
    assert len(await rig.live()) == 2
    assert await rig.counts("complaint", "merged") == (2, 2)

    # An operator may bring them together, and take that back.
    await rig.command("merge", complaint_id(second), before.complaint_id)
    await rig.work()
    assert await rig.counts("complaint", "merged") == (1, 3)
    await rig.command("undo", second)  # by the message that founded it
    await rig.work()
    assert (await rig.told())[-1] == "merge undone"
    assert await rig.counts("complaint", "merged") == (2, 2)


async def test_a_message_that_is_split_while_another_normalizer_publishes_its_complaint_is_lost_by_nobody(
    rig: Rig,
) -> None:
    first = await rig.say(LAMP)
    second = await rig.say("Got di Jalan Kenanga mampet", after=30)
    await rig.work()
    third = await rig.say("mohon segera", after=60)
    await rig.take_in()
    plan = await rig.decided()  # with the second message in it
    await rig.command("undo", second)
    async with rig.store.writing() as connection:
        settled = await rig.settler._write(connection, plan, rig.clock())
    assert settled.postponed == 1
    await rig.work()
    old, new = await rig.of(first), await rig.of(second)
    assert ("mampet" in old.text, "mampet" in new.text) == (False, True)
    assert [each.message_id for each in old.supporters] == [third]
    assert (old.revision, new.revision) == (2, 1)
    assert await rig.counts("complaint", "merged") == (2, 1)


async def test_what_is_one_message_stays_one_and_silence_stays_asked_for(rig: Rig) -> None:
    await rig.say(f"{LAMP}. Mohon identitas saya dirahasiakan, pengaduan ini rahasia")
    await rig.whatsapp(image("wamid.one", caption="Sampah menumpuk di pasar", after=20))
    await rig.work()
    old = await rig.one()
    supporter = old.supporters[0].message_id
    await rig.command("undo", supporter)
    await rig.work()
    found = await rig.of(supporter)
    assert (found.rahasia, found.anonim) == (old.rahasia, old.anonim)
    assert old.rahasia or old.anonim
    assert len(found.attachments) == 1
    assert (await rig.newest())[old.complaint_id].attachments == ()


@pytest.mark.parametrize("state", ["unknown", "gathering", "founder"])
async def test_what_cannot_be_split_is_told_so_and_nothing_happens(rig: Rig, state: str) -> None:
    first = await rig.say(LAMP)
    second = await rig.say("di sebelah warung", sender=SITI, after=10)
    await rig.take_in()
    if state != "gathering":
        await rig.work()
    before = await rig.counts("complaint", "merged")
    subject = {"unknown": uuid4(), "gathering": second, "founder": first}[state]
    await rig.command("undo", subject)
    words = {"unknown": "no such complaint here", "gathering": "still gathers", "founder": "nothing to undo"}[state]
    assert words in (await rig.told())[-1]
    assert await rig.counts("complaint", "merged") == before
