"""Where revisions begin: after everything that the log already knows.

Tables that were lost and made anew would count revisions from 1 again, and whoever reads the log would take all that is
said now for something old. No complaint can have more revisions than `complaints` has records, so the end of that topic
when the tables were made is a number that no revision has reached; on a new log it is 0.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from runtime.bus.protocol import Bus
from runtime.store.engine import Store
from runtime.store.statements import insert_new
from schemas.topics import COMPLAINTS

ONLY = 1
"""The key of the one row."""


async def origin(connection: AsyncConnection) -> int:
    """The number after which revisions of new complaints begin."""
    found = (await connection.execute(select(t.origins.c.revision).where(t.origins.c.number == ONLY))).scalar()
    return 0 if found is None else int(found)


async def settle_origin(store: Store, bus: Bus) -> None:
    """Write it down, unless it is known; several normalizers may begin at once. Before the first publication.

    Raises:
        BusUnavailable: the log cannot be asked; try again.
        StoreUnavailable: likewise the store.
    """
    async with store.reading() as connection:
        if (await connection.execute(select(t.origins.c.number))).first() is not None:
            return
    end = sum((await bus.ends(COMPLAINTS.name)).values())
    async with store.writing() as connection:
        await connection.execute(insert_new(connection, t.origins), [{"number": ONLY, "revision": end}])
