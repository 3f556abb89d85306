"""The complaints that a round of settling is about, with all that belongs to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.parts import Part, open_parts
from normalizer.settling.drafting import Draft
from runtime.sealing.protocol import Sealing
from runtime.store.statements import chunks
from schemas.complaint import Complaint
from schemas.parts import Follower, Verdict


@dataclass(slots=True, eq=False)
class Case:
    """One complaint, as it was read and as this round will leave it."""

    complaint_id: UUID
    message_id: UUID
    version: int
    """As it was read: what is written is written only if it still has it."""
    state: str
    agency: str
    channel: str
    source: str
    conversation: str
    due: bool
    parts: list[Part]
    merged_into: UUID | None
    leader: UUID | None
    linked_at: datetime | None
    verdict: Verdict
    unclear: bool
    published: str | None
    """What was last published, as JSON: of most cases nobody asks."""
    draft: Draft | None = None
    ignored: str | None = None
    changed: bool = False
    """Whether what is decided changes, beside the document."""
    repeats: list["Case"] = field(default_factory=list)
    """Complaints that were merged into this one, directly or through one another."""
    followers: list[Follower] = field(default_factory=list)
    rahasia: bool = False
    """As it was last published: by its own words, or by those of what was merged into it."""
    settles_at: datetime | None = None
    late: bool = False
    """Whether something came after it had settled that was not looked at yet."""
    compared: bool = False
    """Whether this round compares it, though it has settled before."""
    joined: UUID | None = None
    """What it was merged into when it was read."""
    followed: UUID | None = None
    """Whom it followed when it was read."""

    @property
    def by_a_person(self) -> bool:
        """Whether an operator decided what it is to others: the machine does not decide again."""
        return self.verdict.version == "operator"

    @property
    def age(self) -> tuple[datetime, UUID]:
        """Orders complaints: those that were sent first come first."""
        return min(part.sent_at for part in self.parts), self.complaint_id

    @property
    def document(self) -> Complaint | None:
        """What was last published; None when nothing was yet."""
        return Complaint.model_validate_json(self.published) if self.published else None


class Cases:
    """Reads cases and their families."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    async def due(self, connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Case]:
        """The complaints of a round, in this order."""
        found: dict[UUID, Case] = {}
        await self.load(connection, ids, found)
        return {key: found[key] for key in [*(key for key in ids if key in found), *(found.keys() - set(ids))]}

    async def load(self, connection: AsyncConnection, ids: Iterable[UUID], known: dict[UUID, Case]) -> None:
        """Add the complaints named, and those that they are merged into, to `known`."""
        wanted = set(ids) - known.keys()
        while wanted:
            for some in chunks(sorted(wanted)):
                rows = await connection.execute(select(t.complaints).where(t.complaints.c.complaint_id.in_(some)))
                known.update({row.complaint_id: self._case(row) for row in rows})
            wanted = {case.merged_into for case in known.values() if case.merged_into} - known.keys()

    async def families(self, connection: AsyncConnection, heads: Iterable[Case], known: dict[UUID, Case]) -> None:
        """Fill in what is merged into each head, and who follows it.

        What is known already counts as this round leaves it, whatever the database still says.
        """
        by_head = {case.complaint_id: case for case in heads}
        await self._followers(connection, by_head, known)
        parents = dict(by_head)
        for head in by_head.values():
            head.repeats = []
        for case in known.values():
            head = head_of(case, known)
            if case.merged_into is not None and head.complaint_id in by_head:
                head.repeats.append(case)
                parents[case.complaint_id] = head
        while parents:
            children: dict[UUID, Case] = {}
            for some in chunks(sorted(parents)):
                rows = await connection.execute(select(t.complaints).where(t.complaints.c.merged_into.in_(some)))
                for row in rows:
                    if row.complaint_id in known:
                        continue
                    child = known[row.complaint_id] = self._case(row)
                    head = parents[row.merged_into]
                    head.repeats.append(child)
                    children[child.complaint_id] = head
            parents = children
        for head in by_head.values():
            # In the order in which they were sent, whether this round merged them or an earlier one.
            head.repeats.sort(key=lambda repeat: repeat.age)

    async def following(
        self, connection: AsyncConnection, leaders: Iterable[UUID], known: dict[UUID, Case], *, limit: int | None = None
    ) -> None:
        """Add those to `known` who follow one of these; of many, those who were linked last."""
        c = t.complaints.c
        found: list[UUID] = []
        for some in chunks(sorted(leaders)):
            rows = await connection.execute(
                select(c.complaint_id)
                .where(c.leader.in_(some), c.state == "settled")
                .order_by(c.linked_at.desc(), c.complaint_id)
                .limit(limit)
            )
            found += rows.scalars()
        await self.load(connection, found, known)

    async def _followers(self, connection: AsyncConnection, by_head: dict[UUID, Case], known: dict[UUID, Case]) -> None:
        found: dict[UUID, list[Follower]] = defaultdict(list)
        for some in chunks(sorted(by_head)):
            rows = await connection.execute(
                select(t.complaints.c.complaint_id, t.complaints.c.leader, t.complaints.c.linked_at)
                .where(t.complaints.c.leader.in_(some), t.complaints.c.state == "settled")
                .order_by(t.complaints.c.linked_at, t.complaints.c.complaint_id)
            )
            for row in rows:
                case = known.get(row.complaint_id)
                if case is None or (case.leader == row.leader and case.merged_into is None):
                    found[row.leader].append(Follower(complaint_id=row.complaint_id, linked_at=row.linked_at))
        for complaint_id, case in by_head.items():
            case.followers = found[complaint_id]

    def _case(self, row: Row[Any]) -> Case:
        return Case(
            complaint_id=row.complaint_id,
            message_id=row.message_id,
            version=row.version,
            state=row.state,
            agency=row.agency,
            channel=row.channel,
            source=row.source,
            conversation=row.conversation,
            due=row.settles_at is not None,
            parts=open_parts(self._sealing, row.complaint_id, row.parts),
            merged_into=row.merged_into,
            leader=row.leader,
            linked_at=row.linked_at,
            verdict=Verdict.model_validate_json(row.verdict) if row.verdict else Verdict(),
            unclear=row.unclear,
            published=row.document,
            rahasia=row.rahasia,
            settles_at=row.settles_at,
            late=row.late,
            joined=row.merged_into,
            followed=row.leader,
        )


def head_of(case: Case, known: Mapping[UUID, Case]) -> Case:
    """The complaint in which this one lives on; itself unless it was merged."""
    while case.merged_into is not None:
        case = known[case.merged_into]
    return case


def root_of(case: Case, known: Mapping[UUID, Case]) -> Case:
    """Who leads the incident: the complaint in which this one lives on, or whom that follows."""
    passed: set[UUID] = set()
    while True:
        while case.merged_into is not None:
            case = known[case.merged_into]
        if case.leader is None or case.leader not in known or case.complaint_id in passed:
            return case
        passed.add(case.complaint_id)
        case = known[case.leader]


def repeats_of(case: Case) -> Sequence[tuple[str, Sequence[Part]]]:
    """Why each repeat is one, and its messages."""
    return [
        ("operator" if repeat.verdict.version == "operator" else "same_report", repeat.parts) for repeat in case.repeats
    ]
