"""Brokers die, hang and come back: nothing confirmed is lost, senders hear in time, everything goes on by itself."""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_publisher import RecordTooLarge
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import MAX_RECORD
from runtime.bus.protocol import BusUnavailable, Record
from tools.services.kafka import KafkaCluster
from tools.services.places import free_ports

from .conftest import TOPIC, TOPICS, Service, read, records


def settings(cluster: KafkaCluster, **more: object) -> KafkaSettings:
    wanted = {
        "prefix": f"{uuid.uuid4().hex[:8]}.", "partitions": 2, "replication": 1, "ack_timeout": 1.5,
        "connect_timeout": 1.5, "session_timeout": 6,
    }  # fmt: skip
    return KafkaSettings.from_url(f"kafka://{cluster.bootstrap}", **{**wanted, **more})


@asynccontextmanager
async def opened(chosen: KafkaSettings) -> AsyncIterator[KafkaBus]:
    bus = await KafkaBus.open(chosen, TOPICS)
    try:
        yield bus
    finally:
        await bus.close()


async def published(bus: KafkaBus, values: list[object], seconds: float = 60) -> int:
    """Publish as a service does from its outbox: again and again until it is confirmed. Returns how often."""
    async with asyncio.timeout(seconds):
        for tries in range(1, 10_000):
            try:
                await bus.publish(TOPIC, records(values))
            except BusUnavailable:
                await asyncio.sleep(0.1)
                continue
            return tries
    raise AssertionError("not reached")


async def test_a_broker_is_killed_and_comes_back(own_kafka: KafkaCluster) -> None:
    async with opened(settings(own_kafka)) as bus:
        service = await Service(bus).begin()
        await bus.publish(TOPIC, records(range(50)))
        await service.until(lambda: len(service.seen) >= 10)
        own_kafka.kill(1)
        started = time.monotonic()
        with pytest.raises(BusUnavailable, match=r"(did not confirm|cannot be reached|did not take)"):
            await bus.publish(TOPIC, records([50]))
        assert time.monotonic() - started < 5  # the sender hears while it still listens
        starting = asyncio.to_thread(own_kafka.start)
        _, tries = await asyncio.gather(starting, published(bus, list(range(50, 60))))
        assert tries > 1
        await service.until(lambda: set(read(service.seen)) >= set(range(60)))
        # The producer was replaced, not wedged; at least once means that only the unconfirmed came twice.
        assert bus.producers >= 2
        seen = read(service.seen)
        assert all(seen.count(value) == 1 for value in range(50))


async def test_a_broker_that_hangs_is_an_unknown_in_time(own_kafka: KafkaCluster) -> None:
    async with opened(settings(own_kafka)) as bus:
        await bus.publish(TOPIC, records([0], key="a"))
        own_kafka.pause(1)
        try:
            started = time.monotonic()
            with pytest.raises(BusUnavailable, match=r"did not confirm within 1\.5 s: whether"):
                await bus.publish(TOPIC, records([1], key="a"))
            with pytest.raises(BusUnavailable):
                await bus.publish(TOPIC, records([2], key="a"))
            with pytest.raises(BusUnavailable, match=r"(cannot be asked|did not answer)"):
                await bus.ends(TOPIC)
            assert time.monotonic() - started < 15
        finally:
            own_kafka.resume(1)
        await published(bus, [3])
        service = await Service(bus).begin()
        await service.until(lambda: 3 in read(service.seen))
        assert read(service.seen)[0] == 0


async def test_all_who_wait_hear_of_a_failed_producer_at_once_and_the_next_one_works(own_kafka: KafkaCluster) -> None:
    """The wedge: a sequence number is used up, and idempotence refuses everything after it, for ever."""
    async with opened(settings(own_kafka, ack_timeout=20)) as bus:
        await bus.publish(TOPIC, records([0], key="a"))
        session = bus._publisher._session
        assert session is not None
        numbers = session.producer._txn_manager._sequence_numbers
        for place in numbers:
            numbers[place] += 7
        started = time.monotonic()
        with pytest.raises(BusUnavailable, match="did not take records"):
            await bus.publish(TOPIC, records([1], key="a"))
        assert time.monotonic() - started < 5
        await bus.publish(TOPIC, records([2], key="a"))
        assert bus.producers == 2
        service = await Service(bus).begin()
        await service.until(lambda: len(service.seen) == 2)
        assert read(service.seen) == [0, 2]


async def test_a_log_may_be_opened_before_kafka_is_there() -> None:
    """Connectors accept into their spool meanwhile: they must start, and hear at once that there is no Kafka."""
    bus = KafkaBus(KafkaSettings.from_url(f"kafka://127.0.0.1:{free_ports(1)[0]}"), TOPICS)
    service = Service(bus)
    started = time.monotonic()
    for attempt in (bus.publish(TOPIC, records([1])), bus.ends(TOPIC), service.begin(), bus.prepare()):
        with pytest.raises(BusUnavailable, match=r"Kafka at 127\.0\.0\.1"):
            await attempt
    assert time.monotonic() - started < 3
    await bus.close()


async def test_a_record_that_never_fits_hurts_only_its_publisher(own_kafka: KafkaCluster) -> None:
    async with opened(settings(own_kafka)) as bus:
        with pytest.raises(RecordTooLarge, match="larger than the 33554432 bytes"):
            await bus.publish(TOPIC, [*records([1]), Record("a", bytes(MAX_RECORD))])
        await bus.publish(TOPIC, records([2]))
        assert sum((await bus.ends(TOPIC)).values()) == 1
        assert bus.producers == 1


async def test_tls_and_a_password(own_kafka: KafkaCluster) -> None:
    secure = own_kafka.secure
    address = f"{secure.bootstrap}/?ca={secure.ca_file}"
    more = {"partitions": 2, "replication": 1, "connect_timeout": 3, "prefix": f"{uuid.uuid4().hex[:8]}."}
    async with opened(KafkaSettings.from_url(f"kafka+tls://{secure.user}:{secure.password}@{address}", **more)) as bus:
        await bus.publish(TOPIC, records([1]))
        service = await Service(bus).begin()
        await service.until(lambda: read(service.seen) == [1])
    with pytest.raises(BusUnavailable, match="cannot be asked"):
        await KafkaBus.open(KafkaSettings.from_url(f"kafka+tls://{secure.user}:salah@{address}", **more), TOPICS)
    url = f"kafka+tls://{secure.user}:{secure.password}@{secure.bootstrap}"
    with pytest.raises(BusUnavailable, match="cannot be asked"):  # a certificate of an authority that nobody trusts
        await KafkaBus.open(KafkaSettings.from_url(url, **more), TOPICS)


@pytest.mark.skipif(
    not os.environ.get("CI") and not os.environ.get("MUARA_TEST_BROKERS"),
    reason="three brokers take twenty seconds: CI has them, and whoever sets MUARA_TEST_BROKERS=3",
)
async def test_one_of_three_brokers_dies(three_brokers: KafkaCluster) -> None:
    """Two of three copies are enough: nothing confirmed is lost, and nobody waits for the dead one."""
    async with opened(settings(three_brokers, partitions=3, replication=3, ack_timeout=5)) as bus:
        service = await Service(bus).begin()
        await bus.publish(TOPIC, records(range(30)))
        await service.until(lambda: len(service.seen) >= 10)
        three_brokers.kill(1)
        for start in range(30, 90, 10):
            await published(bus, list(range(start, start + 10)))
        await service.until(lambda: set(read(service.seen)) >= set(range(90)))
        assert await bus.faults() == []
        assert service.gaps == []
