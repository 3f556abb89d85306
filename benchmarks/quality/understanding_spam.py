"""Whether what is no complaint is ignored, and nothing else."""

from collections.abc import Iterator

from benchmarks.quality.score import Score, share
from benchmarks.quality.sheets import HALVES, sheet
from benchmarks.quality.understanding_classes import labelled
from normalizer.understanding.spam import SpamFilter


def scores() -> list[Score]:
    """Of what was ignored, how much rightly; of what is no complaint, how much was ignored or at least flagged."""
    found: list[Score] = []
    judge = SpamFilter().judge
    for ending, label in HALVES:
        judged = [(kind, judge(text)) for kind, text in texts(ending)]
        ignored = [kind for kind, verdict in judged if verdict is not None and verdict.is_certain]
        spam = [verdict for kind, verdict in judged if kind != "complaint"]
        complaints = [verdict for kind, verdict in judged if kind == "complaint"]
        found += [
            share("spam", f"ignored rightly, {label}", sum(k != "complaint" for k in ignored), len(ignored), 0.995),
            share(
                "spam",
                f"complaints ignored (less is better), {label}",
                ignored.count("complaint"),
                len(complaints),
                0.0,
            ),
            share(
                "spam",
                f"no complaint and ignored, {label}",
                sum(v is not None and v.is_certain for v in spam),
                len(spam),
            ),
            share("spam", f"no complaint and ignored or flagged, {label}", sum(v is not None for v in spam), len(spam)),
            share(
                "spam",
                f"complaints flagged (less is better), {label}",
                sum(v is not None for v in complaints),
                len(complaints),
            ),
        ]
    return found


def texts(ending: str) -> Iterator[tuple[str, str]]:
    """What each text is, and the text; all texts that are labelled with a category are complaints too."""
    for kind, every in sheet(f"spam{ending}").items():
        for text in every:
            yield kind, str(text)
    for each in labelled(ending):
        yield "complaint", each.text
