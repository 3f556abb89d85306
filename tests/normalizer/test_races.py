"""Several normalizers on one database: near-duplicates on two partitions end as one complaint, however they meet.

A round has four steps: read and understand, announce, look and decide, write. Two rounds of two normalizers can come
upon each other in seventy ways; each is tried, with people and places of its own.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from normalizer import tables as t
from normalizer.settling.claiming import claim
from normalizer.settling.deciding import Prepared, Round
from normalizer.source import GatherPolicy
from runtime.store.engine import StoreUnavailable
from schemas.identity import complaint_id

from .rig import Rig

STREETS = (
    "Melati", "Kenanga", "Mawar", "Anggrek", "Cempaka", "Flamboyan", "Kamboja", "Teratai", "Dahlia", "Seruni",
    "Bougenvil", "Sedap Malam", "Matahari", "Tulip", "Lavender", "Alamanda", "Soka", "Asoka", "Gardenia", "Kantil",
    "Wijayakusuma", "Sakura", "Aster", "Krisan",
)  # fmt: skip
TROUBLES = ("Lampu jalan mati total", "Tumpukan sampah membusuk", "Selokan mampet meluap")


def reports() -> Iterator[tuple[str, str]]:
    """Words and a number that no one can own, each pair for one incident."""
    for number, (trouble, street) in enumerate(itertools.product(TROUBLES, STREETS), 100):
        yield f"{trouble} di Jalan {street} nomor {number} sejak tiga hari lalu, mohon segera", f"628110000{number:04d}"


@pytest.fixture
def gather() -> GatherPolicy:
    return GatherPolicy(wait=timedelta(0))


class Round4:
    """A round of one normalizer about one complaint, step by step."""

    def __init__(self, rig: Rig, complaint: UUID) -> None:
        self.rig = rig
        self.complaint = complaint
        self.prepared: Prepared | None = None
        self.plan: Round | None = None
        self.postponed = 0

    @property
    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.prepare, self.announce, self.decide, self.write]

    async def prepare(self) -> None:
        async with self.rig.store.reading() as view:
            self.prepared = await self.rig.settler._decider.prepare(view, [self.complaint])

    async def announce(self) -> None:
        assert self.prepared is not None
        await self.rig.settler._announce(self.prepared)

    async def decide(self) -> None:
        assert self.prepared is not None
        self.plan = await self.rig.settler._decide(self.prepared, self.rig.clock())

    async def write(self) -> None:
        assert self.plan is not None
        async with self.rig.store.writing() as connection:
            settled = await self.rig.settler._write(connection, self.plan, self.rig.clock())
        self.postponed = settled.postponed
        await t.outbox.publish(self.rig.store, self.rig.bus, settled.events)


async def pair(rig: Rig, words: str, phone: str) -> tuple[UUID, UUID]:
    """The same person's report by WhatsApp and from a list: two conversations, two complaints."""
    first = await rig.say(words, sender=phone, name="Siti Contoh")
    second = await rig.row(int(phone[-4:]), isi=words, telepon=f"0{phone[2:]}", waktu="2026-11-24 11:00")
    return complaint_id(first), complaint_id(second)


async def test_however_two_rounds_meet_one_complaint_is_left(rig: Rig) -> None:
    orders = sorted(set(itertools.permutations("aaaabbbb")))
    assert len(orders) == 70
    pairs = [await pair(rig, words, phone) for _, (words, phone) in zip(orders, reports(), strict=False)]
    while await rig.take_in():
        pass
    met = 0
    for order, (first, second) in zip(orders, pairs, strict=True):
        rounds = {"a": Round4(rig, first), "b": Round4(rig, second)}
        steps = {name: iter(each.steps) for name, each in rounds.items()}
        for name in order:
            await next(steps[name])()
        met += sum(each.postponed for each in rounds.values())
        assert 0 in [each.postponed for each in rounds.values()], order  # somebody always gets on
    await rig.settle()
    assert await rig.counts("complaint", "merged") == (70, 70)
    assert len(await rig.live()) == 70
    assert met > 20  # they did come upon each other


