"""What comes after complaints have settled brings them together or apart; an operator's word stands against it."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

from normalizer import tables as t
from schemas.identity import complaint_id

from .rig import KETUT, SITI, WAYAN, Rig, text, wa
from .test_races import STREETS, Round4
from .test_verdicts import agree, indexed

HOLE = "Jalan berlubang besar, banyak motor jatuh"
HOLE_THERE = "Jalan berlubang di Jalan Kenanga RT 5 RW 2, banyak motor jatuh"
THERE = "di Jl. Kenanga RT 5 RW 2"
LAMP = "Lampu penerangan jalan mati di depan SDN 4 Jalan Melati Banyuasri, sudah seminggu gelap"
SAME = "Lampu penerangan jalan di depan SDN 4 Jalan Melati{} Banyuasri mati, gelap sekali"


async def say(rig: Rig, words: str, sender: str, after: float = 0) -> UUID:
    """A message that settles before the next one comes; the complaint that it would found."""
    found = complaint_id(await rig.say(words, sender=sender, name=f"Warga {sender[-1]}", after=after))
    await settled(rig)
    return found


async def row(rig: Rig, number: int, words: str, phone: str = "0811-0000-0001") -> UUID:
    """Siti's report at the counter."""
    found = complaint_id(await rig.row(number, isi=words, telepon=phone, nama="Warga 1", waktu="2026-11-24 09:50"))
    await settled(rig)
    return found


async def settled(rig: Rig) -> None:
    """Everything is settled, and in balance."""
    await rig.work()
    await rig.counts()
    assert (await rig.ledger()).counts["unsettled"] == 0
    assert await indexed(rig) == {each.complaint_id for each in await rig.live()}
    await agree(rig)


async def revisions(rig: Rig, *complaints: UUID) -> list[int]:
    newest = await rig.newest()
    return [newest[each].revision for each in complaints]


async def test_a_place_told_later_links_and_the_older_leads(rig: Rig) -> None:
    vague = await say(rig, HOLE, SITI)
    other = await say(rig, HOLE_THERE, WAYAN, 5)
    assert [each.leader for each in await rig.live()] == [None, None]
    await say(rig, THERE, SITI, 10)
    newest = await rig.newest()
    assert (newest[vague].leader, newest[other].leader) == (None, vague)
    assert [each.complaint_id for each in newest[vague].followers] == [other]
    assert "same street: Jalan Kenanga" in newest[other].verdict.reasons
    assert await revisions(rig, vague, other) == [2, 2]  # each corrected once
    # The same once more changes nothing between them.
    await say(rig, THERE, SITI, 15)
    assert await revisions(rig, vague, other) == [3, 2]
    assert (await rig.newest())[other].leader == vague


async def test_a_place_told_later_that_conflicts_takes_a_follower_away(rig: Rig) -> None:
    leader = await say(rig, "Jalan berlubang di Jalan Kenanga, banyak motor jatuh, dekat warung", WAYAN)
    follower = await say(rig, "Pak, jalan di Jl. Kenanga berlubang besar, motor jatuh", SITI, 5)
    assert (await rig.newest())[follower].leader == leader
    await say(rig, "RT 5 RW 2", WAYAN, 10)
    assert (await rig.newest())[follower].leader == leader
    await say(rig, "di RT 9", SITI, 15)
    newest = await rig.newest()
    assert (newest[follower].leader, newest[leader].followers) == (None, ())
    assert newest[follower].verdict.kind == "new"
    assert newest[follower].verdict.reasons[0] == f"parted from {leader}: what came later conflicts"
    assert any(reason.startswith("different RT") for reason in newest[follower].verdict.reasons)


