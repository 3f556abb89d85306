"""Attachments that a hub takes one by one, each as a delivery of its own behind the report that it belongs to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.hub import Hub, Mode
from dispatcher.rendering import ATTACH
from dispatcher.routing import by_mode
from runtime.delivery.queue import DeliveryQueue
from runtime.store.statements import chunks
from schemas.complaint import Complaint
from schemas.identity import delivery_id


async def add_missing(
    connection: AsyncConnection,
    queue: DeliveryQueue,
    name: str,
    hub: Hub,
    complaints: Iterable[Complaint],
    *,
    mode: Mode,
    now: datetime,
) -> None:
    """Add a delivery for each stored attachment that a hub has none for. Only for complaints that stand at the hub.

    The object's key is kept as the fingerprint: the same file twice is one attachment.
    """
    having = {c.complaint_id: c for c in complaints if c.merged_into is None and any(a.object for a in c.attachments)}
    known, top = await _known(connection, name, sorted(having))
    rows = []
    for subject, complaint in having.items():
        new = dict.fromkeys(a.object for a in complaint.attachments if a.object and a.object not in known[subject])
        for number, key in enumerate(new, top[subject] + 1):
            row = _row(complaint, name, key, sequence=number, mode=mode, now=now)
            rows.append({**row, "share": complaint.agency, "urgent": hub.hurries(complaint)})
    await queue.add(connection, rows)
    made = Counter(row["subject_id"] for row in rows)
    if made:
        counted = [{"id_": subject, "hub_": name, "more_": number} for subject, number in made.items()]
        await connection.execute(_MORE_ATTACHMENTS, counted)


_MORE_ATTACHMENTS = (
    update(t.routes)
    .where(t.routes.c.complaint_id == bindparam("id_"), t.routes.c.hub == bindparam("hub_"))
    .values(attachments=t.routes.c.attachments + bindparam("more_"))
)


async def objects(connection: AsyncConnection, deliveries: Sequence[UUID]) -> Mapping[UUID, str | None]:
    """Which stored file each delivery is about."""
    d = t.deliveries.c
    found: dict[UUID, str | None] = {}
    for some in chunks(sorted(deliveries)):
        rows = await connection.execute(select(d.delivery_id, d.fingerprint).where(d.delivery_id.in_(some)))
        found.update({row.delivery_id: row.fingerprint for row in rows})
    return found


async def _known(
    connection: AsyncConnection, hub: str, subjects: Sequence[UUID]
) -> tuple[Mapping[UUID, set[str | None]], Mapping[UUID, int]]:
    """The files that have a delivery, and the highest sequence."""
    d = t.deliveries.c
    known: dict[UUID, set[str | None]] = defaultdict(set)
    top: dict[UUID, int] = defaultdict(int)
    for some in chunks(subjects):
        rows = await connection.execute(
            select(d.subject_id, d.kind, d.sequence, d.fingerprint).where(d.subject_id.in_(some), d.destination == hub)
        )
        for row in rows:
            top[row.subject_id] = max(top[row.subject_id], row.sequence)
            if row.kind == ATTACH:
                known[row.subject_id].add(row.fingerprint)
    return known, top


def _row(complaint: Complaint, hub: str, key: str, *, sequence: int, mode: Mode, now: datetime) -> dict[str, Any]:
    begins = by_mode(mode)
    return {
        "delivery_id": delivery_id(complaint.complaint_id, hub, f"{ATTACH}:{key}", 1),
        "subject_id": complaint.complaint_id,
        "destination": hub,
        "kind": ATTACH,
        "sequence": sequence,
        "state": begins.state,
        "reason": begins.reason,
        "fingerprint": key,
        "created_at": now,
    }
