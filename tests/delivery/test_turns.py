"""Whose delivery is next: nobody waits for another's flood, and what is urgent waits for nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import MetaData, update

from runtime.delivery.circuit import Destination
from runtime.delivery.queue import Change, DeliveryQueue
from runtime.delivery.tables import delivery_table, destination_table
from runtime.store.engine import Store
from schemas.identity import NAMESPACE
from tests.stores import OpenStore

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Bench:
    """A queue of which a test sees in which order it is served. A delivery is called `share:number`."""

    def __init__(self, store: Store, queue: DeliveryQueue) -> None:
        self.store = store
        self.queue = queue
        self.names: dict[UUID, str] = {}

    async def add(self, share: str, numbers: Sequence[int], *, urgent: bool = False, state: str = "pending") -> None:
        rows = [self.row(f"{share}:{n}", share, urgent=urgent, state=state, created_at=NOW) for n in numbers]
        async with self.store.writing() as connection:
            await self.queue.add(connection, rows)

    def row(self, name: str, share: str, *, sequence: int = 1, subject: str = "", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 a column
        delivery_id = uuid5(NAMESPACE, name)
        self.names[delivery_id] = name
        return {
            "delivery_id": delivery_id, "subject_id": uuid5(NAMESPACE, f"subject of {subject or name}"),
            "destination": "hub", "kind": "create", "sequence": sequence, "share": share, **fields,
        }  # fmt: skip

    async def serve(self, number: int) -> list[str]:
        """Claim one after the other, as a hub that takes one at a time."""
        served = []
        for _ in range(number):
            async with self.store.writing() as connection:
                destination = await self.queue.destination(connection, "hub")
                claimed = await self.queue.claim(connection, "hub", NOW, 1, timedelta(seconds=60))
                for each in claimed:
                    await self.queue.keep(connection, destination.claimed(1, each.turn, NOW, None), NOW)
                await self.queue.finish(connection, [Change(each, "delivered") for each in claimed], NOW)
            served += [self.names[each.delivery_id] for each in claimed]
        return served


@pytest.fixture
async def bench(open_store: OpenStore) -> Bench:
    metadata = MetaData()
    queue = DeliveryQueue(delivery_table(metadata, "deliveries"), destination_table(metadata, "destinations"))
    store = await open_store()
    async with store.writing() as connection:
        await connection.run_sync(metadata.create_all)
        await queue.know(connection, ["hub"], NOW)
    return Bench(store, queue)


async def test_whoever_floods_waits_for_himself_alone(bench: Bench) -> None:
    await bench.add("dinsos", range(600))  # more than one statement can take
    assert await bench.serve(3) == ["dinsos:0", "dinsos:1", "dinsos:2"]
    await bench.add("dishub", range(3))
    await bench.add("rsud", range(1))
    served = await bench.serve(8)
    others = [name for name in served if not name.startswith("dinsos")]
    assert (set(others[:2]), others[2:]) == ({"dishub:0", "rsud:0"}, ["dishub:1", "dishub:2"])
    assert len(await bench.serve(600)) == 604 - 3 - 8  # nothing is forgotten


async def test_whoever_was_quiet_has_saved_nothing_up(bench: Bench) -> None:
    await bench.add("dinsos", range(50))
    await bench.serve(50)
    await bench.add("dinsos", range(100, 104))
    await bench.add("dishub", range(4))
    assert {name.split(":")[0] for name in await bench.serve(2)} == {"dinsos", "dishub"}


async def test_what_is_urgent_goes_first_and_takes_what_stands_before_it_along(bench: Bench) -> None:
    await bench.add("dinsos", range(5))
    await bench.add("bpbd", [1], urgent=True)
    assert await bench.serve(1) == ["bpbd:1"]
    later = bench.row("dinsos:4 anew", "dinsos", sequence=2, subject="dinsos:4", state="pending", created_at=NOW)
    async with bench.store.writing() as connection:
        await bench.queue.add(connection, [{**later, "urgent": True}])
        await bench.queue.turns.hurry(connection, "hub", [later["subject_id"]])
    assert await bench.serve(3) == ["dinsos:4", "dinsos:4 anew", "dinsos:0"]


async def test_what_was_held_back_joins_at_the_end(bench: Bench) -> None:
    """A whole shadow that is let go at once stands behind nobody's flood, and floods nobody."""
    await bench.add("dinsos", range(30), state="withheld")
    await bench.add("dinsos", range(30, 32))
    await bench.add("dishub", range(2))
    held = [key for key, name in bench.names.items() if name in {f"dinsos:{n}" for n in range(30)}]
    async with bench.store.writing() as connection:
        await bench.queue.turns.give_anew(connection, held)
        table = bench.queue.table
        await connection.execute(update(table).where(table.c.delivery_id.in_(held)).values(state="pending"))
    served = await bench.serve(34)
    assert set(served[:4]) == {"dinsos:30", "dinsos:31", "dishub:0", "dishub:1"}
    assert len(served) == len(set(served)) == 34


def test_a_rate_holds_over_all_who_claim() -> None:
    destination = Destination("hub")
    at, gone = NOW, 0
    for tick in range(100):  # ten seconds, two processes that look ten times a second, each wanting eight
        at = NOW + timedelta(seconds=tick / 10)
        for _ in range(2):
            free = destination.room(at, 8, 0, 5.0)
            destination = destination.claimed(free, 0, at, 5.0)
            gone += free
    assert gone == pytest.approx(5 * 9.9 + 5 * 2, abs=1)  # the rate, and a burst of two seconds at the beginning


def test_the_slowest_rate_lets_one_go_at_a_time() -> None:
    destination = Destination("hub")
    assert destination.room(NOW, 8, 0, 0.1) == 1
    destination = destination.claimed(1, 0, NOW, 0.1)
    assert destination.room(NOW + timedelta(seconds=9), 8, 0, 0.1) == 0
    assert destination.room(NOW + timedelta(seconds=10), 8, 0, 0.1) == 1
    assert Destination("hub", paused="x").room(NOW, 8, 0, 0.1) == 0
    assert destination.resumed().room(NOW, 8, 0, 0.1) == 0  # a person opens the circuit, not the hub's limit
