"""Which complaints a round is about: those whose time has come, and that no other process is settling now.

A claim lives as long as the transaction that made it. So a process that dies gives its claims back at once, there is no
lease to wait for, and nobody who only adds to a complaint waits for a claim. It saves work, no more: what is written is
written by compare-and-set whether the claim still holds or not.

Agencies take turns: one that floods the queue with thousands waits for itself, and another's single complaint is in the
next round. Turns are counted among what is longest due, so that a round costs the same however much waits.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t

_SPACE = 1_668_508_013
"""Of PostgreSQL's advisory locks with two numbers, the first of ours; the second is a hash of the complaint's id."""
_OTHERS = 20
"""How many other rounds may be ahead of this one in the queue."""


async def claim(connection: AsyncConnection, now: datetime, limit: int) -> Sequence[UUID]:
    """At most `limit`, the longest waiting of each agency. On SQLite, which has one writer, all of them are free."""
    c = t.complaints.c
    longest_due = (
        select(c.complaint_id, c.agency, c.settles_at)
        .where(c.settles_at <= now)
        .order_by(c.settles_at, c.complaint_id)
        .limit(limit * _OTHERS)
        .subquery("longest_due")
    )
    d = longest_due.c
    turn = func.row_number().over(partition_by=d.agency, order_by=(d.settles_at, d.complaint_id))
    due = select(d.complaint_id).order_by(turn, d.settles_at, d.complaint_id)
    if connection.dialect.name != "postgresql":
        return (await connection.execute(due.limit(limit))).scalars().all()
    # Materialised, so that what is beyond the limit is not claimed.
    queue = due.cte("queue").prefix_with("MATERIALIZED")
    is_free = func.pg_try_advisory_xact_lock(_SPACE, func.hashtext(queue.c.complaint_id))
    return (await connection.execute(select(queue.c.complaint_id).where(is_free).limit(limit))).scalars().all()
