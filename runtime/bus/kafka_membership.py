"""What a member of a group knows of its partitions. It only takes notes: aiokafka would swallow what it raised."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka.abc import ConsumerRebalanceListener  # type: ignore[import-untyped]
from aiokafka.coordinator.assignors.sticky.sticky_assignor import (  # type: ignore[import-untyped]
    StickyPartitionAssignor,
)

from runtime.bus.protocol import Partition


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped
    """Notes which partitions were assigned, and that they have not been put at their positions yet."""

    def __init__(self, prefix: str, client: Any = None) -> None:  # noqa: ANN401 untyped
        self._prefix = prefix
        self._client = client
        self._news = asyncio.Event()
        self.assigned: dict[Partition, Any] = {}
        """The partitions that this member has, each with its place as aiokafka calls it."""
        self.unplaced: object | None = None
        """Stands for one round of sharing out, as long as its partitions were not put at their positions."""
        self.rebalances = 0

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """The group is about to share out anew."""
        del revoked
        self.assigned = {}
        self._note(None)

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """The group has shared out: nothing is fetched before the partitions were put at their positions."""
        places = list(assigned)
        self._client.pause(*places)
        self.assigned = {Partition(place.topic.removeprefix(self._prefix), place.partition): place for place in places}
        self.rebalances += 1
        self._note(object())

    def again(self) -> None:
        """The partitions have to be put at their positions once more."""
        if self.assigned:
            self._note(object())

    def settle(self, round_: object) -> bool:
        """The partitions of this round stand at their positions now; False when it is over already."""
        if self.unplaced is not round_:
            return False
        self._note(None)
        return True

    async def wait(self, seconds: float) -> None:
        """Until partitions have to be put at their positions, at most some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def _note(self, unplaced: object | None) -> None:
        self.unplaced = unplaced
        if unplaced is None:
            self._news.clear()
        else:
            self._news.set()


def own_assignor() -> type[Any]:
    """The sticky assignor with a memory of its own: aiokafka keeps it on the class, for all consumers of a process."""
    return type("Sticky", (StickyPartitionAssignor,), {"member_assignment": None, "generation": -1})
