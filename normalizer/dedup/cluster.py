"""One verdict per report of a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judgement, Kind


class Judging(Protocol):
    """What is asked of a judge."""

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one new report."""

    kind: Kind
    target: UUID | None
    """The complaint that it merges into or follows; for an unclear `none` the one to compare it with; else None."""
    judgement: Judgement | None
    """None when there was nothing to compare it with."""


def decide(new: Sequence[Report], candidates: Mapping[UUID, Sequence[Report]], judge: Judging) -> dict[UUID, Verdict]:
    """The verdict for each new report, by its complaint id."""
    raise AssertionError((new, candidates, judge))
