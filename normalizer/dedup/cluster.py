"""One verdict per report of a batch: against what is stored, and against the batch itself.

Reports are taken in the order in which they were sent (then by id), so the oldest of several duplicates in a batch
leads, and the outcome does not depend on the order of arrival within it. Nothing merges into what itself merges, and
nothing follows what itself follows: a target is always a complaint that stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Protocol
from uuid import UUID

from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.report import Report, absorb
from normalizer.dedup.scoring import Judgement, Kind

_PEERS = 40
"""Of the batch's own reports only so many are compared, and of one key the latest: a flood of forms stays linear."""
_ORDER: dict[Kind, int] = {"merge": 0, "link": 1, "none": 2}


class Judging(Protocol):
    """What is asked of a judge; `scoring.Judge` is one."""

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""

    def forbids_merge(self, new: Report, old: Report) -> bool:
        """Whether the two must never be one report."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one new report."""

    kind: Kind
    target: UUID | None
    """The complaint that it merges into or follows; for an unclear `none` the one to compare it with; else None.
    A target of a link that is stored may itself follow another: whoever keeps the links resolves that."""
    judgement: Judgement | None
    """Of the pair that decided; None when there was nothing to compare with."""


def decide(
    new: Sequence[Report],
    candidates: Mapping[UUID, Sequence[Report]],
    judge: Judging,
    *,
    keys: KeyMaker | None = None,
) -> dict[UUID, Verdict]:
    """The verdict for each new report, by complaint id.

    Args:
        new: one batch, each complaint once.
        candidates: for each new report stored ones, from `CandidateIndex.candidates`; none of them is in `new`
            (those that are, are passed over: the batch's own state is the newer one).
        judge: judges pairs.
        keys: finds the duplicates inside the batch; `CandidateIndex.maker`, or the default.
    """
    work = Deciding(new, candidates, judge, keys=keys)
    for _ in work.steps():
        pass
    return work.verdicts


class Deciding:
    """The same in steps, for a caller that shares its thread: pause between two steps whenever you like."""

    def __init__(
        self,
        new: Sequence[Report],
        candidates: Mapping[UUID, Sequence[Report]],
        judge: Judging,
        *,
        keys: KeyMaker | None = None,
    ) -> None:
        self._new = sorted(new, key=_age)
        self._batch = {report.complaint_id for report in new}
        self._candidates = candidates
        self._judge = judge
        self._keys = (keys if keys is not None else KeyMaker()).keys(self._new)
        self._by_key: dict[int, list[Report]] = {}
        self._leader_of: dict[UUID, UUID] = {}
        self._leaders: dict[UUID, Report] = {}
        self.verdicts: dict[UUID, Verdict] = {}
        """Complete when `steps` ends."""

    def steps(self) -> Iterator[UUID]:
        """Decides one report at a time, and names it."""
        for report, keys in zip(self._new, self._keys, strict=True):
            verdict = self._best(report, [*self._stored(report), *self._peers(keys.wanted)])
            self.verdicts[report.complaint_id] = verdict
            if verdict.kind == "merge" and verdict.target is not None:
                self._leader_of[report.complaint_id] = verdict.target
                self._leaders[verdict.target] = absorb(self._leaders[verdict.target], report)
            else:
                self._leaders[report.complaint_id] = report
            for key in keys.stored:
                self._by_key.setdefault(key, []).append(report)
            yield report.complaint_id

    def _stored(self, report: Report) -> Iterator[Report]:
        for candidate in self._candidates.get(report.complaint_id, ()):
            if candidate.complaint_id not in self._batch:
                self._leaders.setdefault(candidate.complaint_id, candidate)
                yield candidate

    def _peers(self, keys: Mapping[int, int]) -> list[Report]:
        """Earlier reports of this batch that share keys: those that share the weightiest, as the index would find."""
        scores: dict[UUID, int] = {}
        found: dict[UUID, Report] = {}
        for key, weight in keys.items():
            for peer in self._by_key.get(key, ())[-_PEERS:]:
                found[peer.complaint_id] = peer
                scores[peer.complaint_id] = scores.get(peer.complaint_id, 0) + weight
        return nlargest(_PEERS, found.values(), key=lambda peer: (scores[peer.complaint_id], _age(peer)))

    def _best(self, report: Report, others: Sequence[Report]) -> Verdict:
        """The strongest verdict: a merge before a link before none, then the score, then the older one."""
        judged = sorted(
            ((self._judge.judge(report, other), other) for other in others),
            key=lambda pair: (_ORDER[pair[0].kind], -pair[0].score, *_age(pair[1])),
        )
        for judgement, other in judged:
            if judgement.kind == "none":
                break
            if (verdict := self._standing(report, other, judgement)) is not None:
                return verdict
        return self._none(judged)

    def _standing(self, report: Report, other: Report, judgement: Judgement) -> Verdict | None:
        """The verdict with whom `other` stands for by now: it may have merged into a leader, or absorbed others."""
        leader = self._leader_of.get(other.complaint_id, other.complaint_id)
        state = self._leaders[leader]
        if judgement.kind == "merge" and not self._judge.forbids_merge(report, state):
            return Verdict("merge", leader, judgement)
        # A link must hold for the whole group; and who repeats one member of a group that it must not join
        # tells of the same incident at most.
        present = judgement if state is other else self._judge.judge(report, state)
        if present.kind == "none":
            return None
        return Verdict(present.kind, leader if present.kind == "merge" else self._followed(leader), present)

    def _none(self, judged: Sequence[tuple[Judgement, Report]]) -> Verdict:
        rest = [(judgement, other) for judgement, other in judged if judgement.kind == "none"]
        unclear = [(judgement, other) for judgement, other in rest if judgement.unclear]
        if unclear:
            judgement, other = unclear[0]
            return Verdict("none", self._leader_of.get(other.complaint_id, other.complaint_id), judgement)
        return Verdict("none", None, rest[0][0] if rest else None)

    def _followed(self, leader: UUID) -> UUID:
        """The head of the incident that this complaint of the batch follows, or the complaint itself."""
        verdict = self.verdicts.get(leader)
        return verdict.target if verdict is not None and verdict.kind == "link" and verdict.target else leader


def _age(report: Report) -> tuple[float, str]:
    return report.sent_at.timestamp(), str(report.complaint_id)
