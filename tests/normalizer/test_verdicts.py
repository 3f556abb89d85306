"""What operators decide of duplicates, and that everything stays balanced after each step (trap 19)."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from normalizer import queries
from normalizer import tables as t
from schemas.identity import complaint_id

from .rig import KETUT, SITI, WAYAN, Rig

LAMP = "Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri, sudah seminggu gelap"
SAME = "Lampu penerangan jalan di depan SDN 4 Jalan Melati RT 3 Banyuasri mati, gelap sekali"
WASTE = "Sampah di pasar Seririt tidak diangkut sejak Senin, baunya menyengat"
WATER = "Air PDAM keruh di Penarukan sejak kemarin, tidak bisa dipakai mandi"
HOLE = "Jalan Ngurah Rai berlubang besar di dekat jembatan Sukasada"


async def complaint(rig: Rig, words: str, sender: str, after: float = 0) -> UUID:
    return complaint_id(await rig.say(words, sender=sender, name=f"Warga {sender[-1]}", after=after))


async def three(rig: Rig) -> tuple[UUID, UUID, UUID]:
    """Three complaints that have nothing to do with each other."""
    found = (
        await complaint(rig, WASTE, SITI),
        await complaint(rig, WATER, WAYAN, 1),
        await complaint(rig, HOLE, KETUT, 2),
    )
    await rig.work()
    assert len(await rig.live()) == 3
    return found


async def decide(rig: Rig, action: str, subject: UUID, target: UUID | None = None) -> str:
    """A command; the ledger balances before and after it is settled."""
    await rig.command(action, subject, target)
    await rig.counts()
    await rig.work()
    await rig.counts()
    assert (await rig.ledger()).counts["unsettled"] == 0
    assert await indexed(rig) == {each.complaint_id for each in await rig.live()}
    await agree(rig)
    return (await rig.told())[-1]


async def indexed(rig: Rig) -> set[UUID]:
    async with rig.store.reading() as connection:
        rows = await connection.execute(select(t.dedup.reports.c.complaint_id))
        return {UUID(row.complaint_id) for row in rows}


async def agree(rig: Rig) -> None:
    """Leaders and followers name each other, and nobody follows a follower, himself, or who is merged away."""
    newest = await rig.newest()
    for each in newest.values():
        if each.merged_into is not None:
            continue
        followers = {other.complaint_id for other in each.followers}
        assert followers == {
            other.complaint_id
            for other in newest.values()
            if other.leader == each.complaint_id and other.merged_into is None
        }
        if each.leader is not None:
            leader = newest[each.leader]
            assert (leader.leader, leader.merged_into) == (None, None)


async def test_a_merge_adds_a_supporter_and_leaves_a_tombstone(rig: Rig) -> None:
    waste, water, _ = await three(rig)
    assert await decide(rig, "merge", water, waste) == f"merged into {waste}"
    newest = await rig.newest()
    gone, head = newest[water], newest[waste]
    assert (gone.merged_into, gone.revision, gone.verdict.version) == (waste, 2, "operator")
    assert head.revision == 2
    assert WATER in head.text
    assert [supporter.reason for supporter in head.supporters] == ["operator"]
    assert await rig.counts("complaint", "merged") == (2, 1)


async def test_an_undone_merge_is_as_if_it_had_not_been(rig: Rig) -> None:
    waste, water, _ = await three(rig)
    before = await rig.newest()
    await decide(rig, "merge", water, waste)
    assert await decide(rig, "undo", water) == "merge undone"
    after = await rig.newest()
    for each in (waste, water):
        for name in ("text", "supporters", "merged_into", "leader", "followers"):
            assert getattr(after[each], name) == getattr(before[each], name)
        assert after[each].revision == 3
    assert await rig.counts("complaint", "merged") == (3, 0)
    assert await decide(rig, "undo", water) == "there is nothing to undo"


async def test_an_undone_complaint_is_not_merged_again_by_itself(rig: Rig) -> None:
    first = await complaint(rig, LAMP, SITI)
    second = await complaint(rig, SAME, SITI, after=7200)
    await rig.work()
    assert await rig.counts("complaint", "merged") == (1, 1)
    tombstone = (await rig.newest())[second]
    # Although it was never published alone: an operator learns of the merge, and why, and what to take back.
    assert (tombstone.revision, tombstone.merged_into, tombstone.verdict.kind) == (1, first, "merged")
    assert "same person" in " ".join(tombstone.verdict.reasons)
    assert await decide(rig, "undo", second) == "merge undone"
    assert {each.complaint_id for each in await rig.live()} == {first, second}
    assert (await rig.newest())[second].revision == 2
    assert SAME not in (await rig.newest())[first].text
    assert await rig.counts("complaint", "merged") == (2, 0)


async def test_a_merge_of_a_merge_and_its_undoing(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "merge", hole, water)
    await decide(rig, "merge", water, waste)
    head = await rig.one()
    assert WATER in head.text
    assert HOLE in head.text
    assert len(head.supporters) == 2
    await decide(rig, "undo", water)
    newest = await rig.newest()
    assert HOLE in newest[water].text
    assert newest[waste].text == WASTE
    assert newest[hole].merged_into == water
    await decide(rig, "undo", hole)
    assert len(await rig.live()) == 3


async def test_a_link_and_its_undoing(rig: Rig) -> None:
    waste, water, _ = await three(rig)
    assert await decide(rig, "link", water, waste) == f"linked to {waste}"
    newest = await rig.newest()
    assert newest[water].leader == waste
    assert [each.complaint_id for each in newest[waste].followers] == [water]
    assert await rig.counts("complaint", "merged") == (3, 0)  # a link is an attribute, never a term
    assert await decide(rig, "link", waste, water) == "it leads the other already"
    assert await decide(rig, "undo", water) == "link undone"
    newest = await rig.newest()
    assert (newest[water].leader, newest[waste].followers) == (None, ())


async def test_who_links_to_a_follower_follows_its_leader(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", water, waste)
    await decide(rig, "link", hole, water)
    assert {each.complaint_id for each in (await rig.newest())[waste].followers} == {water, hole}


async def test_a_leader_that_is_linked_brings_its_followers_and_takes_them_along_when_that_is_undone(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", hole, water)
    await decide(rig, "link", water, waste)
    newest = await rig.newest()
    assert {each.complaint_id for each in newest[waste].followers} == {water, hole}
    assert newest[water].followers == ()
    await decide(rig, "undo", water)
    newest = await rig.newest()
    assert [each.complaint_id for each in newest[water].followers] == [hole]
    assert newest[waste].followers == ()


async def test_a_leader_that_is_merged_leaves_its_followers_to_whom_it_joined_until_that_is_undone(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", hole, water)
    await decide(rig, "merge", water, waste)
    assert (await rig.newest())[hole].leader == waste
    await decide(rig, "undo", water)
    newest = await rig.newest()
    assert newest[hole].leader == water
    assert newest[waste].followers == ()


async def test_a_leader_that_is_merged_into_a_follower_of_another(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    other = await complaint(rig, "Pohon tumbang menutup jalan di Gitgit", "6281100000004", 3)
    await rig.work()
    await decide(rig, "link", hole, water)
    await decide(rig, "link", waste, other)
    await decide(rig, "merge", water, waste)
    assert {each.complaint_id for each in (await rig.newest())[other].followers} == {waste, hole}
    await decide(rig, "undo", water)
    assert (await rig.newest())[hole].leader == water


async def test_a_leader_that_is_merged_into_its_own_follower(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", water, waste)
    await decide(rig, "link", hole, waste)
    await decide(rig, "merge", waste, water)
    newest = await rig.newest()
    assert newest[water].leader is None
    assert [each.complaint_id for each in newest[water].followers] == [hole]


async def test_a_follower_that_is_merged_leaves_its_leader(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", water, waste)
    await decide(rig, "merge", water, hole)
    newest = await rig.newest()
    assert newest[waste].followers == ()
    assert newest[water].merged_into == hole
    await decide(rig, "undo", water)
    assert (await rig.newest())[water].leader is None  # undone is standing alone


async def test_a_link_to_another_leader_leaves_the_first(rig: Rig) -> None:
    waste, water, hole = await three(rig)
    await decide(rig, "link", water, waste)
    await decide(rig, "link", water, hole)
    newest = await rig.newest()
    assert newest[waste].followers == ()
    assert [each.complaint_id for each in newest[hole].followers] == [water]


async def test_later_reports_still_find_a_leader_and_its_supporters(rig: Rig) -> None:
    """After a merge by command the head answers to the person who was merged into it."""
    lamp = await complaint(rig, LAMP, SITI)
    water = await complaint(rig, WATER, WAYAN, 1)
    await rig.work()
    await decide(rig, "merge", water, lamp)
    await complaint(rig, SAME, WAYAN, 7200)
    await rig.work()
    head = await rig.one()
    assert [supporter.reason for supporter in head.supporters] == ["operator", "same_report"]
    await rig.counts()


async def test_an_unclear_case_is_dismissed(rig: Rig) -> None:
    waste, water, _ = await three(rig)
    async with rig.store.writing() as connection:
        await connection.execute(t.complaints.update().where(t.complaints.c.complaint_id == water).values(unclear=True))
    assert [each.complaint_id for each in await queries.unclear(rig.store)] == [water]
    assert await decide(rig, "dismiss", water) == "stands alone"
    assert await queries.unclear(rig.store) == []
    assert await decide(rig, "dismiss", water) == "it is not an unclear case"
    assert (await rig.newest())[water].verdict.reasons == ("operator",)
    assert (await rig.newest())[waste].revision == 1


async def never(rig: Rig) -> UUID:
    return uuid4()


async def itself(rig: Rig) -> UUID:
    return (await rig.live())[0].complaint_id


async def merged(rig: Rig) -> UUID:
    first, second = (each.complaint_id for each in (await rig.live())[1:])
    await decide(rig, "merge", second, first)
    return second


async def gathering(rig: Rig) -> UUID:
    message = await rig.say("Trotoar rusak di Jalan Gajah Mada", sender="6281100000005")
    await rig.take_in()
    return complaint_id(message)


@pytest.mark.parametrize("action", ["merge", "link"])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        (never, "no complaint"),
        (itself, "a complaint cannot join itself"),
        (merged, "is merged"),
        (gathering, "is gathering"),
        (None, "the target is no id"),
    ],
)
async def test_what_cannot_be_joined_is_told_so_and_nothing_happens(
    rig: Rig, action: str, target: Callable[[Rig], object] | None, words: str
) -> None:
    waste, _, _ = await three(rig)
    other = None if target is None else await target(rig)  # type: ignore[misc]  # one of the coroutines above
    before = await rig.counts("complaint", "merged")
    await rig.command(action, waste, other)
    assert words in (await rig.told())[-1]
    assert await rig.counts("complaint", "merged") == before
    assert (await rig.newest())[waste].revision == 1


@pytest.mark.parametrize("action", ["undo", "dismiss"])
async def test_nothing_is_undone_where_nothing_is(rig: Rig, action: str) -> None:
    await rig.command(action, uuid4())
    assert await rig.told() == ["no such complaint here"]


async def test_commands_and_settling_that_cross_do_not_lose_each_other(rig: Rig) -> None:
    """A merge is undone before its round of settling came."""
    waste, water, _ = await three(rig)
    await rig.command("merge", water, waste)
    await rig.command("undo", water)
    await rig.counts()
    await rig.work()
    assert len(await rig.live()) == 3
    await agree(rig)
    assert await rig.counts("complaint", "merged") == (3, 0)


async def test_a_message_for_an_undone_complaint_goes_there(rig: Rig) -> None:
    waste, water, _ = await three(rig)
    await rig.command("merge", water, waste)
    await rig.work()
    await rig.command("undo", water)
    await rig.say("dan bau kaporit", sender=WAYAN, after=20)
    await rig.work()
    newest = await rig.newest()
    assert "kaporit" in newest[water].text
    assert "kaporit" not in newest[waste].text
    await agree(rig)
    await rig.counts()
