"""The labelled cases of understanding, gathered: every module `understanding_*` that has `scores()` is asked."""

import importlib
import pkgutil
from collections.abc import Iterator

from benchmarks import quality
from benchmarks.quality.report import Part, Table
from benchmarks.quality.score import Score

_PREFIX = "understanding_"


def measure() -> Part:
    """One table of all scores."""
    rows = [
        [
            score.step,
            score.measure,
            f"{score.value:.4f}",
            f"{score.low:.4f}-{score.high:.4f}",
            f"{score.cases:,}",
            "" if score.target is None else f"{score.target:g}",
        ]
        for score in _scores()
    ]
    columns = ("step", "measure", "share", "95 %", "cases", "target")
    note = "Half of the cases were there to build by, half were held back until the end; intervals are Wilson's."
    return Part([Table("Understanding", columns, rows, note)])


def _scores() -> Iterator[Score]:
    for found in sorted(pkgutil.iter_modules(quality.__path__), key=lambda module: module.name):
        if found.name.startswith(_PREFIX):
            module = importlib.import_module(f"{quality.__name__}.{found.name}")
            yield from module.scores()
