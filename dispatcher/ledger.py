"""The dispatcher's part of the ledger: each term counted from its own table, and the equations between them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from dispatcher import tables as t
from dispatcher.rendering import ATTACH, CREATE, UPDATE
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMMANDS, COMPLAINTS, DEAD, STATUSES

_PUBLISHED_BY_THEN = timedelta(minutes=1)
"""An event that is older and still in the outbox is stuck: the log is away, or nothing runs."""
_HUBS = "hubs configured or routed to = rows of hubs (a change of muara.yaml counts when the dispatcher starts again)"
_DIFFERING = select(func.count()).select_from(
    select(t.outbox.table.c.topic, t.outbox.table.c.key, t.outbox.table.c.value).distinct().subquery()
)
"""Events in the outbox, copies counted once: each has an id of its own inside."""


async def read(store: Store, hubs: Collection[str], now: datetime) -> ServiceLedger:
    """Count everything in one consistent view. `hubs`: the configured ones."""
    async with store.reading() as connection:
        return await _read(connection, hubs, now)


async def _read(connection: AsyncConnection, hubs: Collection[str], now: datetime) -> ServiceLedger:
    async def number(statement: Select[Any]) -> int:
        return int((await connection.execute(statement)).scalar_one() or 0)

    async def count(table: Table, *where: ColumnElement[bool]) -> int:
        return await number(select(func.count()).select_from(table).where(*where))

    c, d, r = t.complaints.c, t.deliveries.c, t.routes.c
    found = await connection.execute(
        select(d.state, func.count()).where(d.kind == CREATE).group_by(d.state).order_by(d.state)
    )
    states: dict[str, int] = {row[0]: row[1] for row in found}
    lost = await t.positions.lost(connection, COMPLAINTS.name)
    lost_commands = await t.positions.lost(connection, COMMANDS.name)
    counts = {
        "positions_complaints": await t.positions.total(connection, COMPLAINTS.name),
        "positions_commands": await t.positions.total(connection, COMMANDS.name),
        "lost": lost + lost_commands,
        "unreadable": await count(t.unreadable),
        "complaints": await count(t.complaints),
        "historical": await count(t.complaints, c.historical),
        "revisions": await number(select(func.sum(c.revision))),
        "routed": await count(t.routes),
        "delivered": states.get("delivered", 0),
        "pending": states.get("pending", 0) + states.get("leased", 0),
        **{name: states.get(name, 0) for name in ("parked", "rejected", "withheld", "adopted", "superseded")},
        "updates": await count(t.deliveries, d.kind == UPDATE),
        "updates_unfinished": await count(t.deliveries, d.kind != CREATE, d.state.in_(("pending", "leased"))),
        "attachments": await count(t.deliveries, d.kind == ATTACH),
        "outbox": await t.outbox.waiting(connection),
        "stuck": await count(t.outbox.table, t.outbox.table.c.written_at < now - _PUBLISHED_BY_THEN),
    }
    ended = ("delivered", "pending", "parked", "rejected", "withheld", "adopted", "superseded")
    routed_hubs = set((await connection.execute(select(r.hub).distinct())).scalars())
    routed_complaints = await number(select(func.count(func.distinct(r.complaint_id))))
    return ServiceLedger(
        "dispatcher",
        counts,
        checks=(
            Check(
                "complaint records read = events of complaints + unreadable + lost",
                counts["positions_complaints"],
                await number(select(func.sum(c.events))) + counts["unreadable"] + lost,
            ),
            Check(
                "commands read = rows of commands + lost",
                counts["positions_commands"],
                await count(t.commands) + lost_commands,
            ),
            Check("routes of the complaints = routes", await number(select(func.sum(c.routes))), counts["routed"]),
            Check(
                "complaints with routes = complaints routed", await count(t.complaints, c.routes > 0), routed_complaints
            ),
            Check(
                "routed = delivered + pending + parked + rejected + withheld + adopted + superseded",
                counts["routed"],
                sum(counts[name] for name in ended),
            ),
            Check(
                "updates of the routes = update deliveries",
                await number(select(func.sum(r.updates))),
                counts["updates"],
            ),
            Check(
                "attachments of the routes = attachment deliveries",
                await number(select(func.sum(r.attachments))),
                counts["attachments"],
            ),
            Check(
                "deadlines of the routes = deadlines", await number(select(func.sum(r.timed))), await count(t.deadlines)
            ),
            Check(
                "delivered and adopted = receipts",
                counts["delivered"] + counts["adopted"],
                await count(t.deliveries, d.kind == CREATE, d.receipt.is_not(None)),
            ),
            Check(_HUBS, len({*hubs, *routed_hubs}), await count(t.hubs)),
            Check("events waiting = events that differ", counts["outbox"], await number(_DIFFERING)),
            Check(
                "events waiting that the dispatcher never writes = none",
                await count(t.outbox.table, t.outbox.table.c.topic.not_in((STATUSES.name, DEAD.name))),
                0,
            ),
        ),
    )
