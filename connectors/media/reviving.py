"""Files that were given up are tried anew by every process that starts: whoever mends a cause starts it again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.media.tables import BOOKS, JOBS


async def revive(connection: AsyncConnection, sources: Sequence[str], now: datetime) -> None:
    """Queue what was given up of these sources, as if it had never been tried, and take it out of the books' ends."""
    for source in sorted(sources):
        revived = await connection.execute(
            update(JOBS)
            .where(JOBS.c.destination == source, JOBS.c.state == "parked")
            .values(state="pending", attempts=0, doubt=False, next_at=now, finished_at=None)
        )
        if revived.rowcount:
            await connection.execute(
                update(BOOKS).where(BOOKS.c.source == source).values(ended=BOOKS.c.ended - revived.rowcount)
            )
