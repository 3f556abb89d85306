"""The one statement that finds the most recent holders of many keys, at a cost that hot keys do not raise."""

import math
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Table, column, func, literal_column, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer.dedup.keys import Keys
from normalizer.dedup.report import Report

_ROWS = 4000
"""Wanted keys in one statement: about 250 kB of SQL, well under what databases parse."""
_DAY = 86_400


class Want(NamedTuple):
    """One key, sought between two recencies."""

    key: int
    earliest: int
    latest: int


class Hit(NamedTuple):
    """One stored complaint under one wanted key."""

    want: Want
    complaint_id: str
    recency: int


def seconds(report: Report) -> int:
    """When it was sent, in whole seconds since 1970."""
    return math.floor(report.sent_at.timestamp())


def recency(sent_at: int, complaint_id: UUID) -> int:
    """Seconds since 1970, then sixteen bits of the id: orders by time, and orders reports of one second too.

    Thousands of rows of a file with one date could otherwise not be cut to a number of most recent ones.
    """
    return (sent_at << 16) | (complaint_id.int & 0xFFFF)


def wants(reports: Sequence[Report], keys: Sequence[Keys], window: timedelta) -> dict[Want, list[int]]:
    """Every distinct thing to look up, with the positions in `reports` that want it.

    The span runs both ways, since an e-mail may be fetched days after it was sent, and over whole days, so that
    reports of one batch share their look-ups.
    """
    days = -(-int(window.total_seconds()) // _DAY)
    found: dict[Want, list[int]] = {}
    for position, (report, own) in enumerate(zip(reports, keys, strict=True)):
        day = seconds(report) // _DAY
        earliest, latest = (day - days) * _DAY << 16, (day + days + 1) * _DAY << 16
        for key in own.wanted:
            found.setdefault(Want(key, earliest, latest), []).append(position)
    return found


class Lookup:
    """Finds, of each wanted key, the `per_key` most recent rows within its span."""

    def __init__(self, keys: Table, *, per_key: int) -> None:
        self._keys = keys
        self._per_key = per_key
        self._statements: dict[str, str] = {}

    async def hits(self, conn: AsyncConnection, wanted: Sequence[Want]) -> AsyncIterator[Hit]:
        """What is stored under the wanted keys; in no order."""
        statement = self._statement(conn.dialect)
        for start in range(0, len(wanted), _ROWS):
            chunk = wanted[start : start + _ROWS]
            if conn.dialect.name == "postgresql":
                columns = ([want.key for want in chunk], [want.earliest for want in chunk], [w.latest for w in chunk])
                arrays = await conn.exec_driver_sql(statement, columns)
                for place, complaint_id, moment in cast("list[tuple[int, str, int]]", arrays.all()):
                    yield Hit(chunk[place - 1], complaint_id, moment)
                continue
            # Nothing but integers is written into the statement. As bound parameters they would cost ten times as much.
            values = ",".join(f"({position},{key},{low},{high})" for position, (key, low, high) in enumerate(chunk))
            result = await conn.exec_driver_sql(
                f"WITH wanted (place, key_, low, high) AS (VALUES {values}) {statement}"
            )
            for place, complaint_id, moment in cast("list[tuple[int, str, int]]", result.all()):
                yield Hit(chunk[place], complaint_id, moment)

    def _of_arrays(self) -> str:
        """PostgreSQL takes the wanted keys as arrays: one text, planned once; of each key one range of the index."""
        return (
            "SELECT wanted.place, found.complaint_id, found.recency"  # noqa: S608 names of our own
            " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS wanted (key_, low, high, place)"
            f" CROSS JOIN LATERAL (SELECT complaint_id, recency FROM {self._keys.name}"
            " WHERE key = wanted.key_ AND recency > wanted.low AND recency <= wanted.high"
            f" ORDER BY recency DESC LIMIT {self._per_key}) AS found"
        )

    def _statement(self, dialect: Dialect) -> str:
        """For each row of `wanted` the rows after the n-th most recent: one range of the primary key each."""
        if dialect.name in self._statements:
            return self._statements[dialect.name]
        if dialect.name == "postgresql":
            return self._statements.setdefault(dialect.name, self._of_arrays())
        keys, same = self._keys, self._keys.alias("same")
        wanted = table("wanted", *(column(name, BigInteger) for name in ("place", "key_", "low", "high")))
        last_refused = (
            select(same.c.recency)
            .where(same.c.key == wanted.c.key_, same.c.recency.between(wanted.c.low, wanted.c.high))
            .order_by(same.c.recency.desc())
            .limit(literal_column("1"))
            .offset(literal_column(str(self._per_key)))
            .correlate(wanted)
            .scalar_subquery()
        )
        statement = (
            select(wanted.c.place, keys.c.complaint_id, keys.c.recency)
            .select_from(wanted.join(keys, keys.c.key == wanted.c.key_))
            .where(keys.c.recency <= wanted.c.high, keys.c.recency > func.coalesce(last_refused, wanted.c.low))
        )
        text = str(statement.compile(dialect=dialect))
        self._statements[dialect.name] = text
        return text
