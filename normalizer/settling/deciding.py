"""What becomes of complaints that settle now: ignored, merged, linked, or new. Nothing is written here."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer.dedup import cluster
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.report import Report, absorb
from normalizer.dedup.scoring import Judge
from normalizer.settling.cases import Case, Cases, head_of
from normalizer.settling.composing import compose
from normalizer.settling.drafting import Draft, Drafter
from normalizer.settling.joining import Joining, follow_the_leaders
from normalizer.settling.late import Again, Late
from normalizer.settling.parted import KeepingApart
from normalizer.source import SourceView
from schemas.parts import Follower, Verdict

_SLICE = 0.02
"""Seconds of work after which others get their turn."""


@dataclass(slots=True)
class Round:
    """A round of settling, decided but not written."""

    cases: dict[UUID, Case]
    publish: list[Case]
    """Live complaints of which a new revision is due."""
    tombstones: list[Case]
    """Complaints that are merged now, of which the world is to hear."""
    reports: dict[UUID, Report]
    """What the index shall hold of `publish`."""
    compared: Sequence[Report] = ()
    """What was compared with others."""
    rivals: dict[UUID, set[UUID]] = field(default_factory=dict)
    """Complaints that others were settling then, each with those of `compared` that resemble it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Complaints that are due, read and understood, but not compared yet."""

    cases: dict[UUID, Case]
    kept: list[Case]
    """Those that settle now and are complaints."""
    reports: dict[UUID, Report]
    """Of those that are to be compared with others, be it once more."""
    again: Again
    """Those that had settled before, and told something new."""


class Decider:
    """Decides rounds."""

    def __init__(
        self,
        cases: Cases,
        drafter: Drafter,
        sources: Mapping[str, SourceView],
        index: CandidateIndex,
        judge: Judge,
        *,
        compare: bool = True,
    ) -> None:
        """`compare`: whether duplicates are looked for."""
        self._cases = cases
        self._drafter = drafter
        self._sources = sources
        self._index = index
        self._judge = judge
        self._compares = compare
        self._late = Late(cases, judge, self._understand)

    async def prepare(self, connection: AsyncConnection, ids: Sequence[UUID]) -> Prepared:
        """Read what is due, and understand it. What is `rahasia` or a person's verdict is compared with nothing."""
        cases = await self._cases.due(connection, ids)
        fresh = [case for case in cases.values() if case.due and case.state == "gathering"]
        await self._draft(fresh)
        for case in fresh:
            case.changed, case.late = True, False
            case.ignored = case.draft.ignore if case.draft and not case.by_a_person else None
        kept = [case for case in fresh if case.ignored is None]
        reports = {
            case.complaint_id: self._drafter.report(case.complaint_id, case.agency, case.conversation, case.draft)
            for case in kept
            if self._compares and case.draft is not None and not case.draft.rahasia and not case.by_a_person
        }
        late = [cases[key] for key in ids if key in cases and cases[key].late]
        again = await self._late.reconsider(connection, late, cases) if late and self._compares else Again()
        for case in late:
            case.late = False
        return Prepared(cases, kept, reports | again.reports, again)

    async def decide(self, connection: AsyncConnection, prepared: Prepared, now: datetime) -> Round:
        """Compare, and decide. To be read after the reports were announced: what settled before is in the index."""
        await self._judge_all(connection, prepared, now)
        for case in prepared.kept:
            if case.state == "gathering":
                case.state = "settled"
                _note_doubt(case)
        return await self._gather_round(connection, prepared.cases, prepared.reports)

    async def _judge_all(self, connection: AsyncConnection, prepared: Prepared, now: datetime) -> None:
        """Compare what is to be compared, and note the verdicts."""
        cases, again, reports = prepared.cases, prepared.again, list(prepared.reports.values())
        stored = await self._index.candidates(connection, reports)
        candidates = {key: [again.others.get(o.complaint_id, o) for o in found] for key, found in stored.items()}
        judge = KeepingApart(self._judge, again.kept_apart) if again.kept_apart else self._judge
        deciding = cluster.Deciding(reports, candidates, judge, keys=self._index.maker)
        turn = time.monotonic()
        for _ in deciding.steps():
            if time.monotonic() - turn > _SLICE:
                await asyncio.sleep(0)
                turn = time.monotonic()
        targets = {verdict.target for verdict in deciding.verdicts.values() if verdict.target}
        await self._cases.load(connection, targets, cases)
        leaders = {case.leader for case in cases.values() if case.leader is not None}
        await self._cases.load(connection, leaders, cases)
        joining = Joining(cases, prepared.reports, self._judge, self._understand, now)
        for complaint_id, verdict in deciding.verdicts.items():
            if complaint_id in again.reports:
                joining.apply(cases[complaint_id], verdict, again.doubts[complaint_id])
            else:
                _apply(cases[complaint_id], verdict, cases, now)
        if again.reports:
            moved = [key for key, case in cases.items() if case.changed and (case.merged_into or case.leader)]
            await self._cases.following(connection, moved, cases)
            follow_the_leaders(cases.values(), cases)

    async def _gather_round(
        self, connection: AsyncConnection, cases: dict[UUID, Case], compared: Mapping[UUID, Report]
    ) -> Round:
        """Everything that has to be published again because of what was decided, drafted anew."""
        touched = [case for case in cases.values() if case.due or case.changed]
        heads = {head_of(case, cases).complaint_id: head_of(case, cases) for case in touched if case.ignored is None}
        for case in touched:  # also those whom it leads or repeats now, and those whom it does no more
            for other in (case.leader, case.followed, case.joined) if case.changed and case.ignored is None else ():
                if other is not None:
                    heads[head_of(cases[other], cases).complaint_id] = head_of(cases[other], cases)
        await self._cases.families(connection, heads.values(), cases)
        for case in cases.values():
            if case.changed and case.leader is not None and case.state == "settled":
                _follow(cases[case.leader], case)
        for head in heads.values():
            head.followers.sort(key=lambda each: (each.linked_at, each.complaint_id))
        await self._draft([head for head in heads.values() if head.draft is None or head.repeats])
        for head in heads.values():
            if head.repeats:
                await self._draft_repeats(head)
        index = {
            head.complaint_id: report
            for head in heads.values()
            if (report := self._absorbed(head, compared)) is not None
        }
        # Also of what was never published before: whoever reads its verdict can take the merge back.
        tombstones = [case for case in touched if _is_news(case)]
        return Round(cases=cases, publish=list(heads.values()), tombstones=tombstones, reports=index)

    def _absorbed(self, head: Case, compared: Mapping[UUID, Report]) -> Report | None:
        """The head as the index shall know it: with the identities and places of what was merged into it."""
        if not self._compares or head.draft is None or head.draft.rahasia:
            return None
        if not head.repeats and head.complaint_id in compared:
            return compared[head.complaint_id]  # it was not drafted again
        report = self._drafter.report(head.complaint_id, head.agency, head.conversation, head.draft)
        for repeat in head.repeats:
            if repeat.draft is not None:
                again = self._drafter.report(repeat.complaint_id, repeat.agency, repeat.conversation, repeat.draft)
                report = absorb(report, again)
        return report

    async def _draft_repeats(self, head: Case) -> None:
        """What is merged into a head is one person's, who may have told their name in one of the reports only."""
        known = {case.complaint_id: compose(case.parts).name for case in (head, *head.repeats)}
        names = list(dict.fromkeys(filter(None, known.values())))
        lacking = [r for r in head.repeats if r.draft is None or {*names} - {known[r.complaint_id]}]
        await self._draft(lacking, names)

    def _understand(self, case: Case) -> tuple[Draft, Report]:
        """What a complaint tells by its own words, whatever lives on in it."""
        draft = self._drafter.draft(case.parts, *self._locale(case))
        return draft, self._drafter.report(case.complaint_id, case.agency, case.conversation, draft)

    async def _draft(self, cases: Sequence[Case], names: Sequence[str] = ()) -> None:
        turn = time.monotonic()
        for case in cases:
            repeats = [repeat.parts for repeat in case.repeats]
            case.draft = self._drafter.draft(case.parts, *self._locale(case), repeats, names)
            if time.monotonic() - turn > _SLICE:
                await asyncio.sleep(0)
                turn = time.monotonic()

    def _locale(self, case: Case) -> tuple[str, str | None]:
        """Zone and home region. A source that is configured no more still has complaints."""
        source = self._sources.get(case.source)
        return (source.zone, source.home) if source else ("Asia/Jakarta", None)


