"""Compares a hub with the ledger on a schedule. Mends nothing: see `muara reconcile --repair`."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from dispatcher import tables as t
from dispatcher.asking import NotListed, listing, noted
from dispatcher.client import HubClient
from dispatcher.hub import Hub
from dispatcher.metrics import DispatcherMetrics
from dispatcher.reconciling import Asked, compare, count
from runtime.clock import Clock
from runtime.store.engine import Store

log = structlog.get_logger()

_FIRST = timedelta(minutes=10)
"""From the start of the process to the first comparison: what waited for us is to go out before."""
_AGAIN = timedelta(hours=1)
"""After one that failed."""


class Reconciler:
    """Compares one hub. Each process that serves the hub does so by itself."""

    def __init__(
        self, name: str, hub: Hub, client: HubClient, *, store: Store, metrics: DispatcherMetrics, clock: Clock
    ) -> None:
        self._name = name
        self._hub = hub
        self._client = client
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._every = timedelta(hours=hub.reconcile_every)
        self._due = clock() + min(self._every, _FIRST)
        self._work: asyncio.Task[None] | None = None
        self._leaving = False

    async def step(self) -> bool:
        """Compare, if it is time."""
        now = self._clock()
        if now < self._due or await self._is_left_alone():
            return False
        if self._leaving:
            return False
        self._due = now + min(self._every, _AGAIN)
        self._work = asyncio.create_task(self._compare(now))
        await asyncio.wait([self._work])
        if not self._work.cancelled():
            self._work.result()
        return False

    def leave(self) -> None:
        """Break off what is under way: a long listing must not keep a process from ending."""
        self._leaving = True
        if self._work is not None:
            self._work.cancel()

    async def _compare(self, now: datetime) -> None:
        try:
            listed = await listing(self._hub, self._client)
        except NotListed as error:
            log.warning("not_reconciled", hub=self._name, reason=str(error))
            return
        ours = await noted(self._store, self._name)
        differences = compare(Asked(self._name, now, self._hub.profile.model.statuses), listed, ours)
        counts = count(differences)
        for kind, number in counts.items():
            self._metrics.reconciliation.labels(self._name, kind).set(number)
        self._metrics.reconciled.labels(self._name).set(now.timestamp())
        log.info("reconciled", hub=self._name, listed=len(listed), **counts)
        self._due = now + self._every

    async def _is_left_alone(self) -> bool:
        """Whether nothing is to be asked there now."""
        async with self._store.reading() as connection:
            h = t.hubs.c
            found = await connection.execute(select(h.stopped, h.paused).where(h.destination == self._name))
            row = found.one_or_none()
        return row is None or row.stopped is not None or row.paused is not None
