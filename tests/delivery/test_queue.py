"""Deliveries in the database: order, leases, fencing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import MetaData, select

from runtime.delivery.outcomes import Delivery
from runtime.delivery.queue import Change, DeliveryQueue
from runtime.delivery.tables import delivery_table, destination_table
from runtime.store.engine import Store
from schemas.identity import NAMESPACE
from tests.stores import OpenStore

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
NO_WAIT = {"create": timedelta(0), "update": timedelta(0)}


class Bench:
    """A queue on a store of its own."""

    def __init__(self, store: Store, queue: DeliveryQueue) -> None:
        self.store = store
        self.queue = queue

    async def add(self, subject: str, sequence: int = 1, hub: str = "hub", **fields: Any) -> UUID:  # noqa: ANN401
        delivery_id = uuid5(NAMESPACE, f"{subject}{sequence}{hub}")
        row = {
            "delivery_id": delivery_id,
            "subject_id": uuid5(NAMESPACE, subject),
            "destination": hub,
            "kind": "create" if sequence == 1 else "update",
            "sequence": sequence,
            "state": "pending",
            "created_at": NOW,
            "share": "dinas",
            "urgent": False,
            **fields,
        }
        async with self.store.writing() as connection:
            await self.queue.add(connection, [row])
        return delivery_id

    async def claim(self, limit: int = 100, now: datetime = NOW, hub: str = "hub") -> list[Delivery]:
        async with self.store.writing() as connection:
            return await self.queue.claim(connection, hub, now, limit, LEASE)

    async def finish(self, *changes: Change) -> int:
        async with self.store.writing() as connection:
            return len(await self.queue.finish(connection, changes, NOW))

    async def state(self, delivery_id: UUID) -> Any:  # noqa: ANN401 a row
        table = self.queue.table
        async with self.store.reading() as connection:
            return (await connection.execute(select(table).where(table.c.delivery_id == delivery_id))).one()


@pytest.fixture
async def bench(open_store: OpenStore) -> Bench:
    metadata = MetaData()
    queue = DeliveryQueue(delivery_table(metadata, "deliveries"), destination_table(metadata, "destinations"))
    store = await open_store()
    async with store.writing() as connection:
        await connection.run_sync(metadata.create_all)
        await queue.know(connection, ["hub", "other"], NOW)
    return Bench(store, queue)


async def test_one_delivery_of_a_subject_at_a_time_and_in_order(bench: Bench) -> None:
    first, second, third = [await bench.add("a", n) for n in (1, 2, 3)]
    await bench.add("b")
    [a, _] = sorted(await bench.claim(), key=lambda d: d.delivery_id != first)
    assert a.delivery_id == first
    assert await bench.claim() == []
    await bench.finish(Change(a, "delivered"))
    [b] = await bench.claim()
    assert b.delivery_id == second
    await bench.finish(Change(b, "pending", "later", next_at=NOW + timedelta(hours=1)))
    assert await bench.claim() == []  # the third waits behind the second, though it is due
    [b] = await bench.claim(now=NOW + timedelta(hours=1))
    await bench.finish(Change(b, "rejected", "no"))
    assert [d.delivery_id for d in await bench.claim()] == [third]


async def test_whatever_a_destination_says_can_be_kept(bench: Bench) -> None:
    delivery_id = await bench.add("a")
    [leased] = await bench.claim()
    said = "tidak\0bisa \ud83d"
    assert await bench.finish(Change(leased, "delivered", said, receipt="9" * 300, url=said)) == 1
    row = await bench.state(delivery_id)
    assert (row.reason, row.receipt, row.url) == ("tidakbisa \ufffd", "9" * 200, "tidakbisa \ufffd")


async def test_another_destination_is_not_waited_for(bench: Bench) -> None:
    await bench.add("a", hub="hub")
    await bench.add("a", 2, hub="other")
    assert len(await bench.claim(hub="hub")) == 1
    assert len(await bench.claim(hub="other")) == 1


@pytest.mark.parametrize(("state", "blocks"), [("parked", True), ("withheld", False), ("superseded", False)])
async def test_what_stands_in_the_way(bench: Bench, state: str, blocks: bool) -> None:
    await bench.add("a", 1, state=state)
    await bench.add("a", 2)
    assert len(await bench.claim()) == (0 if blocks else 1)


async def test_the_limit_and_the_time_are_kept_and_who_came_first_goes_first(bench: Bench) -> None:
    first = await bench.add("first", next_at=NOW - timedelta(seconds=1))
    second = await bench.add("second", next_at=NOW - timedelta(seconds=9))
    await bench.add("future", next_at=NOW + timedelta(seconds=1))
    assert [d.delivery_id for d in await bench.claim(1)] == [first]
    assert [d.delivery_id for d in await bench.claim()] == [second]
    assert await bench.claim(0) == []


async def test_who_lost_its_lease_records_nothing(bench: Bench) -> None:
    delivery_id = await bench.add("a")
    [zombie] = await bench.claim()
    later = NOW + LEASE
    async with bench.store.writing() as connection:
        assert await bench.queue.release(connection, "hub", later - timedelta(seconds=1), NO_WAIT, all_=False) == 0
        assert await bench.queue.release(connection, "hub", later, NO_WAIT, all_=False) == 1
    row = await bench.state(delivery_id)
    assert (row.state, row.doubt, row.attempts) == ("pending", True, 1)
    [heir] = await bench.claim(now=later)
    assert heir.doubt
    assert await bench.finish(Change(zombie, "rejected", "a late answer")) == 0
    assert await bench.finish(Change(heir, "delivered", receipt="17")) == 1
    assert (await bench.state(delivery_id)).receipt == "17"


async def test_a_lost_lease_waits_until_a_look_up_can_tell(bench: Bench) -> None:
    await bench.add("a")
    await bench.claim()
    wait = {"create": timedelta(seconds=30)}
    async with bench.store.writing() as connection:
        assert await bench.queue.release(connection, "hub", NOW, wait, all_=True) == 1
    assert await bench.claim(now=NOW + timedelta(seconds=29)) == []
    assert len(await bench.claim(now=NOW + timedelta(seconds=30))) == 1


async def test_only_what_was_never_tried_is_superseded(bench: Bench) -> None:
    tried = await bench.add("a", 2, request="v1.k.x")
    untried = await bench.add("a", 3)
    elsewhere = await bench.add("a", 4, hub="other")
    async with bench.store.writing() as connection:
        await bench.queue.supersede(connection, "hub", [uuid5(NAMESPACE, "a")], NOW, "said")
    assert [(await bench.state(each)).state for each in (tried, untried, elsewhere)] == [
        "pending", "superseded", "pending",
    ]  # fmt: skip
