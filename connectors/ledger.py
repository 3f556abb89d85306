"""The connectors' part of the ledger: what is spooled, what polled sources remember of their rows, who serves them."""

from sqlalchemy import func, select

from connectors.tables import CURSORS, LEASES, SEEN
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger


async def read(store: Store, spooled: int = 0) -> ServiceLedger:
    """Count everything in one consistent view; `spooled` is how many accepted records the log does not have yet.

    Raises:
        StoreUnavailable: the database does not work.
    """
    async with store.reading() as connection:
        cursors = (await connection.execute(select(CURSORS.c.source, CURSORS.c.state, CURSORS.c.token))).all()
        leased = await connection.execute(select(LEASES.c.source, LEASES.c.token))
        tokens: dict[str, int] = {row.source: row.token for row in leased}
        counted = await connection.execute(
            select(SEEN.c.source, func.count()).group_by(SEEN.c.source).order_by(SEEN.c.source)
        )
        seen: dict[str, int] = {row[0]: row[1] for row in counted}
    told: dict[str, int] = {row.source: int(row.state.get("seen") or 0) for row in cursors}
    known: dict[str, int] = {row.source: row.token for row in cursors}
    return ServiceLedger(
        "connectors",
        {"spooled": spooled, "cursors": len(cursors), "seen": sum(seen.values()), "leases": len(tokens)},
        checks=(
            *(
                Check(
                    f'rows seen by the cursor of "{source}" = rows remembered', told.get(source, 0), seen.get(source, 0)
                )
                for source in sorted(told.keys() | seen.keys())
            ),
            *(
                Check(
                    f'leases given of "{source}" = those its cursor knows', tokens.get(source, 0), known.get(source, 0)
                )
                for source in sorted(tokens.keys() | known.keys())
            ),
        ),
    )