async def test_a_place_told_later_that_conflicts_parts_what_was_merged(rig: Rig) -> None:
    head = await row(rig, 1, SAME.format(" RT 3"))
    repeat = await say(rig, LAMP, SITI)
    assert (await rig.newest())[repeat].merged_into == head
    assert await rig.counts("complaint", "merged") == (1, 1)
    await say(rig, "RT 4", SITI, 10)
    newest = await rig.newest()
    assert (newest[repeat].merged_into, newest[repeat].leader) == (None, None)
    assert (newest[repeat].text, newest[head].text) == (f"{LAMP}\nRT 4", SAME.format(" RT 3"))
    assert newest[head].supporters == ()
    assert await rig.counts("complaint", "merged") == (2, 1)
    assert await revisions(rig, head, repeat) == [3, 2]
    # A third one comes to the one that it fits.
    third = await row(rig, 2, SAME.format(" RT 4"))
    assert (await rig.newest())[third].merged_into == repeat
    assert await rig.counts("complaint", "merged") == (2, 2)


async def test_what_was_merged_leaves_the_one_that_it_does_not_fit(rig: Rig) -> None:
    """Two heads are known by then; parted from one it is compared with the other."""
    there, here = await row(rig, 1, SAME.format(" RT 3")), await row(rig, 2, SAME.format(" RT 4"))
    repeat = await say(rig, LAMP, SITI)
    first = (await rig.newest())[repeat].merged_into
    assert first in (there, here)
    other = here if first == there else there
    await say(rig, "RT 4" if first == there else "RT 3", SITI, 10)
    newest = await rig.newest()
    # Whether the words are enough for the other is the weights' affair; that it left the first is not.
    assert newest[repeat].merged_into in (None, other)
    assert newest[first].supporters == ()
    assert all(each.merged_into != first for each in newest.values())


async def test_a_head_that_tells_more_keeps_what_agrees(rig: Rig) -> None:
    head = await say(rig, LAMP, SITI)
    right, wrong = await row(rig, 1, SAME.format(" RT 3")), await row(rig, 2, SAME.format(""))
    newest = await rig.newest()
    assert {newest[right].merged_into, newest[wrong].merged_into} == {head}
    await say(rig, "RT 3 ya", SITI, 10)
    newest = await rig.newest()
    assert {newest[right].merged_into, newest[wrong].merged_into} == {head}
    assert len(newest[head].supporters) == 3


async def test_an_operators_merge_stands_against_later_evidence(rig: Rig) -> None:
    head = await row(rig, 1, SAME.format(" RT 3"))
    repeat = await say(rig, "Sampah menumpuk di pasar", SITI)
    await rig.command("merge", repeat, head)
    await settled(rig)
    await say(rig, "RT 4", SITI, 10)
    assert (await rig.newest())[repeat].merged_into == head


async def test_whom_an_operator_took_apart_later_evidence_does_not_join(rig: Rig) -> None:
    head = await say(rig, LAMP, SITI)
    repeat = await row(rig, 1, SAME.format(""))
    assert (await rig.newest())[repeat].merged_into == head
    await rig.command("undo", repeat)
    await settled(rig)
    await say(rig, "depan SDN 4, gelap sekali", SITI, 10)
    newest = await rig.newest()
    assert (newest[repeat].merged_into, newest[head].merged_into) == (None, None)
    assert (newest[repeat].leader, newest[head].leader) == (None, None)
    # A third of the same person goes to one of them, and brings nobody along.
    await row(rig, 2, SAME.format(" RT 3"))
    await say(rig, "RT 3", SITI, 20)
    assert await rig.counts("complaint") == (2,)
    # What a person joins again may be told more, and stays.
    await rig.command("merge", repeat, head)
    await settled(rig)
    assert await rig.counts("complaint") == (1,)


async def test_followers_go_along(rig: Rig) -> None:
    """Of three incidents' first reports one turns out to be the same person's as an older one."""
    old = await row(rig, 1, "Jalan Kenanga RT 5 RW 2 berlubang besar sejak pekan lalu, banyak motor jatuh")
    vague = await say(rig, "Lubang di jalan dekat warung Bu Contoh", SITI)
    newest = await rig.newest()
    assert newest[vague].merged_into is None
    follower = await say(rig, "Lubang di jalan dekat warung Bu Contoh, dalam", KETUT, 5)
    await rig.command("link", follower, vague)
    await settled(rig)
    await say(rig, "Jalan Kenanga RT 5 RW 2 berlubang besar, banyak motor jatuh", SITI, 10)
    newest = await rig.newest()
    assert (newest[vague].merged_into, newest[follower].leader) == (old, old)
    assert [each.complaint_id for each in newest[old].followers] == [follower]


