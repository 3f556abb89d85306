"""From `complaints` to deliveries: each revision once, the newest only, and of it only what a hub would notice."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import insert

from dispatcher import tables as t
from dispatcher.books import NOTHING, Books
from dispatcher.hub import Hub
from dispatcher.news import News, read_news
from dispatcher.planning import Known, Plan, plan
from dispatcher.receipts import receipt_event
from dispatcher.rendering import Renderer
from dispatcher.routing import hubs_for
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.delivery.queue import DeliveryQueue
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves

log = structlog.get_logger()

_SLICE = 0.02
"""Seconds of computing after which others get their turn."""


class IntakeWriter:
    """Takes complaints in."""

    def __init__(
        self, store: Store, queue: DeliveryQueue, renderer: Renderer, hubs: Mapping[str, Hub], clock: Clock
    ) -> None:
        self._store = store
        self._books = Books(queue, renderer, hubs)
        self._renderer = renderer
        self._hubs = hubs
        self._clock = clock

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Take a batch in, in one transaction; returns the receipts of what was adopted.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        news, unreadable = read_news(records)
        await self._fingerprint(news.values())
        now = self._clock()
        async with self._store.writing() as connection:
            await t.positions.advance(connection, moves(records))
            if unreadable:
                rows = [{"partition": r.partition.number, "offset": r.offset, "at": now} for r in unreadable]
                await connection.execute(insert(t.unreadable), rows)
            known = await self._books.complaints(connection, news)
            fresh = {key: each for key, each in news.items() if each.newest.revision > known.get(key, NOTHING).revision}
            routed, deliveries = await self._books.standing(connection, fresh)
            plans = self._plans(fresh, routed, deliveries, now)
            await self._books.write(connection, plans, now)
            newest = [each.newest for each in fresh.values()]
            await self._books.hurry(connection, newest, deliveries)
            await self._books.attach(connection, newest, deliveries, now)
            await self._books.keep(connection, news, known, routed, plans)
            outgoing = [_receipt(each, now) for each in plans if each.adopted is not None]
            await t.outbox.write(connection, outgoing)
        return outgoing

    async def _fingerprint(self, news: Iterable[News]) -> None:
        """Before the transaction, since it is the part that costs time."""
        began = time.monotonic()
        for each in news:
            for name in hubs_for(each.newest, self._hubs):
                each.fingerprints[name] = self._renderer.fingerprint(each.newest, self._hubs[name])
            if time.monotonic() - began > _SLICE:
                await asyncio.sleep(0)
                began = time.monotonic()

    def _of(self, each: News, name: str, hub: Hub) -> str | None:
        """What it says to a hub. One that it would not go to any more, but has gone to, is told all the same."""
        known = each.fingerprints.get(name)
        return known if known is not None else self._renderer.fingerprint(each.newest, hub)

    def _plans(
        self,
        fresh: Mapping[UUID, News],
        routed: Mapping[UUID, set[str]],
        deliveries: Mapping[tuple[UUID, str], Known],
        now: datetime,
    ) -> list[Plan]:
        plans = []
        for key, each in fresh.items():
            for name in sorted({*hubs_for(each.newest, self._hubs), *routed.get(key, ())}):
                hub = self._hubs.get(name)
                if hub is None:
                    continue  # configured once, and no more: what it has stands, nothing new goes there
                if name in routed.get(key, ()) and (key, name) not in deliveries:
                    # The books are damaged, and the ledger says so. The hub may have it: it is not sent again blindly.
                    log.error("delivery_missing", complaint=str(key), hub=name)
                    continue
                decided = plan(
                    each.newest,
                    name,
                    hub,
                    known=deliveries.get((key, name)),
                    fingerprint=self._of(each, name, hub),
                    echo=each.origins <= {name},
                    now=now,
                )
                if decided is not None:
                    plans.append(decided)
        return plans


def _receipt(adopted: Plan, now: datetime) -> Outgoing:
    receipt, complaint = adopted.adopted, adopted.complaint
    assert receipt is not None  # noqa: S101 only what was adopted comes here
    at = receipt.delivered_at
    return receipt_event(
        complaint.complaint_id, adopted.hub, receipt.tracking_id, url=receipt.url, at=at, now=now, adopted=True
    )
