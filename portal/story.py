"""When a complaint's revisions appeared in the feed. Reads only."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from portal import tables as t
from runtime.store.engine import Store
from runtime.telemetry.story import Step

SERVICE = "portal"


async def trace(store: Store, complaints: Collection[UUID]) -> list[Step]:
    """One step for each revision that the feed showed."""
    f = t.feed.c
    statement = select(f.appeared_at, f.complaint_id, f.revision, f.seq).where(f.complaint_id.in_(complaints))
    async with store.reading() as connection:
        return [
            Step(at, SERVICE, f"revision {revision}", f"feed entry {seq} · complaint {complaint}")
            for at, complaint, revision, seq in await connection.execute(statement.order_by(f.seq))
        ]
