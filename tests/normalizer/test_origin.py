"""The tables are lost and made anew from the log: what is said afterwards is newer than all that was said before."""

from collections.abc import Callable
from dataclasses import replace

from normalizer.migrations import SERVICE, VERSIONS
from normalizer.origin import settle_origin
from tests.stores import OpenStore

from .rig import Ground, Rig


async def test_a_store_that_was_lost_says_nothing_that_readers_take_for_old(
    rig: Rig, ground: Ground, make_rig: Callable[[Ground], Rig], open_store: OpenStore
) -> None:
    first = await rig.say("Lampu jalan mati di Jalan Melati nomor 5", after=0)
    await rig.work()
    for number in range(3):
        await rig.say(f"Tambahan {number}: lampu jalan mati di Jalan Melati nomor 5", after=3600 * (number + 1))
        await rig.work()
    before = await rig.of(first)
    assert before.revision > 1

    anew = make_rig(replace(ground, store=await open_store(SERVICE, VERSIONS)))
    await settle_origin(anew.store, anew.bus)
    await anew.work()
    assert (await anew.of(first)).revision > before.revision
    await anew.say("Lampu jalan mati di Jalan Melati nomor 5, masih padam juga", after=5 * 3600)
    await anew.work()
    told = await anew.of(first)
    assert len(told.supporters) > len(before.supporters)
    assert await anew.wrong() == []


async def test_on_a_new_log_revisions_begin_at_one_however_often_it_is_asked(rig: Rig) -> None:
    for _ in range(2):
        await settle_origin(rig.store, rig.bus)
    await rig.say("Lampu jalan mati di Jalan Melati")
    await rig.work()
    await settle_origin(rig.store, rig.bus)
    assert (await rig.one()).revision == 1
    assert await rig.wrong() == []
