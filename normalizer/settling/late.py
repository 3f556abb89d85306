"""Late evidence: what came after complaints had settled is looked at again. Nothing is written here.

Apart goes only what the machine itself had joined, and only when the specifics conflict now: a lower score parts
nobody, or complaints would come and go with every word. Whom an operator joined stays, and whom an operator took
apart is not joined again.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer.dedup.report import Report, absorb
from normalizer.dedup.scoring import Judge
from normalizer.settling import parted
from normalizer.settling.cases import Case, Cases, head_of
from normalizer.settling.drafting import Draft
from schemas.parts import Verdict

Understanding = Callable[[Case], tuple[Draft, Report]]
"""What a complaint tells by its own words."""

_FOLLOWERS = 200
"""Of the followers of a complaint that tells something new, so many are looked at: those linked last."""


@dataclass(slots=True)
class Again:
    """What is to be compared once more."""

    reports: dict[UUID, Report] = field(default_factory=dict)
    doubts: dict[UUID, str | None] = field(default_factory=dict)
    """Of each of them, what it may be instead of a complaint."""
    kept_apart: Mapping[UUID, set[UUID]] = field(default_factory=dict)
    """For some of them, complaints that they must not be joined with: an operator said so."""
    others: dict[UUID, Report] = field(default_factory=dict)
    """What complaints tell now that are compared with nothing themselves."""


class Late:
    """Looks at complaints again."""

    def __init__(self, cases: Cases, judge: Judge, understand: Understanding) -> None:
        self._cases = cases
        self._judge = judge
        self._understand = understand

    async def reconsider(self, connection: AsyncConnection, late: Sequence[Case], known: dict[UUID, Case]) -> Again:
        """Part what conflicts by now, and say what is to be compared. Fills in `known` with whom that concerns."""
        heads = {head_of(case, known).complaint_id: head_of(case, known) for case in late}
        await self._cases.families(connection, heads.values(), known)
        leaders = {case.leader for case in heads.values() if case.leader is not None}
        await self._cases.load(connection, leaders, known)
        told: dict[UUID, tuple[Draft, Report]] = {}
        again: dict[UUID, Case] = {}
        for head in heads.values():
            family = [head, *head.repeats]
            await self._read(family, told)
            for case in family:
                case.late = False
            if any(case.rahasia or told[case.complaint_id][0].rahasia for case in family):
                continue  # it is compared with nothing
            apart = self._repeats_apart(head, told)
            again |= {case.complaint_id: case for case in (head, *apart)}
            if apart:
                await self._give_back(connection, head, apart, known)
            again |= {each.complaint_id: each for each in await self._links_apart(connection, head, told, known)}
        await self._cases.families(connection, again.values(), known)
        found = Again()
        for case in again.values():
            await self._read([case, *case.repeats], told)
            if told[case.complaint_id][0].rahasia:
                continue
            if case.by_a_person or case.state == "gathering":
                found.others[case.complaint_id] = self._whole(case, told)
                continue
            case.compared = True
            found.reports[case.complaint_id] = self._whole(case, told)
            found.doubts[case.complaint_id] = told[case.complaint_id][0].doubt
        found.kept_apart = await parted.kept_apart(connection, self._cases, found.reports, known)
        return found

    async def _read(self, cases: Iterable[Case], told: dict[UUID, tuple[Draft, Report]]) -> None:
        for case in cases:
            if case.complaint_id not in told:
                told[case.complaint_id] = self._understand(case)
                await asyncio.sleep(0)

    def _whole(self, head: Case, told: Mapping[UUID, tuple[Draft, Report]]) -> Report:
        report = told[head.complaint_id][1]
        for repeat in head.repeats:
            report = absorb(report, told[repeat.complaint_id][1])
        return report

    def _repeats_apart(self, head: Case, told: Mapping[UUID, tuple[Draft, Report]]) -> list[Case]:
        """Take out what is no repeat of the head any more; what was merged into it goes with it."""
        apart: list[Case] = []
        gone: set[UUID] = set()
        whole = told[head.complaint_id][1]
        # Of two that conflict with each other, the one that has told something new goes.
        for case in sorted(head.repeats, key=lambda each: (each.settles_at is not None, each.age)):
            report = told[case.complaint_id][1]
            if case.merged_into in gone:
                gone.add(case.complaint_id)
            elif not case.by_a_person and self._judge.forbids_merge(report, whole):
                gone.add(case.complaint_id)
                apart.append(case)
                case.state, case.merged_into = "settled", None
                self._say(case, head, report, whole)
            else:
                whole = absorb(whole, report)
        head.repeats = [case for case in head.repeats if case.complaint_id not in gone]
        return apart

    async def _links_apart(
        self,
        connection: AsyncConnection,
        head: Case,
        told: dict[UUID, tuple[Draft, Report]],
        known: dict[UUID, Case],
    ) -> list[Case]:
        """Take apart what is not the same incident any more: the head from whom it follows, and others from it."""
        if head.leader is not None:
            leader = known[head.leader]
            await self._read([leader], told)
            if head.by_a_person or not self._conflict(self._whole(head, told), told[leader.complaint_id][1]):
                return []
            self._unlink(head, leader, self._whole(head, told), told[leader.complaint_id][1])
            return [head]
        apart: list[Case] = []
        await self._cases.following(connection, [head.complaint_id], known, limit=_FOLLOWERS)
        for follower in [case for case in known.values() if case.leader == head.complaint_id]:
            await self._read([follower], told)
            draft, report = told[follower.complaint_id]
            whole = self._whole(head, told)
            if not follower.by_a_person and not draft.rahasia and self._conflict(report, whole):
                self._unlink(follower, head, report, whole)
                apart.append(follower)
        return apart

    def _conflict(self, one: Report, other: Report) -> bool:
        """Whether specifics conflict, and nobody corrects what they said."""
        return bool(self._judge.features(one, other).conflicts) and self._judge.judge(one, other).kind == "none"

    def _unlink(self, case: Case, leader: Case, report: Report, other: Report) -> None:
        case.leader, case.linked_at = None, None
        self._say(case, leader, report, other)

    def _say(self, case: Case, other: Case, report: Report, whole: Report) -> None:
        reasons = self._judge.judge(report, whole).reasons[1:]
        why = f"parted from {other.complaint_id}: what came later conflicts"
        case.verdict = Verdict(reasons=(why, *reasons), version=self._judge.version)
        case.changed = True

    async def _give_back(
        self, connection: AsyncConnection, head: Case, apart: Sequence[Case], known: dict[UUID, Case]
    ) -> None:
        """Those who followed a complaint before it was merged follow it again: their verdicts still name it."""
        root = head.leader or head.complaint_id
        await self._cases.following(connection, [root], known)
        named = {case.complaint_id for case in apart}
        for case in known.values():
            if case.leader == root and case.verdict.kind == "linked" and case.verdict.target in named:
                case.leader, case.changed = case.verdict.target, True
