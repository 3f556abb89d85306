"""Whom operators took apart: a person's word, that no later evidence overrules."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Judgement
from normalizer.settling.cases import Case, Cases, root_of
from runtime.store.statements import chunks, insert_new


async def part(connection: AsyncConnection, one: UUID, other: UUID, now: datetime) -> None:
    """Remember that an operator keeps the two apart."""
    pairs = ((one, other), (other, one))
    rows = [{"complaint_id": a, "other": b, "at": now} for a, b in pairs]
    await connection.execute(insert_new(connection, t.parted), rows)


async def join(connection: AsyncConnection, one: UUID, other: UUID) -> None:
    """An operator has joined the two: forget that they were kept apart."""
    c = t.parted.c
    for a, b in ((one, other), (other, one)):
        await connection.execute(delete(t.parted).where(c.complaint_id == a, c.other == b))


async def kept_apart(
    connection: AsyncConnection, cases: Cases, heads: Collection[UUID], known: dict[UUID, Case]
) -> Mapping[UUID, set[UUID]]:
    """For each of `heads` the live complaints that it must not be joined with, since that would join a pair that an
    operator took apart: whatever lives on in it or follows it, with whatever lives on in the other or follows that.
    """
    owners = await _incidents(connection, {head: head for head in heads}, known)
    pairs: list[tuple[UUID, UUID]] = []
    for some in chunks(sorted(owners)):
        rows = await connection.execute(
            select(t.parted.c.complaint_id, t.parted.c.other).where(t.parted.c.complaint_id.in_(some))
        )
        pairs += [(owners[row.complaint_id], row.other) for row in rows]
    if not pairs:
        return {}
    await cases.load(connection, {other for _, other in pairs}, known)
    await cases.load(connection, {case.leader for case in known.values() if case.leader is not None}, known)
    roots = {other: root_of(known[other], known).complaint_id for _, other in pairs if other in known}
    around: dict[UUID, set[UUID]] = defaultdict(set)
    for member, root in (await _incidents(connection, {root: root for root in roots.values()}, known)).items():
        around[root].add(member)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for head, other in pairs:
        if other in roots and roots[other] != head:
            found[head] |= around[roots[other]]
    return found


async def _incidents(
    connection: AsyncConnection, heads: Mapping[UUID, UUID], known: Mapping[UUID, Case]
) -> dict[UUID, UUID]:
    """Everything that lives on in or follows one of these, each with that one; as this round leaves it."""
    c = t.complaints.c
    owners = dict(heads)
    wave = set(heads)
    while wave:
        found: dict[UUID, UUID] = {}
        for some in chunks(sorted(wave)):
            for column in (c.merged_into, c.leader):
                rows = await connection.execute(select(c.complaint_id, column).where(column.in_(some)))
                found.update({row[0]: owners[row[1]] for row in rows if _still(row[0], row[1], known)})
        wave = found.keys() - owners.keys()
        owners.update({each: found[each] for each in wave})
    return owners


def _still(complaint: UUID, other: UUID, known: Mapping[UUID, Case]) -> bool:
    case = known.get(complaint)
    return case is None or other in (case.merged_into, case.leader)


class KeepingApart:
    """A judge that has been told of them: they are nothing to each other, whatever they say."""

    def __init__(self, judge: Judge, apart: Mapping[UUID, set[UUID]]) -> None:
        self._judge = judge
        self._apart = apart

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""
        if self._kept(new, old):
            return Judgement("none", 0.0, ("an operator took them apart",), self._judge.version)
        return self._judge.judge(new, old)

    def forbids_merge(self, new: Report, old: Report) -> bool:
        """Whether the two must never be one report."""
        return self._kept(new, old) or self._judge.forbids_merge(new, old)

    def _kept(self, new: Report, old: Report) -> bool:
        pair: Iterable[tuple[Report, Report]] = ((new, old), (old, new))
        return any(b.complaint_id in self._apart.get(a.complaint_id, ()) for a, b in pair)
