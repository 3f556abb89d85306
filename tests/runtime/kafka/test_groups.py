"""Instances of a service share the partitions; each record is processed once, whoever comes, goes or forgets."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

import pytest
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]

from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_membership import own_assignor
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Gap, LogReplaced, Partition

from .conftest import TOPIC, Service, read, records

OpenBus = Callable[..., Awaitable[KafkaBus]]


async def test_instances_share_the_partitions_and_each_record_is_processed_once(open_bus: OpenBus) -> None:
    positions: dict[Partition, int] = {}
    bus = await open_bus()
    first = await Service(bus, positions).begin()
    await bus.publish(TOPIC, records(range(200)))
    await first.until(lambda: len(first.seen) >= 50)
    second = await Service(await open_bus(), positions).begin()
    both = [first, second]
    await at_once(both, lambda: [len(one.assigned) for one in both] == [2, 2])
    await bus.publish(TOPIC, records(range(200, 400)))
    await at_once(both, lambda: sum(positions.values()) == 400)
    assert first.consumer is not None
    await first.consumer.close()
    await bus.publish(TOPIC, records(range(400, 500)))
    await second.until(lambda: sum(positions.values()) == 500)
    assert len(second.assigned) == 4
    assert sorted(read([*first.seen, *second.seen])) == list(range(500))


async def at_once(services: list[Service], condition: Callable[[], bool]) -> None:
    await asyncio.gather(*(service.until(condition) for service in services))


async def test_a_group_whose_offsets_are_gone_goes_on_where_it_was(open_bus: OpenBus) -> None:
    bus = await open_bus()
    service = await Service(bus).begin()
    await bus.publish(TOPIC, records(range(20)))
    await service.until(lambda: len(service.seen) == 20)
    assert service.consumer is not None
    await service.consumer.close()
    # Another group is a group without any offsets.
    again = await Service(bus, service.positions, group="dinas-baru").begin()
    await bus.publish(TOPIC, records(range(20, 25)))
    await again.until(lambda: len(again.seen) >= 5)
    assert sorted(read(again.seen)) == list(range(20, 25))


async def test_nothing_is_read_before_the_positions_are_known(open_bus: OpenBus) -> None:
    """A rebalance while the database is away: aiokafka would begin at the group's offsets, which are older here."""
    bus = await open_bus(partitions=1)
    await bus.publish(TOPIC, records(range(6)))
    service = await Service(bus).begin()
    await service.until(lambda: len(service.seen) == 6)
    assert service.consumer is not None
    await service.consumer.commit({Partition(TOPIC, 0): 2})
    await service.consumer.close()

    away = True

    async def known(partitions: Collection[Partition]) -> Mapping[Partition, int]:
        if away:
            raise ConnectionError("the database is away")
        return await service.known(partitions)

    with pytest.raises(ConnectionError):
        await bus.subscribe("dinas", [TOPIC], known, service.on_gap)
    away = False
    consumer = await bus.subscribe("dinas", [TOPIC], known, service.on_gap)
    away = True
    await bus.publish(TOPIC, records([6]))
    with pytest.raises(ConnectionError):
        await consumer.rewind()
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await consumer.poll(100, 0.2)
    away = False
    found = await consumer.poll(100, 5)
    assert [read(batch) for batch in found.values()] == [[6]]


async def test_what_was_polled_and_not_processed_comes_again_after_a_cancellation(open_bus: OpenBus) -> None:
    bus = await open_bus(partitions=1)
    service = await Service(bus).begin()
    assert service.consumer is not None
    polling = asyncio.create_task(service.consumer.poll(100, 30))
    await asyncio.sleep(0.1)
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    await bus.publish(TOPIC, records(range(5), key="a"))
    await service.until(lambda: len(service.seen) == 5)
    assert read(service.seen) == list(range(5))


async def test_records_that_expire_under_a_running_consumer_are_a_gap(open_bus: OpenBus) -> None:
    bus = await open_bus(partitions=1)
    service = await Service(bus).begin()
    place = Partition(TOPIC, 0)
    await bus.publish(TOPIC, records(range(10), key="a"))
    assert await bus.prune(TOPIC, float("inf"), {place: 4}) == 4
    assert await bus.starts(TOPIC) == {place: 4}
    assert service.consumer is not None
    await service.consumer.rewind()  # whatever had been fetched ahead is fetched anew
    await service.until(lambda: service.positions.get(place) == 10)
    assert service.gaps == [Gap(place, 0, 4)]
    assert read(service.seen) == list(range(4, 10))


