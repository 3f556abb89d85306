"""What Kafka knows of a group: how far its members told it that they are, and who has which partition now.

None of it is the truth about what was processed (that stands with the batches); it tells who works, and who does not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition  # type: ignore[import-untyped]
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment  # type: ignore[import-untyped]
from aiokafka.errors import for_code  # type: ignore[import-untyped]

from runtime.bus.protocol import Partition

_GLANCE_MS = 500
"""How long a first record is waited for, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Share:
    """One partition, as a group has it."""

    committed: int | None = None
    """The offset that the group has told Kafka; None when it never did, or Kafka has forgotten it."""
    member: str | None = None
    """Which member has it now, and from where; None when nobody has."""


async def shares(admin: Any, group: str, places: Mapping[Any, Partition]) -> dict[Partition, Share]:  # noqa: ANN401 untyped
    """A group's share of some partitions. `group` is named as on Kafka.

    Raises:
        KafkaError: the brokers did not answer.
    """
    coordinator = await admin.find_coordinator(group)
    offsets = await admin.list_consumer_group_offsets(group, group_coordinator_id=coordinator)
    members: dict[Any, str] = {}
    for answer in await admin.describe_consumer_groups([group], group_coordinator_id=coordinator):
        for code, _, _, _, _, described, *_ in answer.groups:
            if code:
                raise for_code(code)(group)
            for name, client, host, _, assignment in described:
                if assignment:  # empty while the group shares out anew
                    for place in ConsumerProtocolMemberAssignment.decode(assignment).partitions():
                        members[place] = _known(name, client, host)
    return {
        partition: Share(_offset(offsets.get(place)), members.get(TopicPartition(place.topic, place.partition)))
        for place, partition in places.items()
    }


async def published_at(reader: Any, places: Mapping[Any, int]) -> dict[Any, float]:  # noqa: ANN401 untyped
    """When the record at an offset (or the first one kept behind it) was published, in seconds since the epoch.

    A partition whose record does not come in time is left out.
    """
    if not places:
        return {}
    found: dict[Any, float] = {}
    reader.assign(list(places))
    try:
        for place, offset in places.items():
            reader.seek(place, offset)
        waiting: Collection[Any] = list(places)
        while waiting:
            fetched = await reader.getmany(*waiting, timeout_ms=_GLANCE_MS, max_records=len(waiting))
            if not fetched:
                break
            for place, records in fetched.items():
                found.setdefault(place, records[0].timestamp / 1000)
                reader.pause(place)
            waiting = [place for place in waiting if place not in found]
    finally:
        reader.unsubscribe()
    return found


def _known(name: str, client: str, host: str) -> str:
    """A member by its process and machine, or by the name that it keeps over restarts; Kafka adds 36 random signs."""
    kept = name[:-37] if len(name) > 37 else name
    return f"{kept or client} at {host.lstrip('/')}"


def _offset(told: Any) -> int | None:  # noqa: ANN401 untyped
    return int(told.offset) if told is not None and told.offset >= 0 else None
