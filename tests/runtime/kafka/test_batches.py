"""What is taken out of the fetched-ahead records: fair, bounded, and no hole unseen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from runtime.bus.kafka_batches import READ_BYTES, Batches, Shrunk
from runtime.bus.protocol import Gap, Partition, Received

A, B = Partition("keluhan", 0), Partition("keluhan", 1)


class Row(NamedTuple):
    offset: int
    value: bytes = b"x"
    key: bytes | None = b"k"
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 1_700_000_000_500


@dataclass
class Fetched:
    """Stands for aiokafka: gives what lies ready, in pieces as asked for."""

    ready: dict[Partition, list[Row]]
    gaps: list[Gap] = field(default_factory=list)

    async def getmany(self, *places: Partition, timeout_ms: int, max_records: int) -> dict[Partition, list[Row]]:
        assert timeout_ms >= 0
        found: dict[Partition, list[Row]] = {}
        for place in places:
            piece = self.ready.get(place, [])[:max_records]
            if piece:
                found[place], self.ready[place] = piece, self.ready[place][len(piece) :]
                max_records -= len(piece)
            if max_records == 0:
                break
        return found

    async def on_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def batches(self, **begin: int) -> Batches:
        return Batches(self, {A: A, B: B}, {A: begin.get("a", 0), B: begin.get("b", 0)}, self.on_gap)


def rows(*offsets: int, size: int = 1) -> list[Row]:
    return [Row(offset, bytes(size)) for offset in offsets]


def offsets(found: dict[Partition, list[Received]]) -> dict[Partition, list[int]]:
    return {partition: [record.offset for record in records] for partition, records in found.items()}


async def test_a_record_has_all_its_parts() -> None:
    fetched = Fetched({A: [Row(0, b"halo", b"kunci", (("traceparent", b"00"),))]})
    found = await fetched.batches().take(10, 0)
    assert found == {A: [Received(A, 0, "kunci", b"halo", {"traceparent": "00"}, 1_700_000_000.5)]}


async def test_a_busy_partition_starves_none() -> None:
    fetched = Fetched({A: rows(*range(100)), B: rows(0)})
    batches = fetched.batches()
    taken = [offsets(await batches.take(10, 0)) for _ in range(2)]
    assert any(B in found for found in taken)


async def test_a_batch_ends_when_it_is_large() -> None:
    fetched = Fetched({A: rows(*range(40), size=READ_BYTES // 8), B: rows(0, size=READ_BYTES)})
    batches = fetched.batches()
    taken = await batches.take(500, 0)
    assert 1 <= sum(map(len, taken.values())) <= 12
    assert sum(len(record.value) for records in taken.values() for record in records) <= 2.5 * READ_BYTES


async def test_a_hole_at_the_position_is_reported_and_skipped() -> None:
    fetched = Fetched({A: rows(5, 6)})
    assert offsets(await fetched.batches(a=2).take(10, 0)) == {A: [5, 6]}
    assert fetched.gaps == [Gap(A, 2, 5)]


@pytest.mark.parametrize("wait", [0, 0.01])
async def test_a_hole_behind_is_left_for_the_next_batch(wait: float) -> None:
    """The records before it have to be processed first: only then is the position right in front of the hole."""
    fetched = Fetched({A: rows(2, 3, 7, 8), B: rows(0)})
    batches = fetched.batches(a=2)
    found = offsets(await batches.take(10, wait)) | offsets(await batches.take(10, wait))
    assert found[A] == [2, 3]
    assert batches.torn
    assert (fetched.gaps, batches.next[A]) == ([], 4)
    assert await batches.take(10, wait) == {}  # whoever sees `torn` fetches anew


async def test_records_from_before_the_position_are_another_log() -> None:
    with pytest.raises(Shrunk, match="keluhan/0"):
        await Fetched({A: rows(0, 1)}).batches(a=9).take(10, 0)


async def test_nothing_is_nothing() -> None:
    assert await Fetched({}).batches().take(10, 0.01) == {}