async def test_pruning_by_time_stops_at_the_moment(open_bus: OpenBus) -> None:
    bus = await open_bus(partitions=1)
    place = Partition(TOPIC, 0)
    await bus.publish(TOPIC, records([0, 1], key="a"))
    service = await Service(bus).begin()
    await service.until(lambda: len(service.seen) == 2)
    between = service.seen[-1].published_at + 0.001
    await asyncio.sleep(0.01)
    await bus.publish(TOPIC, records([2, 3], key="a"))
    assert await bus.prune(TOPIC, between, {place: 4}) == 2
    assert await bus.prune(TOPIC, between, {place: 4}) == 0
    assert await bus.prune(TOPIC, between, {}) == 0
    assert await bus.starts(TOPIC) == {place: 2}


async def test_a_log_that_lost_its_end_takes_nothing_more(open_bus: OpenBus) -> None:
    bus = await open_bus(partitions=1)
    await bus.publish(TOPIC, records(range(3), key="a"))
    service = await Service(bus).begin()
    await service.until(lambda: len(service.seen) == 3)
    service.positions[Partition(TOPIC, 0)] = 1000
    assert service.consumer is not None
    with pytest.raises(LogReplaced, match="ends at 3, but records up to 1000 had been read"):
        await service.consumer.rewind()
    for _ in range(2):
        with pytest.raises(LogReplaced):
            await service.consumer.poll(10, 0.1)
    with pytest.raises(LogReplaced):
        await bus.publish(TOPIC, records([4]))


async def test_a_named_instance_comes_back_without_moving_partitions(open_bus: OpenBus) -> None:
    """Static membership: a restart within the session disturbs nobody."""
    positions: dict[Partition, int] = {}
    bus = await open_bus(instance="n1", session_timeout=6)
    first = await Service(bus, positions).begin()
    second = await Service(await open_bus(instance="n2", session_timeout=6), positions).begin()
    both = [first, second]
    await at_once(both, lambda: [len(one.assigned) for one in both] == [2, 2])
    kept = set(second.assigned)
    assert first.consumer is not None
    assert second.consumer is not None
    before = second.consumer.rebalances
    await bus.close()
    first = await Service(await open_bus(instance="n1", session_timeout=6), positions).begin()
    await at_once([first, second], lambda: len(first.assigned) == 2)
    await first.bus.publish(TOPIC, records(range(40)))
    await at_once([first, second], lambda: sum(positions.values()) == 40)
    assert (second.assigned, second.consumer.rebalances) == (kept, before)


def test_each_consumer_remembers_its_own_partitions() -> None:
    """The sticky assignor keeps its memory on the class: two consumers of a process would claim each other's."""
    one, other = own_assignor(), own_assignor()
    one.on_generation_assignment(7)
    assert (one.generation, other.generation) == (7, -1)


async def test_a_topic_that_was_made_anew_under_a_running_consumer_is_another_log(
    open_bus: OpenBus, kafka: str, kafka_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself aiokafka begins at the earliest record, without a word."""
    monkeypatch.setattr("runtime.bus.kafka_consumer._SILENCE", 0.3)
    bus = await open_bus(partitions=1)
    await bus.publish(TOPIC, records(range(5), key="a"))
    service = await Service(bus).begin()
    await service.until(lambda: len(service.seen) == 5)
    admin = AIOKafkaAdminClient(bootstrap_servers=list(KafkaSettings.from_url(kafka).servers))
    await admin.start()
    await admin.delete_topics([kafka_prefix + TOPIC])
    await admin.close()
    other = await open_bus(partitions=1)
    await other.publish(TOPIC, records([100], key="a"))
    with pytest.raises(LogReplaced, match="this is another log, or an older one"):
        await service.until(lambda: 100 in read(service.seen), seconds=30, passing=())
    assert 100 not in read(service.seen)
    with pytest.raises(LogReplaced):
        await bus.publish(TOPIC, records([101]))


async def test_a_consumer_that_is_stuck_joins_anew(open_bus: OpenBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.bus.kafka_consumer._SILENCE", 0.3)
    bus = await open_bus(partitions=1)
    service = await Service(bus).begin()
    assert service.consumer is not None

    async def deaf(*places: object, timeout_ms: int, max_records: int) -> dict[object, object]:
        await asyncio.sleep(timeout_ms / 1000)
        return {}

    service.consumer._client.getmany = deaf
    await bus.publish(TOPIC, records(range(3), key="a"))
    await service.until(lambda: len(service.seen) == 3, seconds=30)
    assert read(service.seen) == [0, 1, 2]
