"""The candidate index: which stored reports are worth comparing with a new one. Two tables, no state in memory.

Every normalizer sees the same index, and the cost of a look-up does not grow with history: of each key only the most
recent reports within the window count, so a template sentence that thousands share costs no more than a rare one.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer.dedup.keys import KeyMaker, Keys
from normalizer.dedup.lookup import Lookup, recency, seconds, wants
from normalizer.dedup.report import Report, from_json, to_json
from runtime.clock import Clock, system_clock

_CHUNK = 4000
"""Values in one IN list; databases allow about 32,000."""


@dataclass(frozen=True, slots=True)
class DedupTables:
    """The two tables of the index."""

    reports: Table
    """One row per live complaint: the report as JSON and the keys that were stored for it."""
    keys: Table
    """One row per key and complaint, in the order in which a look-up reads them."""


def tables(metadata: MetaData) -> DedupTables:
    """Declares `normalizer_reports` and `normalizer_candidate_keys` on `metadata`."""
    reports = Table(
        "normalizer_reports",
        metadata,
        Column("complaint_id", String(36), primary_key=True),
        Column("agency", String(63), nullable=False),
        Column("sent_at", BigInteger, nullable=False, comment="seconds since 1970, UTC"),
        Column("key_version", String(80), nullable=False, comment="how the keys were made"),
        Column("key_count", Integer, nullable=False, comment="rows in normalizer_candidate_keys"),
        Column("key_list", LargeBinary, nullable=False, comment="those keys, eight bytes each"),
        Column("features", Text, nullable=False, comment="the report, JSON"),
        Column("stored_at", BigInteger, nullable=False, server_default="0", comment="seconds since 1970, UTC"),
        Index(
            "normalizer_reports_keyed",
            "stored_at",
            sqlite_where=text("key_count > 0"),
            postgresql_where=text("key_count > 0"),
        ),
    )
    keys = Table(
        "normalizer_candidate_keys",
        metadata,
        Column("key", BigInteger, primary_key=True, autoincrement=False, comment="63-bit hash of kind and value"),
        Column("recency", BigInteger, primary_key=True, comment="seconds << 16 | bits of the id"),
        Column("complaint_id", String(36), primary_key=True),
    )
    return DedupTables(reports, keys)


class CandidateIndex:
    """Keeps reports findable. Runs on the caller's connection and never commits: the unit of work is the caller's."""

    def __init__(
        self,
        tables: DedupTables,
        *,
        keys: KeyMaker | None = None,
        window: timedelta = timedelta(days=30),
        rows_per_key: int = 40,
        clock: Clock = system_clock,
    ) -> None:
        """Ports and knobs.

        Args:
            tables: from `tables`.
            keys: makes the keys; the same for all processes on one database.
            window: farthest apart in time that two reports can be duplicates (`Weights.longest_window`).
            rows_per_key: of one key, at most so many of the most recent reports are candidates.
            clock: tells when a report is stored, and which are too old to be found.
        """
        self._reports = tables.reports
        self._keys = tables.keys
        self.maker = keys if keys is not None else KeyMaker()
        """Give it to `cluster.decide` too, so that no key is made twice."""
        self._window = window
        self._clock = clock
        self._lookup = Lookup(tables.keys, per_key=rows_per_key)

    async def add(self, conn: AsyncConnection, reports: Sequence[Report]) -> None:
        """Stores new reports. A complaint that is stored already is passed over: `replace` is for those."""
        fresh = {str(report.complaint_id): report for report in reports}
        known = await self._stored(conn, list(fresh))
        await self._insert(conn, [report for each, report in fresh.items() if each not in known])

    async def remove(self, conn: AsyncConnection, ids: Iterable[UUID]) -> None:
        """Forgets complaints (merged away, erased). Unknown ids are passed over."""
        stored = await self._stored(conn, list(dict.fromkeys(map(str, ids))))
        await self._forget_keys(conn, stored)
        for chunk in _chunks(list(stored)):
            await conn.execute(delete(self._reports).where(self._reports.c.complaint_id.in_(chunk)))

    async def _forget_keys(self, conn: AsyncConnection, stored: Mapping[str, tuple[int, bytes]]) -> None:
        rows = [
            {"key_": key, "recency_": moment, "complaint_": complaint_id}
            for complaint_id, (moment, packed) in stored.items()
            for key in unpack_keys(packed)
        ]
        if rows:
            # By whole primary keys: a list of keys alone would walk through all holders of the common ones.
            key = self._keys.c
            exactly = and_(
                key.key == bindparam("key_"),
                key.recency == bindparam("recency_"),
                key.complaint_id == bindparam("complaint_"),
            )
            await conn.execute(delete(self._keys).where(exactly), rows)

    async def replace(self, conn: AsyncConnection, reports: Sequence[Report]) -> None:
        """Stores reports whose facts may have changed, and new ones; of two with one id the last stands."""
        latest = {report.complaint_id: report for report in reports}
        await self.remove(conn, latest)
        await self._insert(conn, list(latest.values()))

    async def candidates(
        self, conn: AsyncConnection, reports: Sequence[Report], *, limit_per_report: int = 50
    ) -> dict[UUID, list[Report]]:
        """For each report the stored ones worth judging, most promising first; an entry for each, maybe empty.

        Promising is who shares weightier and more keys: the person before the place before words; then the newer.
        A report is never its own candidate.
        """
        keys = self.maker.keys(reports)
        wanted = wants(reports, keys, self._window)
        scores: list[dict[str, int]] = [{} for _ in reports]
        moments: dict[str, int] = {}
        async for want, complaint_id, moment in self._lookup.hits(conn, list(wanted)):
            moments[complaint_id] = moment
            for position in wanted[want]:
                score = scores[position]
                score[complaint_id] = score.get(complaint_id, 0) + keys[position].wanted[want.key]
        chosen: list[list[str]] = []
        for report, score in zip(reports, scores, strict=True):
            score.pop(str(report.complaint_id), None)
            ranked = sorted(score, key=lambda other: (-score[other], -moments[other], other))
            chosen.append(ranked[:limit_per_report])
        stored = await self._read(conn, {complaint_id for ranked in chosen for complaint_id in ranked})
        return {
            report.complaint_id: [stored[complaint_id] for complaint_id in ranked if complaint_id in stored]
            for report, ranked in zip(reports, chosen, strict=True)
        }

    async def counts(self, conn: AsyncConnection) -> dict[str, int]:
        """For the audit: rows of each table, and how many key rows the reports say there must be.

        `reports` must equal the live complaints, `keys` must equal `expected_keys`.
        """
        row = self._reports.c
        totals = select(func.count(row.complaint_id), func.coalesce(func.sum(row.key_count), 0))
        reports, expected = (await conn.execute(totals)).one()
        found = (await conn.execute(select(func.count(self._keys.c.key)))).scalar_one()
        return {"reports": reports, "keys": found, "expected_keys": int(expected)}

    async def refresh(self, conn: AsyncConnection, *, limit: int = 500) -> int:
        """Makes the keys of up to `limit` reports anew that another version of the key maker wrote; says how many.

        Call it until it answers 0 after an upgrade that changed `KeyMaker.version`.
        """
        outdated = (
            select(self._reports.c.features)
            .where(self._reports.c.key_version != self.maker.version, self._reports.c.key_count > 0)
            .order_by(self._reports.c.complaint_id)
            .limit(limit)
        )
        found = [from_json(each) for (each,) in await conn.execute(outdated)]
        await self.replace(conn, found)
        return len(found)

    async def prune(self, conn: AsyncConnection, *, limit: int = 500) -> int:
        """Takes the keys of up to `limit` reports that are too old to be a duplicate of anything; says of how many.

        Too old is what was sent, and stored, more than twice the window ago: a report of last year that was imported
        today is found by others of the same import. The report itself stays, and gets its keys again when it changes.
        Call it until it answers 0.
        """
        row = self._reports.c
        before = int((self._clock() - 2 * self._window).timestamp())
        too_old = (
            select(row.complaint_id)
            .where(row.key_count > 0, row.stored_at < before, row.sent_at < before)
            .order_by(row.complaint_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list((await conn.execute(too_old)).scalars())
        await self._forget_keys(conn, await self._stored(conn, ids))
        for chunk in _chunks(ids):
            bare = update(self._reports).where(row.complaint_id.in_(chunk))
            await conn.execute(bare.values(key_count=0, key_list=b""))
        return len(ids)

    async def _insert(self, conn: AsyncConnection, reports: Sequence[Report]) -> None:
        if not reports:
            return
        made = self.maker.keys(reports)
        await conn.execute(
            insert(self._reports),
            [self._row(report, keys) for report, keys in zip(reports, made, strict=True)],
        )
        rows = [
            {"key": key, "recency": moment, "complaint_id": complaint_id}
            for report, keys in zip(reports, made, strict=True)
            for moment, complaint_id in [(recency(seconds(report), report.complaint_id), str(report.complaint_id))]
            for key in keys.stored
        ]
        if rows:
            await conn.execute(insert(self._keys), rows)

    def _row(self, report: Report, keys: Keys) -> dict[str, object]:
        return {
            "complaint_id": str(report.complaint_id),
            "agency": report.agency,
            "sent_at": seconds(report),
            "key_version": self.maker.version,
            "key_count": len(keys.stored),
            "key_list": pack_keys(keys.stored),
            "features": to_json(report),
            "stored_at": int(self._clock().timestamp()),
        }

    async def _stored(self, conn: AsyncConnection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        """Of those ids the stored ones, with the recency and the packed keys of each."""
        row = self._reports.c
        found: dict[str, tuple[int, bytes]] = {}
        for chunk in _chunks(ids):
            rows = await conn.execute(
                select(row.complaint_id, row.sent_at, row.key_list).where(row.complaint_id.in_(chunk))
            )
            found.update({each: (recency(moment, UUID(each)), packed) for each, moment, packed in rows})
        return found

    async def _read(self, conn: AsyncConnection, ids: Iterable[str]) -> dict[str, Report]:
        row = self._reports.c
        found: dict[str, Report] = {}
        for chunk in _chunks(sorted(ids)):
            rows = await conn.execute(select(row.complaint_id, row.features).where(row.complaint_id.in_(chunk)))
            found.update({complaint_id: from_json(features) for complaint_id, features in rows})
        return found


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def pack_keys(keys: Sequence[int]) -> bytes:
    """Keys as bytes, eight each."""
    return struct.pack(f">{len(keys)}q", *keys)


def unpack_keys(packed: bytes) -> tuple[int, ...]:
    """The keys that `pack_keys` wrote."""
    return struct.unpack(f">{len(packed) // 8}q", packed)
