"""Positions: one reader only, gaps as losses, sums for the ledger."""

import pytest

from runtime.bus.protocol import Gap, Partition, Received
from runtime.store.engine import Store
from runtime.store.positions import PositionMoved, moves

from .conftest import positions

A, B = Partition("keluhan", 0), Partition("keluhan", 1)


def received(partition: Partition, *offsets: int) -> list[Received]:
    return [Received(partition, offset, "k", b"", {}, 0.0) for offset in offsets]


async def advance(store: Store, wanted: dict[Partition, tuple[int, int]]) -> None:
    async with store.writing() as connection:
        await positions.advance(connection, wanted)


async def test_a_batch_moves_each_of_its_partitions() -> None:
    assert moves([*received(A, 4, 5, 6), *received(B, 0)]) == {A: (4, 7), B: (0, 1)}
    assert moves([]) == {}


async def test_positions_move_from_where_they_stand(store: Store) -> None:
    await advance(store, {A: (0, 5), B: (0, 2)})
    await advance(store, {A: (5, 9)})
    source = positions.source(store)
    assert await source([A, B, Partition("lain", 0)]) == {A: 9, B: 2}
    async with store.reading() as connection:
        assert await positions.read(connection) == {A: 9, B: 2}
        assert await positions.total(connection, "keluhan") == 11
        assert await positions.total(connection, "lain") == 0


@pytest.mark.parametrize(("start", "end"), [(0, 3), (4, 7), (6, 8)])
async def test_a_second_reader_finds_another_position_and_changes_nothing(store: Store, start: int, end: int) -> None:
    await advance(store, {A: (0, 5), B: (0, 1)})
    with pytest.raises(PositionMoved, match=f"keluhan/0 no longer stands at {start}"):
        await advance(store, {B: (1, 2), A: (start, end)})
    assert await positions.source(store)([A, B]) == {A: 5, B: 1}


async def test_a_partition_that_nobody_read_from_starts_at_nought(store: Store) -> None:
    with pytest.raises(PositionMoved):
        await advance(store, {A: (3, 4)})


async def test_a_gap_is_a_loss_and_is_noted_once(store: Store) -> None:
    await advance(store, {A: (0, 5)})
    on_gap = positions.on_gap(store)
    await on_gap(Gap(A, 5, 12))
    await on_gap(Gap(B, 0, 3))  # a partition that was never read from
    with pytest.raises(PositionMoved):
        await on_gap(Gap(A, 5, 12))
    assert await positions.source(store)([A, B]) == {A: 12, B: 3}
    async with store.reading() as connection:
        assert await positions.lost(connection, "keluhan") == 10
        assert await positions.lost(connection, "lain") == 0


async def test_whoever_begins_late_has_lost_nothing_and_from_then_on_everything_counts(store: Store) -> None:
    async with store.writing() as connection:
        assert await positions.begin(connection, {A: 40, B: 0})
    async with store.writing() as connection:
        assert not await positions.begin(connection, {A: 60, B: 0, Partition("keluhan", 2): 3}), (
            "it stands there already"
        )
    assert await positions.source(store)([A, B, Partition("keluhan", 2)]) == {A: 40, B: 0, Partition("keluhan", 2): 0}
    await positions.on_gap(store)(Gap(A, 40, 42))
    async with store.reading() as connection:
        assert await positions.lost(connection, "keluhan") == 2
