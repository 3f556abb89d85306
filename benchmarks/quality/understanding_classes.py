"""How often a text gets its category and its class, and how often a category that is given is right."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.quality.score import Score, share
from benchmarks.quality.sheets import HALVES, sheet
from normalizer.understanding.categories import Categorizer
from normalizer.understanding.classification import Class, Classifier

_CLASSES: dict[str, Class] = {"A: ": "aspirasi", "I: ": "permintaan_informasi"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it is about."""

    text: str
    category: str | None
    kind: Class


def labelled(ending: str) -> Iterator[Labelled]:
    """The texts of one half."""
    for category, texts in sheet(f"classes{ending}").items():
        for text in texts:
            kind = _CLASSES.get(text[:3])
            yield Labelled(text[3:] if kind else text, None if category == "none" else category, kind or "pengaduan")


def scores() -> list[Score]:
    """Categories and classes of both halves; of the half that is held back each category too."""
    found: list[Score] = []
    categorizer, classifier = Categorizer(), Classifier()
    for ending, label in HALVES:
        every = list(labelled(ending))
        given = [
            (each.category, verdict.key if (verdict := categorizer.categorize(each.text)) else None) for each in every
        ]
        named = [(wanted, got) for wanted, got in given if wanted is not None]
        answered = [(wanted, got) for wanted, got in given if got is not None]
        found.append(share("category", f"right, {label}", _right(named), len(named), 0.9))
        found.append(share("category", f"right where one was given, {label}", _right(answered), len(answered), 0.95))
        classes = [(each.kind, classifier.classify(each.text)[0]) for each in every]
        found.append(
            share("class", f"right, {label}", sum(wanted == got for wanted, got in classes), len(classes), 0.95)
        )
        if ending:
            sizes = Counter(wanted for wanted, _ in named)
            rights = Counter(wanted for wanted, got in named if wanted == got)
            found += [share("category", f"{key}, {label}", rights[key], size) for key, size in sizes.items()]
            kinds = Counter(wanted for wanted, _ in classes)
            hits = Counter(wanted for wanted, got in classes if wanted == got)
            found += [share("class", f"{kind}, {label}", hits[kind], size) for kind, size in kinds.items()]
    return found


def _right(pairs: Sequence[tuple[str | None, str | None]]) -> int:
    return sum(wanted == got for wanted, got in pairs)
