"""The whole normalizer as a running service: its loops, its sweeper, how it starts, waits and stops."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

import normalizer.service
from normalizer import queries
from normalizer import tables as t
from normalizer.service import Normalizer
from normalizer.settling.drafting import Drafter
from normalizer.source import GatherPolicy, SourceView
from runtime.bus.protocol import Bus, BusUnavailable, Consumer, OnGap, Partition, Positions, Record
from runtime.objects.folder import FolderObjects
from runtime.store.engine import StoreUnavailable
from runtime.store.positions import PositionMoved
from schemas.identity import complaint_id
from schemas.topics import COMMANDS, RAW

from .rig import WAYAN, Rig, text, wa

LAMP = "Lampu penerangan jalan mati di depan SDN 4 Jalan Melati RT 3 Banyuasri, sudah seminggu gelap"
PATIENCE = 60.0
"""Seconds. Only a failing test waits so long."""


class SwitchableBus:
    """The log, which may refuse to take anything, and counts how often it is asked."""

    def __init__(self, inner: Bus) -> None:
        self.inner = inner
        self.away = False
        self.polls = 0

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        if self.away:
            raise BusUnavailable("the log is away")
        await self.inner.publish(topic, records)

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        return await self.inner.ends(topic)

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        consumer = await self.inner.subscribe(group, topics, positions, on_gap)
        ask = consumer.poll

        async def poll(limit: int, wait: float) -> object:
            self.polls += 1
            return await ask(limit, wait)

        consumer.poll = poll  # type: ignore[method-assign,assignment]  # counted
        return consumer


@pytest.fixture
def bus(rig: Rig) -> SwitchableBus:
    return SwitchableBus(rig.bus)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def service(
    *,
    rig: Rig,
    bus: SwitchableBus,
    objects: FolderObjects,
    views: dict[str, SourceView],
    drafter: Drafter,
    registry: CollectorRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Normalizer]:
    monkeypatch.setattr(normalizer.service, "Drafter", lambda *_: drafter)
    quickly = GatherPolicy(wait=timedelta(milliseconds=50))
    made = Normalizer(
        bus,  # type: ignore[arg-type]  # what it uses of a bus
        rig.store,
        rig.sealing,
        objects,
        sources=views,
        registry=registry,
        gather=quickly,
    )
    yield made
    await made.stop()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, "it does not come about"
        await asyncio.sleep(0.02)


async def test_traffic_flows_through_by_itself(rig: Rig, service: Normalizer, registry: CollectorRegistry) -> None:
    await service.start()
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.say("tes", sender=WAYAN)
    await rig.publish(RAW.name, "x", b"no raw complaint")

    async def settled() -> bool:
        counts = (await service.ledger()).counts
        return counts["positions_raw"] == 4 and not counts["unsettled"] and not counts["outbox"]

    await until(settled)
    assert (await rig.one()).complaint_id == complaint_id(wa("wamid.1"))
    assert len(await rig.dead()) == 1
    assert await rig.counts("complaint", "ignored", "dead", "redelivered") == (1, 1, 1, 1)
    labels = {"stage": "intake", "channel": "whatsapp_cloud", "outcome": "complaint"}
    assert registry.get_sample_value("muara_records_processed_total", labels) == 2
    assert service.health.problems == {}


async def test_who_comes_after_it_goes_on_where_it_stopped(rig: Rig, service: Normalizer) -> None:
    await service.start()
    await rig.say(LAMP)

    async def published() -> bool:
        return bool(await rig.events())

    await until(published)
    await service.stop()
    await rig.say("Air PDAM keruh di Penarukan", sender=WAYAN)
    await rig.work()
    assert await rig.counts("complaint", "redelivered") == (2, 0)


async def test_it_stops_after_the_looks_that_are_under_way(service: Normalizer, bus: SwitchableBus) -> None:
    await service.start()
    await asyncio.sleep(0.1)
    before = bus.polls
    await service.stop()
    assert bus.polls - before <= 4  # all loops at once, each after the look that it has begun


async def test_it_rests_while_nothing_comes(service: Normalizer, bus: SwitchableBus) -> None:
    async def asked() -> bool:
        return bus.polls >= 3

    await service.start()
    await until(asked)
    began, before = time.monotonic(), bus.polls
    await asyncio.sleep(1.0)
    # Four topics, each asked about twice a second; a busy loop asks thousands of times.
    assert bus.polls - before < 20 * (time.monotonic() - began)


async def test_a_log_that_is_away_is_waited_for_and_the_sweeper_brings_what_is_due(
    rig: Rig, service: Normalizer, bus: SwitchableBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(t.outbox.sweep.__func__, "__kwdefaults__", {"older_than": timedelta(0)})  # type: ignore[attr-defined]  # a method
    bus.away = True
    await rig.say(LAMP)
    await service.start()

    async def waiting() -> bool:
        return (await service.ledger()).counts["outbox"] == 1

    await until(waiting)
    assert await rig.events() == []

    async def told() -> bool:
        return "the log is away" in service.health.problems.get("normalizer.sweeper", "")

    await until(told)
    bus.away = False

    async def published() -> bool:
        return bool(await rig.events()) and (await service.ledger()).counts["outbox"] == 0

    await until(published)
    assert (await rig.one()).text == LAMP


async def test_an_operators_command_is_obeyed(rig: Rig, service: Normalizer) -> None:
    views = service._reader._sources
    service._reader._sources = {}
    await service.start()
    message = await rig.say(LAMP)

    async def dead() -> bool:
        return bool(await queries.dead_letters(rig.store))

    await until(dead)
    service._reader._sources = views
    command = {
        "event_id": "00000000-0000-0000-0000-000000000001",
        "occurred_at": "2026-11-24T03:00:00Z",
        "origin": "operator",
        "action": "replay",
        "subject": str(message),
    }
    await rig.publish(COMMANDS.name, "x", str(command).replace("'", '"').encode())

    async def alive() -> bool:
        return bool(await rig.events())

    await until(alive)
    assert (await rig.one()).complaint_id == complaint_id(message)


async def test_a_store_that_fails_at_first_is_tried_again(
    rig: Rig, service: Normalizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, failures = service._intake.write, iter([StoreUnavailable("the disk is full"), RuntimeError("a fault")])

    async def write(batch: object) -> object:
        if (failure := next(failures, None)) is not None:
            raise failure
        return await right(batch)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(service._intake, "write", write)
    await rig.say(LAMP)
    await service.start()

    async def published() -> bool:
        return bool(await rig.events())

    await until(published)
    assert await rig.counts("complaint", "redelivered") == (1, 0)


async def test_two_services_on_one_log_double_nothing(rig: Rig, service: Normalizer) -> None:
    """Somebody started it twice: one of the two always finds that the other was there."""
    await service.start()
    for number in range(20):
        await rig.say(f"Got mampet di Jalan Kenanga nomor {number}", sender=f"62811000002{number:02}", after=number)
        with contextlib.suppress(PositionMoved):  # the other was quicker, as it may be
            await rig.take_in()

    async def done() -> bool:
        counts = (await service.ledger()).counts
        return counts["positions_raw"] == 20 and not counts["unsettled"] and not counts["outbox"]

    await until(done)
    (received, redelivered) = await rig.counts("received", "redelivered")
    assert (received, redelivered) == (20, 0)
