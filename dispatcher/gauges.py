"""Gauges that are read from the database, from this one place, every few seconds; and the health that follows."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.hub import Hub
from dispatcher.metrics import CIRCUIT, DispatcherMetrics
from runtime.clock import Clock
from runtime.delivery.circuit import Destination
from runtime.delivery.outcomes import STATES, State
from runtime.store.engine import Store
from runtime.telemetry.health import Health
from schemas.parts import Step

_MOVING: Sequence[State] = ("pending", "leased", "parked")
"""States that deliveries leave again: few are in them, and their numbers are read at every refresh."""
_STAYING = tuple(state for state in STATES if state not in _MOVING)
"""States that history piles up in."""
_SHARE = 20
"""To count those may take one in so many seconds: it grows with what is stored, and must not eat the database."""

_Counted = tuple[str, str, int, datetime]
"""Hub, state, how many deliveries, since when."""


class Gauges:
    """Refreshes the gauges."""

    def __init__(
        self, store: Store, hubs: Mapping[str, Hub], metrics: DispatcherMetrics, health: Health, clock: Clock
    ) -> None:
        self._store = store
        self._hubs = hubs
        self._metrics = metrics
        self._health = health
        self._clock = clock
        self._staying: Sequence[_Counted] = ()
        self._count_again = 0.0

    async def step(self) -> bool:
        """One refresh."""
        now = self._clock()
        async with self._store.reading() as connection:
            counted = [*await self._counted(connection, _MOVING), *await self._settled(connection)]
            hubs = (await connection.execute(select(t.hubs))).all()
            x = t.deadlines.c
            timed = (
                await connection.execute(
                    select(x.hub, x.step, x.told, func.count())
                    .where(x.step.is_not(None))
                    .group_by(x.hub, x.step, x.told)
                )
            ).all()
        counts = {(hub, state): number for hub, state, number, _ in counted}
        for hub in self._hubs:
            for state in STATES:
                self._metrics.deliveries.labels(hub, state).set(counts.get((hub, state), 0))
            since = [oldest for name, state, _, oldest in counted if name == hub and state in ("pending", "leased")]
            age = (now - min(since)).total_seconds() if since else 0.0
            self._metrics.oldest.labels(hub).set(max(age, 0.0))
        self._timed({(hub, step, told or "open"): number for hub, step, told, number in timed})
        for row in hubs:
            known = Destination(row.destination, row.stopped, row.paused, row.failures, row.open_until, row.wait_until)
            self._show(known, CIRCUIT[known.circuit(now)])
        return False

    async def _settled(self, connection: AsyncConnection) -> Sequence[_Counted]:
        begun = time.monotonic()
        if begun >= self._count_again:
            self._staying = await self._counted(connection, _STAYING)
            self._count_again = begun + (time.monotonic() - begun) * _SHARE
        return self._staying

    async def _counted(self, connection: AsyncConnection, states: Collection[State]) -> Sequence[_Counted]:
        d = t.deliveries.c
        statement = select(d.destination, d.state, func.count(), func.min(d.created_at)).where(
            d.destination.in_(sorted(self._hubs)), d.state.in_(states)
        )
        rows = await connection.execute(statement.group_by(d.destination, d.state))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _timed(self, counts: Mapping[tuple[str, str, str], int]) -> None:
        for name, hub in self._hubs.items():
            if hub.deadlines is not None:
                for step in get_args(Step):
                    for state in ("open", "approaching", "missed"):
                        self._metrics.deadlines.labels(name, step, state).set(counts.get((name, step, state), 0))

    def _show(self, hub: Destination, circuit: int) -> None:
        self._metrics.circuit.labels(hub.name).set(circuit)
        self._metrics.stopped.labels(hub.name, "stopped").set(hub.stopped is not None)
        self._metrics.stopped.labels(hub.name, "paused").set(hub.paused is not None)
        part = f"dispatcher.hub.{hub.name}"
        if hub.stopped is not None:
            self._health.problem(part, f"nothing is sent to {hub.name} until it is resumed: {hub.stopped}")
        elif hub.paused is not None:
            self._health.problem(part, f"nothing is sent to {hub.name}: {hub.paused}")
        elif circuit:
            self._health.problem(part, f"{hub.name} does not answer properly; it is probed")
        else:
            self._health.well(part)