async def test_two_that_write_in_the_same_moment(rig: Rig) -> None:
    """The rows are locked in one order: nobody waits in a ring, and one of the two thinks again."""
    for words, phone in itertools.islice(reports(), 20):
        first, second = await pair(rig, words, phone)
        while await rig.take_in():
            pass
        rounds = [Round4(rig, first), Round4(rig, second)]
        for each in rounds:
            await each.prepare()
            await each.announce()
        for each in rounds:
            await each.decide()
        async with asyncio.timeout(30):
            await asyncio.gather(*(each.write() for each in rounds))
        assert sorted(each.postponed for each in rounds) == [0, 1]
        await rig.settle()
    assert await rig.counts("complaint", "merged") == (20, 20)


async def test_two_rounds_that_add_to_one_complaint_lose_nobody(rig: Rig) -> None:
    """Both have read the complaint as it was; who publishes it second must know of who came first."""
    words, phone = next(reports())
    head, _ = await pair(rig, words, phone)
    await rig.work()
    more = [complaint_id(await rig.row(each, isi=words, telepon=f"0{phone[2:]}")) for each in (1, 2)]
    await rig.take_in()
    rounds = [Round4(rig, each) for each in more]
    for step in range(3):
        for each in rounds:
            await each.steps[step]()
    for each in rounds:
        await each.write()
    await rig.settle()
    assert await rig.counts("complaint", "merged") == (1, 3)
    (one,) = await rig.live()
    assert one.complaint_id == head
    assert len(one.supporters) == 3


async def test_others_that_settle_strangers_are_not_held_up(rig: Rig) -> None:
    one, other = [await pair(rig, words, phone) for words, phone in itertools.islice(reports(), 0, 60, 30)]
    while await rig.take_in():
        pass
    rounds = [Round4(rig, one[0]), Round4(rig, other[0])]
    for step in range(4):
        for each in rounds:
            await each.steps[step]()
    assert [each.postponed for each in rounds] == [0, 0]


async def test_a_process_that_died_after_announcing_holds_nobody_up(rig: Rig) -> None:
    words, phone = next(reports())
    first, second = await pair(rig, words, phone)
    while await rig.take_in():
        pass
    dead = Round4(rig, first)
    await dead.prepare()
    await dead.announce()
    alone = Round4(rig, second)
    for step in alone.steps:
        await step()
    assert alone.postponed == 0
    await rig.settle()
    assert await rig.counts("complaint", "merged") == (1, 1)
    async with rig.store.reading() as connection:
        left = await connection.execute(select(t.complaints).where(t.complaints.c.announced_keys.is_not(None)))
        assert left.all() == []


async def test_a_complaint_is_settled_by_one_process_at_a_time(rig: Rig, dialect: str) -> None:
    for words, phone in itertools.islice(reports(), 6):
        await rig.say(words, sender=phone, name="Siti Contoh")
    while await rig.take_in():
        pass
    now = rig.clock()
    async with rig.store.reading() as one, rig.store.reading() as other:
        mine, theirs = await claim(one, now, 4), await claim(other, now, 4)
        if dialect == "postgresql":
            assert (len(mine), len(theirs)) == (4, 2)
            assert not {*mine} & {*theirs}
        else:
            assert mine == theirs  # one writer: who comes second finds that it was done
    async with rig.store.reading() as third:
        assert len(await claim(third, now, 10)) == 6  # claims end with the transaction


async def test_many_normalizers_settle_a_flood_together(rig: Rig) -> None:
    for words, phone in itertools.islice(reports(), 24):
        await pair(rig, words, phone)
    while await rig.take_in():
        pass

    async def settle() -> int:
        done = 0
        async with asyncio.timeout(60):
            while True:
                try:
                    settled = await rig.settler.settle(5)
                except StoreUnavailable:  # a database may say: once more
                    continue
                if settled is None:
                    return done
                done += sum(settled.outcomes.values())
                await t.outbox.publish(rig.store, rig.bus, settled.events)

    shares = await asyncio.gather(*(settle() for _ in range(4)))
    assert await rig.counts("complaint", "merged") == (24, 24)
    assert sum(shares) >= 48
    assert len(await rig.live()) == 24
