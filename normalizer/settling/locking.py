"""Whether what a round decided still holds when it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.origin import origin
from normalizer.settling.cases import Case
from normalizer.settling.deciding import Round
from runtime.store.statements import chunks
from schemas.complaint import Complaint


@dataclass(frozen=True, slots=True)
class Locked:
    """What a row says at the moment of writing."""

    state: str
    version: int
    revision: int
    """That it gets when it is published now."""
    published: str | None
    """What was last published, as JSON."""
    announced: bool
    """Whether somebody is comparing it with others."""

    @property
    def document(self) -> Complaint | None:
        """What was last published; None when nothing was yet."""
        return Complaint.model_validate_json(self.published) if self.published else None


async def lock(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Locked]:
    """The present state of the rows, locked in the order of their ids so that two rounds cannot wait for each other."""
    c = t.complaints.c
    found: dict[UUID, Locked] = {}
    first = await origin(connection)
    for some in chunks(sorted(ids)):
        rows = await connection.execute(
            select(
                c.complaint_id,
                c.state,
                c.version,
                c.revision,
                c.document,
                c.announced_keys.is_not(None).label("announced"),
            )
            .where(c.complaint_id.in_(some))
            .order_by(c.complaint_id)
            .with_for_update()
        )
        for row in rows:
            revision = max(row.revision, first) + 1
            found[row.complaint_id] = Locked(row.state, row.version, revision, row.document, row.announced)
    return found


def stale_in(
    plan: Round, locked: Mapping[UUID, Locked], rivals: Mapping[UUID, set[UUID]]
) -> tuple[set[UUID], set[UUID]]:
    """What cannot be written as it was decided, and which rivals have to think again because of what can.

    Stale are complaints that changed since they were read or whose rival has settled since, and all whose verdicts or
    words depend on one of them.
    """
    stale = {
        case.complaint_id
        for case in plan.cases.values()
        if case.complaint_id not in locked or locked[case.complaint_id].version != case.version
    }
    waiting = {rival for rival in rivals if rival in locked and locked[rival].announced}
    for rival, resembling in rivals.items():
        if rival in locked and rival not in waiting:
            stale |= resembling
    stale = _with_ties(plan, stale)
    return stale, {rival for rival in waiting if rivals[rival] - stale}


def _with_ties(plan: Round, stale: set[UUID]) -> set[UUID]:
    while True:
        more = {
            other
            for case in plan.cases.values()
            for group in [{case.complaint_id, *_ties(case)}]
            if group & stale
            for other in group - stale
        }
        if not more:
            return stale
        stale |= more


def _ties(case: Case) -> set[UUID]:
    ties = {repeat.complaint_id for repeat in case.repeats}
    joined = (case.merged_into, case.leader, case.joined, case.followed)
    return ties | {other for other in joined if other is not None and case.changed}