async def test_rahasia_told_later_is_compared_with_nothing(rig: Rig) -> None:
    other = await say(rig, HOLE_THERE, WAYAN)
    vague = await say(rig, HOLE, SITI, 5)
    await rig.say(f"{THERE}, mohon laporan ini dirahasiakan", sender=SITI, name="Warga 1", after=10)
    await rig.work()
    await rig.counts()
    newest = await rig.newest()
    assert (newest[vague].rahasia, newest[vague].leader, newest[other].followers) == (True, None, ())


async def test_however_two_rounds_meet_late_evidence_is_compared(rig: Rig) -> None:
    """Two people tell later where it is, or one does while the other's first message settles: in either case one
    follows the other, whoever's round comes first, and neither round misses the other's news.
    """
    orders = sorted(set(itertools.permutations("aaaabbbb")))[::3]
    pairs: list[tuple[UUID, UUID]] = []
    later: list[dict[str, Any]] = []
    for number, street in zip(range(len(orders)), STREETS, strict=True):
        people = [f"6281100000{each}{number:02d}" for each in (2, 3)]
        # Hours apart, so that the vague ones do not resemble each other.
        at, there = number * 40_000, f"di Jalan {street} RT 5 RW 2"
        idents = [f"wamid.{each}" for each in people]
        first = text(HOLE, ident=idents[0], sender=people[0], after=at)
        later.append(text(there, ident=f"{idents[0]}.2", sender=people[0], after=at + 10))
        await rig.whatsapp(first)
        if number % 2:
            later.append(text(f"Jalan berlubang {there}, motor jatuh", ident=idents[1], sender=people[1], after=at))
        else:
            await rig.whatsapp(text("Jalan rusak berlubang, motor jatuh", ident=idents[1], sender=people[1], after=at))
            later.append(text(there, ident=f"{idents[1]}.2", sender=people[1], after=at + 10))
        pairs.append((complaint_id(wa(idents[0])), complaint_id(wa(idents[1]))))
    await rig.work()
    assert len(await rig.live()) == len(orders) * 3 // 2
    for each in later:
        await rig.whatsapp(each)
    more = True
    while more:
        more = bool(await rig.take_in())
    rig.clock.advance(600)
    met = 0
    for order, (one, other) in zip(orders, pairs, strict=True):
        rounds = {"a": Round4(rig, one), "b": Round4(rig, other)}
        steps = {name: iter(each.steps) for name, each in rounds.items()}
        for name in order:
            await next(steps[name])()
        met += sum(each.postponed for each in rounds.values())
    await rig.settle()
    await rig.counts()
    await agree(rig)
    newest = await rig.newest()
    ties = [{newest[one].leader == other, newest[other].leader == one} for one, other in pairs]
    assert ties == [{True, False}] * len(pairs)
    assert met > 3


async def test_many_normalizers_and_one_flood_of_late_pieces(rig: Rig) -> None:
    streets = STREETS[:8]
    firsts: list[UUID] = []
    later: list[dict[str, Any]] = []
    for number, street in enumerate(streets):
        for sender in [f"6281100000{each}{number:02d}" for each in (4, 5, 6)]:
            at = number * 40_000
            firsts.append(complaint_id(await rig.say(HOLE, sender=sender, name="Warga", after=at)))
            later.append(text(f"di Jalan {street} RT 5 RW 2", ident=f"wamid.{sender}", sender=sender, after=at + 10))
    await rig.work()
    assert len(await rig.live()) == len(firsts)
    for each in later:
        await rig.whatsapp(each)
    more = True
    while more:
        more = bool(await rig.take_in())

    async def settle() -> None:
        while (done := await rig.settler.settle(4)) is not None:
            await t.outbox.publish(rig.store, rig.bus, done.events)

    async with asyncio.timeout(120):
        await asyncio.gather(*(settle() for _ in range(3)))
    await rig.counts()
    await agree(rig)
    newest = await rig.newest()
    groups = [firsts[start : start + 3] for start in range(0, len(firsts), 3)]
    assert [sum(newest[each].leader is not None for each in group) for group in groups] == [2] * len(streets)
