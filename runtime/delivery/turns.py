"""Whose delivery is next: fair shares among those who send, and what is urgent before all others.

Each delivery gets a turn when it joins the queue, and the lowest turn goes first. The deliveries of one share stand in
turns of their own, one behind the other, and begin where the queue is now: whoever sends ten thousand at once waits for
ten thousand turns, and whoever sends one is served next. It is start-time fair queueing (Goyal, Vin and Cheng, 1996)
with equal weights and a cost of one each.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.statements import chunks

URGENT = 0
"""The turn of what goes before everything else."""


class Turns:
    """Gives turns. The caller owns the transactions."""

    def __init__(self, deliveries: Table, destinations: Table) -> None:
        self._table = deliveries
        self._destinations = destinations

    async def give(self, connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[int]:
        """A turn for each new row: `destination`, `share`, `urgent`, `state`."""
        last = await self._last(connection, {(row["destination"], row["share"]) for row in rows})
        turns = []
        for row in rows:
            key = row["destination"], row["share"]
            if row["urgent"]:
                turns.append(URGENT)
                continue
            turns.append(last[key] + 1)
            if row["state"] == "pending":  # what does not go yet stands in nobody's way
                last[key] += 1
        return turns

    async def give_anew(self, connection: AsyncConnection, ids: Sequence[UUID]) -> None:
        """Turns for deliveries that were held back and are about to join the queue, in the order they came in."""
        c = self._table.c
        rows: list[Any] = []
        for some in chunks(ids):
            held = select(c.delivery_id, c.destination, c.share, c.created_at).where(c.turn != URGENT)
            rows += await connection.execute(held.where(c.delivery_id.in_(some)))
        last = await self._last(connection, {(row.destination, row.share) for row in rows})
        turns = []
        for row in sorted(rows, key=lambda row: (row.created_at, row.delivery_id)):
            last[row.destination, row.share] += 1
            turns.append({"id_": row.delivery_id, "turn_": last[row.destination, row.share]})
        if turns:
            statement = update(self._table).where(c.delivery_id == bindparam("id_")).values(turn=bindparam("turn_"))
            await connection.execute(statement, turns)

    async def hurry(self, connection: AsyncConnection, destination: str, subjects: Sequence[UUID]) -> None:
        """Let all that waits for these subjects go first: they have become urgent, or what waits behind it is."""
        c = self._table.c
        for some in chunks(sorted(subjects)):
            waiting = select(c.delivery_id).where(c.destination == destination, c.turn != URGENT)
            waiting = waiting.where(c.subject_id.in_(some), c.state.in_(("pending", "withheld")))
            # Everybody locks deliveries in the order of their ids, so that nobody waits in a ring.
            found = await connection.execute(waiting.order_by(c.delivery_id).with_for_update())
            for ids in chunks([delivery_id for (delivery_id,) in found]):
                await connection.execute(update(self._table).where(c.delivery_id.in_(ids)).values(turn=URGENT))

    async def _last(
        self, connection: AsyncConnection, waiting: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], int]:
        """The last turn that is taken for each share of each destination: where the queue is, when it has none."""
        c, d = self._table.c, self._destinations.c
        served = select(d.destination, d.turn).where(d.destination.in_({destination for destination, _ in waiting}))
        now = {row.destination: row.turn for row in await connection.execute(served)}
        last: dict[tuple[str, str], int] = {}
        for key in sorted(waiting):
            # One by one: a look at the end of an index, however much waits. In one statement it would be a scan.
            taken = select(func.max(c.turn)).where(c.destination == key[0], c.state == "pending", c.share == key[1])
            last[key] = max(now.get(key[0], 0), (await connection.execute(taken)).scalar_one() or 0)
        return last
