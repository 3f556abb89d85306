"""What Kafka knows of a group, and when its first unread records were published."""

import time
from collections.abc import Awaitable, Callable

from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_groups import Share
from runtime.bus.kafka_offsets import Standing
from runtime.bus.protocol import Partition

from .conftest import TOPIC, Service, records

OpenBus = Callable[..., Awaitable[KafkaBus]]


async def test_who_has_what_and_since_when_it_waits(open_bus: OpenBus, kafka_prefix: str) -> None:
    bus = await open_bus(partitions=2, instance="loket-1")
    began = time.time()
    await bus.publish(TOPIC, records(range(20)))
    ends = await bus.ends(TOPIC)
    assert set(await bus.shares("dinas", TOPIC)) == set(ends)
    assert set((await bus.shares("dinas", TOPIC)).values()) == {Share(None, None)}
    service = await Service(bus).begin()
    await service.until(lambda: len(service.seen) == 20)
    await service.turn(wait=0.5)
    found = await bus.shares("dinas", TOPIC)
    # By the name that stays over restarts, not by Kafka's random one.
    assert {share.member for share in found.values()} == {f"loket-1.{kafka_prefix}dinas at 127.0.0.1"}
    assert {partition: share.committed or 0 for partition, share in found.items()} == ends
    assert bus.rebalances == {"dinas": 1}
    unread = {partition: end - 1 for partition, end in ends.items() if end}
    when = await bus.published_at(unread)
    assert set(when) == set(unread)
    assert all(began - 5 < each < time.time() + 5 for each in when.values())
    # Asked again, and of what is not there yet.
    assert set(await bus.published_at(unread)) == set(unread)
    assert await bus.published_at({Partition(TOPIC, 0): ends[Partition(TOPIC, 0)]}) == {}
    assert await bus.published_at({}) == {}
    assert await bus.standing() == Standing(brokers=1, partitions=2, short_of_copies=0, without_leader=0)
    # After a failure it joins anew, and the count goes on.
    assert service.consumer is not None
    await service.consumer._leave()
    await service.turn(wait=5)
    assert bus.rebalances["dinas"] == 2
