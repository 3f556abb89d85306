"""Makes the topics on Kafka, and holds those that exist to what Muara relies on."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiokafka.admin import NewTopic  # type: ignore[import-untyped]
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]
from aiokafka.errors import InvalidReplicationFactorError, TopicAlreadyExistsError, for_code  # type: ignore[import-untyped]

from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import BusUnavailable
from schemas.topics import Topic

MAX_RECORD = 32 * 1024 * 1024
"""Bytes of the largest record that is taken."""
_PATIENCE = 15.0
"""Seconds until a topic that was made must have leaders everywhere."""
_DAY_MS = 24 * 3600 * 1000


class TopicsDiffer(BusUnavailable):
    """Topics on Kafka are not as Muara needs them: messages could be lost. Says each difference and how to mend it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that is not as wanted."""

    topic: str
    words: str
    unsafe: bool
    """Records could be lost: nothing is started with it."""
    remedy: str


async def make_and_check(admin: Any, settings: KafkaSettings, topics: Sequence[Topic]) -> list[Difference]:  # noqa: ANN401 untyped
    """Make what is missing, then compare all. Returns what differs; nothing is altered.

    Raises:
        TopicsDiffer: a topic is missing and may not, or cannot, be made.
        KafkaError: the brokers did not answer.
    """
    wanted = {settings.prefix + topic.name: topic for topic in topics}
    there = set(await admin.list_topics())
    missing = [name for name in wanted if name not in there]
    if missing and not settings.make_topics:
        raise TopicsDiffer(f"{settings.shown} has no topic {', '.join(missing)}, and make_topics is off: make them")
    if missing:
        await _make(admin, settings, {name: wanted[name] for name in missing})
    return await compare(admin, settings, topics)


async def compare(admin: Any, settings: KafkaSettings, topics: Sequence[Topic]) -> list[Difference]:  # noqa: ANN401 untyped
    """How topics that are there differ from what is wanted.

    Raises:
        BusUnavailable: a partition has no leader.
        KafkaError: the brokers did not answer.
    """
    wanted = {settings.prefix + topic.name: topic for topic in topics}
    described = await _settled(admin, settings, list(wanted))
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted]
    configs: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for _, _, _, name, entries in response.resources:
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return [
        difference
        for name, topic in wanted.items()
        for difference in _compare(name, topic, settings, described[name], configs.get(name, {}))
    ]


def report(settings: KafkaSettings, differences: Sequence[Difference]) -> str:
    """Differences as a person reads them, one a line."""
    lines = [f"  {one.topic}: {one.words}. {one.remedy}" for one in differences]
    return "\n".join([f"topics of {settings.shown} are not as Muara needs them:", *lines])


def configuration(settings: KafkaSettings, topic: Topic) -> dict[str, str]:
    """The settings of a topic that is made."""
    retention = _milliseconds(topic.retention)
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(retention),
        # Only closed segments are deleted: without this a quiet topic would keep its records long past their time.
        "segment.ms": str(min(_DAY_MS, max(60_000, retention // 7))),
        "min.insync.replicas": "2" if settings.replication >= 3 else "1",
        "max.message.bytes": str(MAX_RECORD),
        "message.timestamp.type": "LogAppendTime",
        "unclean.leader.election.enable": "false",
    }


async def _make(admin: Any, settings: KafkaSettings, topics: Mapping[str, Topic]) -> None:  # noqa: ANN401 untyped
    new = [
        NewTopic(name, settings.partitions, settings.replication, topic_configs=configuration(settings, topic))
        for name, topic in topics.items()
    ]
    answer = await admin.create_topics(new)
    for name, code, words in answer.topic_errors:
        error = for_code(code)
        if code == 0 or error is TopicAlreadyExistsError:  # another instance was first
            continue
        remedy = "let the user make topics, or make them by hand and set make_topics=false"
        if error is InvalidReplicationFactorError:
            remedy = "start more brokers, or set replication=1 for a trial"
        raise TopicsDiffer(f"{settings.shown} does not make the topic {name}: {words or error.__name__}: {remedy}")


async def _settled(admin: Any, settings: KafkaSettings, names: list[str]) -> dict[str, Mapping[str, Any]]:  # noqa: ANN401 untyped
    """The topics as described, once each partition has a leader."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        described = {one["topic"]: one for one in await admin.describe_topics(names)}
        waiting = [
            name
            for name in names
            if name not in described
            or not described[name]["partitions"]
            or any(part["leader"] < 0 for part in described[name]["partitions"])
        ]
        if not waiting:
            return described
        if asyncio.get_running_loop().time() > deadline:
            raise BusUnavailable(f"{settings.shown}: {', '.join(waiting)} has partitions without a leader")
        await asyncio.sleep(0.1)


def _compare(
    name: str, topic: Topic, settings: KafkaSettings, described: Mapping[str, Any], config: Mapping[str, str]
) -> list[Difference]:
    found: list[Difference] = []

    def differs(words: str, remedy: str, *, unsafe: bool) -> None:
        found.append(Difference(name, words, unsafe, remedy))

    def set_to(key: str, value: object) -> str:
        return f"Set it: kafka-configs.sh --alter --topic {name} --add-config {key}={value}"

    partitions = described["partitions"]
    if (count := len(partitions)) != settings.partitions:
        differs(
            f"it has {count} partitions, {settings.partitions} are configured",
            f"Set partitions={count}; adding partitions to a topic in use moves keys, and so breaks their order",
            unsafe=False,
        )
    if (copies := min(len(part["replicas"]) for part in partitions)) < settings.replication:
        differs(
            f"it has {copies} copies of a partition, {settings.replication} are configured",
            "Add replicas: kafka-reassign-partitions.sh; or set replication to what is meant",
            unsafe=True,
        )
    wanted = configuration(settings, topic)
    policy = config.get("cleanup.policy", "delete")
    if policy != "delete":
        differs(f"cleanup.policy is {policy}: records would vanish", set_to("cleanup.policy", "delete"), unsafe=True)
    retention = int(config.get("retention.ms", wanted["retention.ms"]))
    days = f"{topic.retention / timedelta(days=1):g}"
    if 0 <= retention < int(wanted["retention.ms"]):
        differs(
            f"retention.ms is {retention}, shorter than {days} days",
            set_to("retention.ms", wanted["retention.ms"]),
            unsafe=True,
        )
    elif retention != int(wanted["retention.ms"]):
        differs(
            f"retention.ms is {retention}, longer than the promised {days} days",
            set_to("retention.ms", wanted["retention.ms"]),
            unsafe=False,
        )
    for key in ("min.insync.replicas", "max.message.bytes"):
        if int(config.get(key, wanted[key])) < int(wanted[key]):
            differs(f"{key} is {config[key]}, less than {wanted[key]}", set_to(key, wanted[key]), unsafe=True)
    if config.get("unclean.leader.election.enable") == "true":
        key = "unclean.leader.election.enable"
        differs(f"{key} is true: confirmed records could vanish", set_to(key, "false"), unsafe=True)
    return found


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
