"""The portal's part of the ledger: each term counted from its own table, and the equations between them."""

from typing import Any

from sqlalchemy import Select, Table, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import Column

from portal import tables as t
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMPLAINTS


async def read(store: Store) -> ServiceLedger:
    """Count everything in one consistent view.

    Raises:
        StoreUnavailable: the database does not work.
    """
    async with store.reading() as connection:
        return await _read(connection)


async def _read(connection: AsyncConnection) -> ServiceLedger:
    async def number(statement: Select[Any]) -> int:
        return int((await connection.execute(statement)).scalar_one())

    async def count(table: Table) -> int:
        return await number(select(func.count()).select_from(table))

    async def total(column: Column[Any]) -> int:
        return await number(select(func.coalesce(func.sum(column), 0)))

    c, f = t.complaints.c, t.feed.c
    newest = and_(f.seq == c.seq, f.complaint_id == c.complaint_id, f.revision == c.revision)
    counts = {
        "positions_complaints": await t.positions.total(connection, COMPLAINTS.name),
        "lost": await t.positions.lost(connection, COMPLAINTS.name),
        "unreadable": await count(t.unreadable),
        "complaints": await count(t.complaints),
        "revisions": await total(c.revision),
        "events": await total(c.events),
        "feed": await count(t.feed),
    }
    return ServiceLedger(
        "portal",
        counts,
        checks=(
            Check(
                "records read = events of complaints + unreadable + lost",
                counts["positions_complaints"],
                counts["events"] + counts["unreadable"] + counts["lost"],
            ),
            Check("appearances of complaints = entries of the feed", await total(c.appearances), counts["feed"]),
            Check(
                "complaints = their newest revisions in the feed",
                counts["complaints"],
                await number(select(func.count()).select_from(t.complaints.join(t.feed, newest))),
            ),
            Check(
                "numbers of the feed have no gap: the highest = how many",
                await number(select(func.coalesce(func.max(f.seq), 0))),
                counts["feed"],
            ),
            Check("the feed's counter = its entries", await total(t.counter.c.last), counts["feed"]),
        ),
    )
