"""The judge against labelled pairs: how often it is right about merges and links, and where it errs worst."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from muara.dedup.pairs import LABELS, Label, Pair
from muara.dedup.reading import Reader
from muara.dedup.shares import Quality
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge, Judgement, Kind

WANTED: Mapping[Label, Kind] = {"same_report": "merge", "same_incident": "link", "different": "none"}
"""What the judge should say."""
KINDS: tuple[Kind, ...] = ("merge", "link", "none")

Compared = tuple[Pair, Report, Report]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and what the judge said of it."""

    pair: Pair
    judgement: Judgement

    @property
    def is_right(self) -> bool:
        """Whether it said what the label says."""
        return self.judgement.kind == WANTED[self.pair.label]

    @property
    def cost(self) -> float:
        """How bad its error is: a false merge silences a citizen; the surer it was, the worse."""
        harm = {"merge": 2.0, "link": 1.0, "none": 0.0}[self.judgement.kind]
        missed = self.pair.label != "different" and self.judgement.kind == "none"
        return harm + (1.0 - self.judgement.score if missed else self.judgement.score)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of a file."""

    judged: Sequence[Judged]
    version: str
    """Of the weights."""

    @property
    def merge(self) -> Quality:
        """`same_report`, told as a merge."""
        return self._quality(("merge",), ("same_report",))

    @property
    def link(self) -> Quality:
        """`same_incident`, told as a link."""
        return self._quality(("link",), ("same_incident",))

    @property
    def link_or_merge(self) -> Quality:
        """Either label, told as either."""
        return self._quality(("link", "merge"), ("same_incident", "same_report"))

    def confusion(self, family: str | None = None) -> dict[tuple[Label, Kind], int]:
        """How many pairs of each label were told as what; of one family, or of all."""
        chosen = [each for each in self.judged if family is None or each.pair.family == family]
        counted = Counter((each.pair.label, each.judgement.kind) for each in chosen)
        return {(label, kind): counted[label, kind] for label in LABELS for kind in KINDS}

    def families(self) -> list[str]:
        """The families of the file, by name."""
        return sorted({each.pair.family for each in self.judged if each.pair.family is not None})

    def worst(self, limit: int) -> list[Judged]:
        """The worst mistakes: false merges, then false links, then what was missed; the surest first."""
        wrong = [each for each in self.judged if not each.is_right]
        return sorted(wrong, key=lambda each: (-each.cost, each.pair.line))[:limit]

    def _quality(self, kinds: Sequence[Kind], labels: Sequence[Label]) -> Quality:
        found = [each for each in self.judged if each.judgement.kind in kinds]
        return Quality(
            right=sum(each.pair.label in labels for each in found),
            found=len(found),
            true=sum(each.pair.label in labels for each in self.judged),
        )


def understand(
    pairs: Sequence[Pair], reader: Reader, progress: Callable[[int], None] = lambda _: None
) -> list[Compared]:
    """Both sides of each pair as reports; `progress` hears how many pairs are done."""
    found = []
    for done, pair in enumerate(pairs, start=1):
        found.append((pair, *reader.pair(pair)))
        progress(done)
    return found


def texts_of(compared: Sequence[Compared]) -> Iterator[str]:
    """Each different text of the file once: the history that stands in for the stream's."""
    yield from dict.fromkeys(report.comparable for _, *both in compared for report in both)


def evaluate(compared: Sequence[Compared], judge: Judge) -> Evaluation:
    """Judges every pair."""
    return Evaluation([Judged(pair, judge.judge(one, other)) for pair, one, other in compared], judge.version)
