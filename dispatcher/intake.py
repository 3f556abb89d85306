"""From `complaints` to deliveries: each revision once, the newest only, and of it only what a hub would notice."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.hub import Hub
from dispatcher.planning import Known, Plan, plan
from dispatcher.rendering import CREATE, UPDATE, Renderer
from dispatcher.routing import SHADOW, hubs_for
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.delivery.queue import DeliveryQueue
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from runtime.store.statements import chunks, upsert
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent, StatusEvent
from schemas.identity import event_id
from schemas.topics import STATUSES

log = structlog.get_logger()

_SLICE = 0.02
"""Seconds of computing after which others get their turn."""


@dataclass(slots=True)
class _News:
    """What a batch says of one complaint."""

    newest: Complaint
    events: int = 0
    origins: set[str] = field(default_factory=set)
    """Of its newest revisions: who changed it."""
    fingerprints: dict[str, str | None] = field(default_factory=dict)


class IntakeWriter:
    """Takes complaints in."""

    def __init__(
        self, store: Store, queue: DeliveryQueue, renderer: Renderer, hubs: Mapping[str, Hub], clock: Clock
    ) -> None:
        self._store = store
        self._queue = queue
        self._renderer = renderer
        self._hubs = hubs
        self._clock = clock

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Take a batch in, in one transaction; returns the receipts of what was adopted.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        news, unreadable = _read(records)
        await self._fingerprint(news.values())
        now = self._clock()
        async with self._store.writing() as connection:
            await t.positions.advance(connection, moves(records))
            if unreadable:
                rows = [{"partition": r.partition.number, "offset": r.offset, "at": now} for r in unreadable]
                await connection.execute(insert(t.unreadable), rows)
            known = await _complaints(connection, news)
            fresh = {key: each for key, each in news.items() if each.newest.revision > known.get(key, _NONE).revision}
            routed, deliveries = await self._state(connection, fresh)
            plans = self._plans(fresh, routed, deliveries, now)
            await self._write(connection, plans, now)
            await self._keep(connection, news, known, routed, plans)
            outgoing = [_receipt(each, now) for each in plans if each.adopted is not None]
            await t.outbox.write(connection, outgoing)
        return outgoing

    async def _fingerprint(self, news: Iterable[_News]) -> None:
        """Before the transaction, since it is the part that costs time."""
        began = time.monotonic()
        for each in news:
            for name in hubs_for(each.newest, self._hubs):
                each.fingerprints[name] = self._renderer.fingerprint(each.newest, self._hubs[name])
            if time.monotonic() - began > _SLICE:
                await asyncio.sleep(0)
                began = time.monotonic()

    async def _state(
        self, connection: AsyncConnection, fresh: Mapping[UUID, _News]
    ) -> tuple[dict[UUID, set[str]], dict[tuple[UUID, str], Known]]:
        routed: dict[UUID, set[str]] = defaultdict(set)
        rows: dict[tuple[UUID, str], list[Any]] = defaultdict(list)
        d = t.deliveries.c
        for some in chunks(sorted(fresh)):
            for row in await connection.execute(
                select(t.routes.c.complaint_id, t.routes.c.hub).where(t.routes.c.complaint_id.in_(some))
            ):
                routed[row.complaint_id].add(row.hub)
            found = await connection.execute(
                select(
                    d.delivery_id, d.subject_id, d.destination, d.kind, d.sequence, d.state, d.reason, d.attempts,
                    d.fingerprint, d.request.is_not(None).label("rendered"), d.receipt,
                )
                .where(d.subject_id.in_(some))
                .order_by(d.subject_id, d.destination, d.sequence)
                .with_for_update()
            )  # fmt: skip
            for row in found:
                rows[row.subject_id, row.destination].append(row)
        return routed, {key: Known.of(found) for key, found in rows.items()}

    def _plans(
        self,
        fresh: Mapping[UUID, _News],
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
                decided = plan(
                    each.newest,
                    name,
                    hub.mode,
                    known=deliveries.get((key, name)),
                    fingerprint=each.fingerprints.get(name),
                    echo=each.origins <= {name},
                    now=now,
                )
                if decided is not None:
                    plans.append(decided)
        return plans

    async def _write(self, connection: AsyncConnection, plans: Sequence[Plan], now: datetime) -> None:
        supersede = [each.supersede for each in plans if each.supersede is not None]
        for some in chunks(supersede):
            await connection.execute(
                update(t.deliveries)
                .where(t.deliveries.c.delivery_id.in_(some))
                .values(state="superseded", reason="a newer revision says it all", finished_at=now)
            )
        changed = [
            {
                "now_": now,
                "request_": self._shadow(each, each.restate["state_"], each.restate["reason_"]),
                **each.restate,
            }
            for each in plans
            if each.restate is not None
        ]
        if changed:
            await connection.execute(_RESTATE, changed)
        for each in plans:
            if each.delivery is not None:
                each.delivery["request"] = self._shadow(each, each.delivery["state"], each.delivery["reason"])
        await self._queue.add(connection, [each.delivery for each in plans if each.delivery is not None])
        new = [
            {"complaint_id": each.complaint.complaint_id, "hub": each.hub, "updates": 0, "routed_at": now}
            for each in plans
            if each.delivery is not None and each.delivery["kind"] == CREATE
        ]
        if new:
            await connection.execute(insert(t.routes), new)
        more = [
            {"id_": each.complaint.complaint_id, "hub_": each.hub}
            for each in plans
            if each.delivery is not None and each.delivery["kind"] == UPDATE
        ]
        if more:
            await connection.execute(_ONE_MORE_UPDATE, more)

    def _shadow(self, decided: Plan, state: str, reason: str | None) -> str | None:
        """The request of a delivery that begins in the shadow."""
        if state != "withheld" or reason != SHADOW:
            return None
        row = decided.delivery or {
            "delivery_id": decided.restate["id_"] if decided.restate else None,
            "subject_id": decided.complaint.complaint_id,
            "destination": decided.hub,
            "kind": CREATE,
            "sequence": decided.complaint.revision,
            "created_at": decided.complaint.updated_at,
        }
        return self._renderer.shadow(decided.complaint, self._hubs[decided.hub], row, decided.tracking_id)

    async def _keep(
        self,
        connection: AsyncConnection,
        news: Mapping[UUID, _News],
        known: Mapping[UUID, "_Stored"],
        routed: Mapping[UUID, set[str]],
        plans: Sequence[Plan],
    ) -> None:
        routes: dict[UUID, set[str]] = defaultdict(set)
        for each in plans:
            if each.delivery is not None and each.delivery["kind"] == CREATE:
                routes[each.complaint.complaint_id].add(each.hub)
        rows, stale = [], []
        for key, said in news.items():
            stored = known.get(key, _NONE)
            if said.newest.revision <= stored.revision:
                stale.append({"id_": key, "events_": said.events})
                continue
            rows.append(
                {
                    "complaint_id": key,
                    "revision": said.newest.revision,
                    "events": stored.events + said.events,
                    "routes": len(routed.get(key, set()) | routes[key]),
                    "historical": said.newest.historical,
                    "document": said.newest.model_dump_json(),
                }
            )
        if rows:
            changing = ("revision", "events", "routes", "historical", "document")
            await connection.execute(upsert(connection, t.complaints, changing), rows)
        if stale:
            await connection.execute(_MORE_EVENTS, stale)


@dataclass(frozen=True, slots=True)
class _Stored:
    revision: int
    events: int


_NONE = _Stored(0, 0)

_RESTATE = (
    update(t.deliveries)
    .where(t.deliveries.c.delivery_id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        reason=bindparam("reason_"),
        fingerprint=bindparam("fingerprint_"),
        next_at=bindparam("now_"),
        request=bindparam("request_"),
    )
)
_ONE_MORE_UPDATE = (
    update(t.routes)
    .where(t.routes.c.complaint_id == bindparam("id_"), t.routes.c.hub == bindparam("hub_"))
    .values(updates=t.routes.c.updates + 1)
)
_MORE_EVENTS = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"))
    .values(events=t.complaints.c.events + bindparam("events_"))
)


def _read(records: Sequence[Received]) -> tuple[dict[UUID, _News], list[Received]]:
    news: dict[UUID, _News] = {}
    unreadable = []
    for record in records:
        try:
            event = ComplaintEvent.model_validate_json(record.value)
        except ValidationError:
            log.exception("complaint_unreadable", partition=record.partition.number, offset=record.offset)
            unreadable.append(record)
            continue
        each = news.setdefault(event.complaint.complaint_id, _News(event.complaint))
        each.events += 1
        each.origins.add(event.origin)
        if event.complaint.revision > each.newest.revision:
            each.newest = event.complaint
    return news, unreadable


async def _complaints(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, _Stored]:
    c = t.complaints.c
    found: dict[UUID, _Stored] = {}
    for some in chunks(sorted(ids)):
        rows = await connection.execute(
            select(c.complaint_id, c.revision, c.events)
            .where(c.complaint_id.in_(some))
            .order_by(c.complaint_id)
            .with_for_update()
        )
        found.update({row.complaint_id: _Stored(row.revision, row.events) for row in rows})
    return found


def _receipt(adopted: Plan, now: datetime) -> Outgoing:
    receipt, complaint = adopted.adopted, adopted.complaint
    assert receipt is not None  # noqa: S101 only what was adopted comes here
    event = StatusEvent(
        event_id=event_id(complaint.complaint_id, f"receipt:{adopted.hub}", receipt.tracking_id),
        occurred_at=now,
        origin=adopted.hub,
        kind="receipt",
        complaint_id=complaint.complaint_id,
        hub=adopted.hub,
        tracking_id=receipt.tracking_id,
        url=receipt.url,
        at=receipt.delivered_at,
        adopted=True,
    )
    return Outgoing(STATUSES.name, str(complaint.complaint_id), event.model_dump_json().encode())