def _apply(case: Case, found: cluster.Verdict, cases: dict[UUID, Case], now: datetime) -> None:
    judgement = found.judgement
    target = cases.get(found.target) if found.target else None
    if judgement is None or target is None:
        return
    target = head_of(target, cases)
    said = {"score": judgement.score, "reasons": judgement.reasons, "version": judgement.version}
    if found.kind == "merge":
        case.state, case.merged_into = "merged", target.complaint_id
        case.verdict = Verdict(kind="merged", target=target.complaint_id, **said)
    elif found.kind == "link":
        leader = cases.get(target.leader, target) if target.leader is not None else target
        leader = head_of(leader, cases)
        case.leader, case.linked_at = leader.complaint_id, now
        case.verdict = Verdict(kind="linked", target=leader.complaint_id, **said)
    elif judgement.unclear:
        case.unclear = True
        case.verdict = Verdict(kind="new", target=target.complaint_id, unclear=True, **said)


def _note_doubt(case: Case) -> None:
    """What may be no complaint at all stands as one, and a person looks at it."""
    doubt = case.draft.doubt if case.draft else None
    if doubt and case.verdict.kind == "new" and not case.unclear and not case.by_a_person:
        case.unclear = True
        case.verdict = case.verdict.model_copy(update={"unclear": True, "reasons": (f"perhaps no complaint: {doubt}",)})


def _is_news(case: Case) -> bool:
    """Whether the world is to hear that it lives on in another: it was not said yet, or it is another now."""
    if case.merged_into is None:
        return False
    return case.document is None or not case.document.merged_into or case.joined not in (None, case.merged_into)


def _follow(leader: Case, follower: Case) -> None:
    if follower.linked_at is not None and all(f.complaint_id != follower.complaint_id for f in leader.followers):
        leader.followers.append(Follower(complaint_id=follower.complaint_id, linked_at=follower.linked_at))
