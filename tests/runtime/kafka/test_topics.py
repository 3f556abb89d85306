"""Topics are made as Muara needs them, and those that somebody else made are held to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]

from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.kafka_topics import TopicsDiffer
from schemas.topics import Topic

from .conftest import TOPIC, TOPICS, records

OpenBus = Callable[..., Awaitable[KafkaBus]]
Admin = Any  # untyped
LARGE = str(32 * 1024 * 1024)


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[Any]:
    client = AIOKafkaAdminClient(bootstrap_servers=list(KafkaSettings.from_url(kafka).servers))
    await client.start()
    yield client
    await client.close()


async def made_by_hand(admin: Admin, name: str, configs: Mapping[str, str], partitions: int = 4) -> None:
    await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])


async def test_a_topic_is_made_with_what_keeps_records_and_promises(
    open_bus: OpenBus, admin: Admin, kafka_prefix: str
) -> None:
    bus = await open_bus([Topic(TOPIC, "a test's", timedelta(days=7))], partitions=3)
    assert bus.differences == []
    assert len(await bus.ends(TOPIC)) == 3
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, kafka_prefix + TOPIC)])
    config = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert config["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert config["segment.ms"] == str(24 * 3600 * 1000)  # else the last segment is kept for ever
    assert config["cleanup.policy"] == "delete"
    assert config["unclean.leader.election.enable"] == "false"
    assert config["message.timestamp.type"] == "LogAppendTime"


async def test_many_instances_may_start_at_once(open_bus: OpenBus) -> None:
    buses = await asyncio.gather(*(open_bus() for _ in range(4)))
    assert [bus.differences for bus in buses] == [[]] * 4


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"retention.ms": "3600000"},
            "retention.ms is 3600000, shorter than 1 days.*--add-config retention.ms=86400000",
        ),
        ({"cleanup.policy": "compact"}, "cleanup.policy is compact: records would vanish"),
        ({"max.message.bytes": "1000000"}, "max.message.bytes is 1000000, less than 33554432"),
    ],
)
async def test_a_topic_that_could_lose_records_is_refused(
    open_bus: OpenBus, admin: Admin, kafka_prefix: str, config: dict[str, str], words: str
) -> None:
    sound = {"retention.ms": "86400000", "max.message.bytes": LARGE}
    await made_by_hand(admin, kafka_prefix + TOPIC, {**sound, **config})
    with pytest.raises(TopicsDiffer, match=f"(?s){kafka_prefix}{TOPIC}: {words}"):
        await open_bus()


async def test_a_topic_that_only_differs_is_used_and_reported(
    open_bus: OpenBus, admin: Admin, kafka_prefix: str
) -> None:
    await made_by_hand(admin, kafka_prefix + TOPIC, {"retention.ms": "-1", "max.message.bytes": LARGE}, partitions=2)
    bus = await open_bus()
    words = [(one.words, one.unsafe) for one in bus.differences]
    assert words == [
        ("it has 2 partitions, 4 are configured", False),
        ("retention.ms is -1, longer than the promised 1 days", False),
    ]
    await bus.publish(TOPIC, records(range(10)))
    assert sum((await bus.ends(TOPIC)).values()) == 10


async def test_too_few_copies_are_said_before_anything_is_lost(open_bus: OpenBus) -> None:
    with pytest.raises(TopicsDiffer, match=r"(?i)does not make the topic .*replication factor.*set replication=1"):
        await open_bus(replication=3)
    await open_bus()
    with pytest.raises(TopicsDiffer, match="it has 1 copies of a partition, 2 are configured"):
        await open_bus(replication=2)


async def test_topics_may_be_left_to_an_administrator(open_bus: OpenBus) -> None:
    with pytest.raises(TopicsDiffer, match=f"has no topic test-.*{TOPIC}, and make_topics is off"):
        await open_bus(make_topics=False)
    await open_bus()
    await open_bus(make_topics=False)


async def test_deployments_with_a_prefix_each_do_not_meet(open_bus: OpenBus, kafka_prefix: str) -> None:
    one, other = await open_bus(), await open_bus(prefix=f"{kafka_prefix}lain.")
    await one.publish(TOPIC, records([1]))
    assert sum((await other.ends(TOPIC)).values()) == 0


async def test_faults_are_none_on_a_sound_log(open_bus: OpenBus) -> None:
    assert await (await open_bus([*TOPICS, replace(TOPICS[0], name="jawaban")])).faults() == []
