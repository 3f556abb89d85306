"""The connectors' part of the ledger: what polled sources remember of their rows."""

from sqlalchemy import func, select

from connectors.tables import CURSORS, SEEN
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger


async def read(store: Store) -> ServiceLedger:
    """Count everything in one consistent view.

    Raises:
        StoreUnavailable: the database does not work.
    """
    async with store.reading() as connection:
        cursors = (await connection.execute(select(CURSORS.c.source, CURSORS.c.state))).all()
        counted = await connection.execute(
            select(SEEN.c.source, func.count()).group_by(SEEN.c.source).order_by(SEEN.c.source)
        )
        seen: dict[str, int] = {row[0]: row[1] for row in counted}
    told: dict[str, int] = {row.source: int(row.state.get("seen") or 0) for row in cursors}
    return ServiceLedger(
        "connectors",
        {"cursors": len(cursors), "seen": sum(seen.values())},
        checks=tuple(
            Check(f'rows seen by the cursor of "{source}" = rows remembered', told.get(source, 0), seen.get(source, 0))
            for source in sorted(told.keys() | seen.keys())
        ),
    )
