"""The fetch queue's part of the ledger: files wanted = fetched + refused + pending + failed."""

from collections import defaultdict

from sqlalchemy import func, select

from connectors.media.tables import BOOKS, JOBS, OUTBOX, POSITIONS, SOURCES
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMPLAINTS, WANTED

_NAMES = {"delivered": "fetched", "rejected": "refused", "parked": "failed"}


async def read(store: Store) -> ServiceLedger:
    """Counts, equations and faults, in one consistent view.

    Raises:
        StoreUnavailable: the database does not work.
    """
    async with store.reading() as connection:
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        jobs = await connection.execute(
            select(JOBS.c.destination, JOBS.c.state, func.count()).group_by(JOBS.c.destination, JOBS.c.state)
        )
        for source, state, number in jobs:
            found[source][_NAMES.get(state, "pending")] += number
        books = {row.source: row for row in await connection.execute(select(BOOKS))}
        outbox, different = await OUTBOX.waiting(connection), await OUTBOX.differing(connection)
        known = (await connection.execute(select(func.count()).select_from(SOURCES))).scalar_one()
        lost = sum([await POSITIONS.lost(connection, topic.name) for topic in (WANTED, COMPLAINTS)])
    terms = ("fetched", "refused", "pending", "failed")
    counts = {f"media_{term}": sum(each[term] for each in found.values()) for term in terms}
    counts["media_wanted"] = sum(row.wanted for row in books.values())
    counts["media_outbox"] = outbox
    counts["media_sources"] = known
    checks = [Check("events of files waiting = events that differ", outbox, different)]
    for source in sorted(found.keys() | books.keys()):
        each, row = found[source], books.get(source)
        checks.append(
            Check(
                f'files wanted of "{source}" = fetched + refused + pending + failed',
                row.wanted if row else 0,
                sum(each[term] for term in terms),
            )
        )
        checks.append(
            Check(
                f'fetches ended of "{source}" = fetched + refused + failed',
                row.ended if row else 0,
                each["fetched"] + each["refused"] + each["failed"],
            )
        )
    words = "records left the log before the files that they name were asked for: its retention is too short"
    return ServiceLedger("media", counts, tuple(checks), (f"{lost} {words}",) if lost else ())
