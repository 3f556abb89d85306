"""The rows that taking in reads and writes: complaints, routes, deliveries; set-based, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import attaching
from dispatcher import tables as t
from dispatcher.hub import Hub
from dispatcher.news import News
from dispatcher.planning import Known, Plan
from dispatcher.rendering import CREATE, UPDATE, Renderer
from dispatcher.routing import SHADOW
from runtime.delivery.queue import DeliveryQueue
from runtime.store.statements import chunks, upsert
from schemas.complaint import Complaint


@dataclass(frozen=True, slots=True)
class Stored:
    """How far a complaint was taken in."""

    revision: int
    events: int


NOTHING = Stored(0, 0)


class Books:
    """Reads and writes them."""

    def __init__(self, queue: DeliveryQueue, renderer: Renderer, hubs: Mapping[str, Hub]) -> None:
        self._queue = queue
        self._renderer = renderer
        self._hubs = hubs

    async def complaints(self, connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Stored]:
        """What is known of complaints, their rows locked in the order of their ids."""
        c = t.complaints.c
        found: dict[UUID, Stored] = {}
        for some in chunks(sorted(ids)):
            rows = await connection.execute(
                select(c.complaint_id, c.revision, c.events)
                .where(c.complaint_id.in_(some))
                .order_by(c.complaint_id)
                .with_for_update()
            )
            found.update({row.complaint_id: Stored(row.revision, row.events) for row in rows})
        return found

    async def standing(
        self, connection: AsyncConnection, ids: Iterable[UUID]
    ) -> tuple[dict[UUID, set[str]], dict[tuple[UUID, str], Known]]:
        """Where complaints are routed, and their deliveries, locked."""
        routed: dict[UUID, set[str]] = defaultdict(set)
        rows: dict[tuple[UUID, str], list[Any]] = defaultdict(list)
        d = t.deliveries.c
        for some in chunks(sorted(ids)):
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
                .order_by(d.delivery_id)  # everybody locks them in this order, so that nobody waits in a ring
                .with_for_update()
            )  # fmt: skip
            for row in sorted(found, key=lambda row: row.sequence):
                rows[row.subject_id, row.destination].append(row)
        return routed, {key: Known.of(found) for key, found in rows.items() if any(row.kind == CREATE for row in found)}

    async def write(self, connection: AsyncConnection, plans: Sequence[Plan], now: datetime) -> None:
        """Write what was decided: deliveries and routes."""
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
            {
                "complaint_id": each.complaint.complaint_id,
                "hub": each.hub,
                "updates": 0,
                "attachments": 0,
                "routed_at": now,
            }
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

    async def attach(
        self,
        connection: AsyncConnection,
        complaints: Sequence[Complaint],
        deliveries: Mapping[tuple[UUID, str], Known],
        now: datetime,
    ) -> None:
        """Add deliveries for attachments that came after the report was delivered."""
        for name, hub in self._hubs.items():
            if hub.profile.model.attach is None:
                continue
            there = [
                each
                for each in complaints
                if (known := deliveries.get((each.complaint_id, name))) is not None
                and known.create.state == "delivered"
            ]
            await attaching.add_missing(connection, self._queue, name, hub, there, mode=hub.mode, now=now)

    async def hurry(
        self,
        connection: AsyncConnection,
        complaints: Sequence[Complaint],
        deliveries: Mapping[tuple[UUID, str], Known],
    ) -> None:
        """Let what waits for complaints that are urgent go first: some became so only now."""
        for name, hub in self._hubs.items():
            urgent = [each.complaint_id for each in complaints if hub.hurries(each)]
            waiting = [subject for subject in urgent if (subject, name) in deliveries]
            await self._queue.turns.hurry(connection, name, waiting)

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

    async def keep(
        self,
        connection: AsyncConnection,
        news: Mapping[UUID, News],
        known: Mapping[UUID, "Stored"],
        routed: Mapping[UUID, set[str]],
        plans: Sequence[Plan],
    ) -> None:
        """Write the newest revision of each complaint, and count all records that were about it."""
        routes: dict[UUID, set[str]] = defaultdict(set)
        for each in plans:
            if each.delivery is not None and each.delivery["kind"] == CREATE:
                routes[each.complaint.complaint_id].add(each.hub)
        rows, stale = [], []
        for key, said in news.items():
            stored = known.get(key, NOTHING)
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
