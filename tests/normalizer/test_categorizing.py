"""The category that an operator gives: told once, and kept whatever is said later."""

from uuid import uuid4

from schemas.identity import complaint_id

from .rig import Rig


async def test_an_operators_category_is_published_once_and_stays(rig: Rig) -> None:
    message = await rig.say("Mohon perhatian untuk Jalan Melati RT 3, warga resah")
    await rig.work()
    before = await rig.of(message)
    assert before.category is None

    for _ in range(2):  # asked twice, told once
        await rig.command("dismiss", before.complaint_id, category="lampu_jalan", reason="ditelepon")
        await rig.work()
    assert (await rig.told())[-2:] == ["category lampu_jalan", "it has this category already"]
    after = await rig.of(message)
    assert after.category is not None
    assert (after.category.key, after.category.version, after.category.confidence) == ("lampu_jalan", "operator", 1.0)
    assert (after.revision, after.directed_to is None) == (2, False)
    assert after.verdict == before.verdict

    later = await rig.say("Sampah menumpuk dan tidak diangkut", after=30)  # of the same conversation
    await rig.work()
    grown = await rig.of(message)
    assert [each.message_id for each in grown.supporters] == [later]
    assert grown.category == after.category


async def test_a_category_that_cannot_be_given_is_told_so(rig: Rig) -> None:
    message = await rig.say("Lampu jalan mati di Jalan Melati RT 3")
    await rig.take_in()
    await rig.command("dismiss", complaint_id(message), category="sampah")
    assert (await rig.told())[-1] == "the complaint is gathering"
    await rig.work()
    before = await rig.of(message)
    for subject, category, words in [
        (before.complaint_id, "tak_ada", "there is no such category"),
        (uuid4(), "sampah", "no such complaint here"),
    ]:
        await rig.command("dismiss", subject, category=category)
        assert (await rig.told())[-1] == words
    await rig.work()
    assert (await rig.of(message)).revision == before.revision
