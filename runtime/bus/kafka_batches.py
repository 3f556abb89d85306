"""Takes batches out of what aiokafka has fetched ahead: fair to all partitions, bounded in bytes, no hole unseen."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from runtime.bus.protocol import Gap, OnGap, Partition, Received

READ_BYTES = 16 * 1024 * 1024
"""Bytes of values in one batch, about."""


class Shrunk(Exception):
    """Records came from before the position: the log had lost the position, and was begun again."""

    def __init__(self, partition: Partition) -> None:
        super().__init__(f"{partition.topic}/{partition.number}")
        self.partition = partition


class Batches:
    """The partitions that a consumer has, and how far it has taken from each."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 untyped
        places: Mapping[Partition, Any],
        begin: Mapping[Partition, int],
        on_gap: OnGap,
    ) -> None:
        self._client = client
        self._places = places
        self._partitions = {place: partition for partition, place in places.items()}
        self._turns = sorted(places)
        self._on_gap = on_gap
        self._typical = READ_BYTES / 4
        self.next = dict(begin)
        self.torn = False
        """A hole was found behind what was taken: the rest has to be fetched again from the durable position."""

    async def take(self, limit: int, wait: float) -> dict[Partition, list[Received]]:
        """At most `limit` records, and fewer when they are large; after at most `wait` seconds without any."""
        found: dict[Partition, list[Received]] = {}
        await self._look(found, limit)
        if not found and wait > 0:
            # One record tells that there are some; the others are taken in turn.
            for place, records in (await self._fetch(list(self._partitions), 1, wait)).items():
                await self._add(found, self._partitions[place], records)
            await self._look(found, limit - sum(map(len, found.values())))
        return found

    async def _look(self, found: dict[Partition, list[Received]], limit: int) -> None:
        """Each partition in turn; whoever was first last time is last now, so that a busy one starves none."""
        self._turns = [*self._turns[1:], *self._turns[:1]]
        size = 0
        for partition in self._turns:
            while limit > 0 and size < READ_BYTES:
                few = max(1, min(limit, int((READ_BYTES - size) / self._typical)))
                place = self._places[partition]
                records = (await self._fetch([place], few, 0)).get(place)
                if not records:
                    break
                bytes_ = sum(len(record.value or b"") for record in records)
                self._typical = max(64.0, bytes_ / len(records))
                size += bytes_
                limit -= len(records)
                await self._add(found, partition, records)

    async def _fetch(self, places: Sequence[Any], limit: int, wait: float) -> Mapping[Any, Sequence[Any]]:
        if limit <= 0 or not places or self.torn:
            return {}
        try:
            async with asyncio.timeout(wait + 0.05):  # `getmany` waits for a rebalance without any limit
                fetched: Mapping[Any, Sequence[Any]] = await self._client.getmany(
                    *places, timeout_ms=int(wait * 1000), max_records=limit
                )
        except TimeoutError:
            return {}
        return fetched

    async def _add(self, found: dict[Partition, list[Received]], partition: Partition, records: Sequence[Any]) -> None:
        if self.torn:
            return
        expected = self.next[partition]
        first = records[0].offset
        if first < expected:
            raise Shrunk(partition)
        if first > expected:
            if partition in found:
                self.torn = True
                return
            await self._on_gap(Gap(partition, expected, first))
            expected = first
        whole = [
            _received(partition, record) for count, record in enumerate(records) if record.offset == expected + count
        ]
        self.torn = len(whole) < len(records)
        self.next[partition] = expected + len(whole)
        found.setdefault(partition, []).extend(whole)


def _received(partition: Partition, record: Any) -> Received:  # noqa: ANN401 untyped
    return Received(
        partition,
        record.offset,
        (record.key or b"").decode(errors="replace"),
        record.value or b"",
        {name: (text or b"").decode(errors="replace") for name, text in record.headers},
        record.timestamp / 1000,
    )
