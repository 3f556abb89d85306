"""Near-duplicates that settle at the same moment, in another process, must not pass one another unseen.

A round announces its reports, and commits that, before it looks for candidates. So of two rounds the one that announced
later finds the other's announcement, or what became of it, when it looks; and the rows of both are locked, in the order
of their ids, before either is written. Who comes first settles and raises the other's version; who comes second sees
that its rival has settled or that its own version rose, and decides once more. Only complaints that resemble each other
meet in this way: nothing is locked for all.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.dedup.index import pack_keys, unpack_keys
from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.report import Report, from_json, to_json
from normalizer.dedup.scoring import Judgement
from runtime.sealing.protocol import Sealing
from runtime.store.statements import chunks

_SLICE = 0.02
"""Seconds of work after which others get their turn."""
_CLOSEST = 40
"""Of many that share keys with a report, so many are judged: those that share the weightiest."""


class Judging(Protocol):
    """What is asked of a judge."""

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A report of this round, and the version of its complaint that was read."""

    report: Report
    version: int


class Rivals:
    """Announces reports, and finds those of others."""

    def __init__(self, maker: KeyMaker, judge: Judging, sealing: Sealing) -> None:
        """`maker` and `judge` are those by which complaints are compared."""
        self._maker = maker
        self._judge = judge
        self._sealing = sealing

    async def announce(self, connection: AsyncConnection, announced: Sequence[Announced]) -> None:
        """Say what is being settled; of complaints that changed since they were read nothing is said."""
        ordered = sorted(announced, key=lambda each: str(each.report.complaint_id))
        keys = self._maker.keys([each.report for each in ordered])
        rows = [
            {
                "id_": each.report.complaint_id,
                "version_": each.version,
                "keys_": pack_keys(own.stored),
                "report_": self._sealed(each.report),
            }
            for each, own in zip(ordered, keys, strict=True)
        ]
        if rows:
            await connection.execute(_ANNOUNCE, rows)

    async def find(
        self, connection: AsyncConnection, own: Collection[Report], known: Collection[UUID] = ()
    ) -> dict[UUID, set[UUID]]:
        """Complaints that others are settling, each with those of our own that resemble it; `known` are passed over."""
        if not own:
            return {}
        ours = {report.complaint_id: report for report in own}
        c = t.complaints.c
        rows = await connection.execute(select(c.complaint_id, c.announced_keys).where(c.announced_keys.is_not(None)))
        theirs = {row.complaint_id: row.announced_keys for row in rows if row.complaint_id not in ours}
        pairs = self._pairs(ours, {key: packed for key, packed in theirs.items() if key not in known})
        reports: dict[UUID, Report] = {}
        for some in chunks(sorted({other for others in pairs.values() for other in others})):
            found = await connection.execute(
                select(c.complaint_id, c.announced_report).where(
                    c.complaint_id.in_(some), c.announced_report.is_not(None)
                )
            )
            reports.update({row.complaint_id: self._opened(row.complaint_id, row.announced_report) for row in found})
        return await self._resembling(ours, pairs, reports)

    def _pairs(self, ours: Mapping[UUID, Report], theirs: Mapping[UUID, bytes]) -> dict[UUID, Sequence[UUID]]:
        """For each of ours the others that share keys with it, the closest of them."""
        holders: dict[int, list[UUID]] = {}
        for other, packed in theirs.items():
            for key in unpack_keys(packed):
                holders.setdefault(key, []).append(other)
        pairs: dict[UUID, Sequence[UUID]] = {}
        if not holders:
            return pairs
        for report, keys in zip(ours.values(), self._maker.keys(list(ours.values())), strict=True):
            shared: Counter[UUID] = Counter()
            for key, weight in keys.wanted.items():
                for other in holders.get(key, ()):
                    shared[other] += weight
            if shared:
                closest = nlargest(_CLOSEST, shared, key=lambda other: (shared[other], str(other)))
                pairs[report.complaint_id] = closest
        return pairs

    async def _resembling(
        self, ours: Mapping[UUID, Report], pairs: Mapping[UUID, Sequence[UUID]], reports: Mapping[UUID, Report]
    ) -> dict[UUID, set[UUID]]:
        found: dict[UUID, set[UUID]] = {}
        turn = time.monotonic()
        for own, others in pairs.items():
            for other in others:
                report = reports.get(other)
                if report is not None and self._resembles(ours[own], report):
                    found.setdefault(other, set()).add(own)
            if time.monotonic() - turn > _SLICE:
                await asyncio.sleep(0)
                turn = time.monotonic()
        return found

    def _sealed(self, report: Report) -> str:
        # Its words are masked by what this one complaint tells: the names that its duplicates tell are not known yet.
        return self._sealing.seal(to_json(report).encode(), subject=str(report.complaint_id), field="announced")

    def _opened(self, complaint_id: UUID, token: str) -> Report:
        return from_json(self._sealing.open(token, subject=str(complaint_id), field="announced").decode())

    def _resembles(self, one: Report, other: Report) -> bool:
        judgement = self._judge.judge(one, other)
        return judgement.kind != "none" or judgement.unclear


async def raise_versions(connection: AsyncConnection, ids: Collection[UUID]) -> None:
    """Whoever is settling these must think again. Their rows are locked by the caller."""
    c = t.complaints.c
    for some in chunks(sorted(ids)):
        await connection.execute(update(t.complaints).where(c.complaint_id.in_(some)).values(version=c.version + 1))


_ANNOUNCE = (
    update(t.complaints)
    .where(t.complaints.c.complaint_id == bindparam("id_"), t.complaints.c.version == bindparam("version_"))
    .values(announced_keys=bindparam("keys_"), announced_report=bindparam("report_"))
)
