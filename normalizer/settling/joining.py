"""What a new comparison makes of complaints that stand already: who joins whom, and who follows whom then."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from normalizer.dedup import cluster
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge
from normalizer.settling.cases import Case, head_of, root_of
from normalizer.settling.late import Understanding
from schemas.parts import Verdict


class Joining:
    """Applies verdicts of complaints that settled before, within one round."""

    def __init__(
        self,
        cases: Mapping[UUID, Case],
        reports: Mapping[UUID, Report],
        judge: Judge,
        understand: Understanding,
        now: datetime,
    ) -> None:
        """`cases`: all of the round. `reports`: what it compares."""
        self._cases = cases
        self._reports = reports
        self._judge = judge
        self._understand = understand
        self._now = now

    def apply(self, case: Case, found: cluster.Verdict, doubt: str | None) -> None:
        """Let a verdict count. `doubt`: what the complaint may be instead of one."""
        target = self._cases.get(found.target) if found.target is not None else None
        if found.judgement is None or target is None or found.kind == "none":
            self._alone(case, found, doubt)
            return
        judgement = found.judgement
        said = {"score": judgement.score, "reasons": judgement.reasons, "version": judgement.version}
        if found.kind == "merge":
            self._merge(case, head_of(target, self._cases), said)
        elif case.leader is None:
            self._link(case, root_of(target, self._cases), said)

    def _alone(self, case: Case, found: cluster.Verdict, doubt: str | None) -> None:
        """Like no other for all that is known: nobody is parted for that, but a doubt comes or goes."""
        if case.leader is not None:
            return
        judgement = found.judgement
        verdict, unclear = case.verdict, False
        if judgement is not None and judgement.unclear and found.target is not None:
            target = head_of(self._cases[found.target], self._cases).complaint_id
            said = {"score": judgement.score, "reasons": judgement.reasons, "version": judgement.version}
            verdict, unclear = Verdict(target=target, unclear=True, **said), True
        elif doubt:
            verdict, unclear = Verdict(unclear=True, reasons=(f"perhaps no complaint: {doubt}",)), True
        elif case.unclear:
            verdict = Verdict()
        if (verdict, unclear) != (case.verdict, case.unclear):
            case.verdict, case.unclear, case.changed = verdict, unclear, True

    def _merge(self, case: Case, target: Case, said: Mapping[str, object]) -> None:
        if target is case:
            return
        if self._gives_way(target, to=case):
            case, target = target, case
        elif target.leader == case.complaint_id:
            return  # an operator let it follow: that it is the same report, a person has to say
        case.state, case.merged_into = "merged", target.complaint_id
        case.leader, case.linked_at, case.unclear = None, None, False
        case.verdict = Verdict.model_validate({"kind": "merged", "target": target.complaint_id, **said})
        case.changed = True

    def _link(self, case: Case, target: Case, said: Mapping[str, object]) -> None:
        if target is case or self._conflict(case, target):
            return
        if self._gives_way(target, to=case):
            case, target = target, case
        case.leader, case.linked_at, case.unclear = target.complaint_id, self._now, False
        case.verdict = Verdict.model_validate({"kind": "linked", "target": target.complaint_id, **said})
        case.changed = True

    def _conflict(self, case: Case, leader: Case) -> bool:
        """Whether it conflicts with who leads the incident: then it does not follow, whom else it may resemble."""
        report = self._reports.get(leader.complaint_id) or self._understand(leader)[1]
        return bool(self._judge.features(self._reports[case.complaint_id], report).conflicts)

    def _gives_way(self, target: Case, to: Case) -> bool:
        """Whether the target is the one that joins: the older one stands, in whatever order the evidence came."""
        is_free = not target.by_a_person and not target.changed and target.complaint_id not in self._reports
        if not is_free or to.leader is not None:
            return False
        return target.leader == to.complaint_id or (target.leader is None and to.age < target.age)


def follow_the_leaders(cases: Collection[Case], known: Mapping[UUID, Case]) -> None:
    """Whoever follows one that lives on in another now, or follows another itself, follows that one."""
    for case in cases:
        if case.leader is None or case.merged_into is not None:
            continue
        root = root_of(known[case.leader], known)
        if root is case:
            case.leader, case.linked_at, case.changed = None, None, True
        elif root.complaint_id != case.leader:
            case.leader, case.changed = root.complaint_id, True
