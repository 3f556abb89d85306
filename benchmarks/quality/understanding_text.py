"""Whether texts that say the same compare alike, and others do not; titles; languages."""

from collections.abc import Callable

from benchmarks.quality.score import Score, share
from benchmarks.quality.sheets import HALVES, sheet
from normalizer.understanding.language import LanguageDetector
from normalizer.understanding.text import comparable, title


def scores() -> list[Score]:
    """Both halves."""
    found: list[Score] = []
    detect = LanguageDetector().detect
    for ending, label in HALVES:
        table = sheet(f"text{ending}")
        found += [
            _share(
                f"alike as they should be, {label}", table["same"], lambda a, b: comparable(a) == comparable(b), 0.9
            ),
            _share(
                f"told apart as they should be, {label}",
                table["different"],
                lambda a, b: comparable(a) != comparable(b),
            ),
            _share(
                f"titles that say it, {label}",
                table["titles"],
                lambda text, words: words.casefold() in title(text).casefold(),
            ),
        ]
        told = [(language, text) for language, texts in table["languages"].items() for text in texts]
        found.append(
            share("language", f"right, {label}", sum(detect(text) == wanted for wanted, text in told), len(told))
        )
    return found


def _share(
    measure: str, pairs: list[list[str]], holds: Callable[[str, str], bool], target: float | None = None
) -> Score:
    return share("text", measure, sum(holds(*pair) for pair in pairs), len(pairs), target)
