"""A look at an agency's topic that takes nothing: whether the brokers let us in, and whether the topic is there."""

from connectors.kafka_source.records import items
from connectors.kafka_source.settings import cluster, topic_settings
from connectors.kafka_source.topic import AgencyTopic, OutOfReach, TopicUnavailable
from connectors.source import Source

_TRIES = 10


async def try_topic(source: Source) -> list[tuple[bool, str]]:
    """What was found, in words, and whether it is as it should be.

    Raises:
        BadTopicSettings: the source does not describe a topic.
    """
    settings = topic_settings(source)
    topic = AgencyTopic(cluster(source), settings.topic, 1)
    try:
        await topic.open()
        bounds = await topic.bounds(topic.partitions())
        held = sum(bound.end - bound.first for bound in bounds.values())
        found = [(True, f'the topic "{settings.topic}" has {len(bounds)} partitions with about {held} records')]
        # The last record of a partition says more of what comes than the first one, which may be years old.
        filled = {p: bound.end - 1 for p, bound in bounds.items() if bound.end > bound.first}
        if not filled:
            return found
        topic.read_from(filled)
        for _ in range(_TRIES):
            for record in await topic.records():
                defects = [item.defect for item in items(record, source, settings.value) if item.defect]
                words = defects[0] if defects else f"its record {record.place} can be read"
                return [*found, (not defects, words)]
        found.append((True, "none of its last records could be looked at: they may be marks of transactions"))
    except OutOfReach:
        return [(True, f'the topic "{settings.topic}" changed while it was looked at')]
    except TopicUnavailable as error:
        return [(False, str(error))]
    else:
        return found
    finally:
        await topic.close()
