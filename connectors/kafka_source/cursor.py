"""How far a topic has been read."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """What the last record was like: in a topic that was made anew, another one stands in its place."""

    offset: int
    timestamp: int
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """The state of one partition."""

    next: int
    """Every record before this offset is durable, passed over or lost."""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state of one source."""

    topic: str
    partitions: Mapping[int, Place] = field(default_factory=dict)
    begun: bool = False
    """Where the first start begins is settled: a partition that comes later is read from its beginning."""

    def moved(self, partition: int, place: Place) -> "Cursor":
        """The same, with another place in one partition."""
        return Cursor(self.topic, {**self.partitions, partition: place}, begun=True)

    @classmethod
    def from_state(cls, state: Mapping[str, Any], topic: str) -> "Cursor":
        """What `to_state` wrote; a new one from nothing, or from what was written about another topic."""
        if state.get("topic") != topic:
            return cls(topic)
        places = {
            int(partition): Place(next_, Mark(*mark) if mark else None)
            for partition, (next_, mark) in state["partitions"].items()
        }
        return cls(topic, places, begun=True)

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        places = {
            str(partition): [place.next, list(astuple(place.mark)) if place.mark else None]
            for partition, place in sorted(self.partitions.items())
        }
        return {"topic": self.topic, "partitions": places}
