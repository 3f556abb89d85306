"""Files that were given up are tried anew: by every process that starts, for whoever mends a cause starts it again; and
whenever an operator wants it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.media.tables import BOOKS, JOBS

GIVEN_UP = ("parked", "rejected")
"""`parked`: given up after many tries. `rejected`: not to be had, or not to be passed on."""


async def revive(connection: AsyncConnection, sources: Sequence[str], now: datetime) -> None:
    """Queue what was parked of these sources, as if it had never been tried, and take it out of the books' ends."""
    for source in sorted(sources):
        await _revive(connection, source, JOBS.c.state == "parked", now)


async def revive_some(connection: AsyncConnection, source: str, ids: Collection[UUID], now: datetime) -> int:
    """The same for some files of a source, also those that were rejected. Returns how many there were."""
    return await _revive(connection, source, and_(JOBS.c.state.in_(GIVEN_UP), JOBS.c.delivery_id.in_(sorted(ids))), now)


async def _revive(connection: AsyncConnection, source: str, which: ColumnElement[bool], now: datetime) -> int:
    revived = await connection.execute(
        update(JOBS)
        .where(JOBS.c.destination == source, which)
        .values(state="pending", attempts=0, doubt=False, next_at=now, finished_at=None)
    )
    if revived.rowcount:
        await connection.execute(
            update(BOOKS).where(BOOKS.c.source == source).values(ended=BOOKS.c.ended - revived.rowcount)
        )
    return revived.rowcount
