"""One measured figure with its 95 % interval."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Score:
    """A share of cases, 0 to 1."""

    step: str
    """What was measured, such as `masking`."""
    measure: str
    """Which property of it, such as `recall, held back`."""
    value: float
    low: float
    """Of the 95 % interval."""
    high: float
    """Of the 95 % interval."""
    cases: int
    """How many it was measured on."""
    target: float | None = None
    """What it should be; None where nothing was promised. Whether more or less is better, the measure says."""


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's method: fit for few cases and for shares near 0 and 1."""
    if cases == 0:
        return 0.0, 1.0
    share, square = hits / cases, _Z * _Z
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    half = _Z / (1 + square / cases) * sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(step: str, measure: str, hits: int, cases: int, target: float | None = None) -> Score:
    """The score of so many hits among so many cases; 0 of 0 is 0, with an interval that says that nothing is known."""
    low, high = wilson(hits, cases)
    return Score(step, measure, hits / cases if cases else 0.0, low, high, cases, target)


def tell(mistakes: Iterable[str], scores: Iterable[Score]) -> None:
    """Print the mistakes of a step, then its scores: what whoever works on a step looks at."""
    for line in mistakes:
        print(line)
    for each in scores:
        print(f"{each.measure}: {each.value:.3f} ({each.low:.3f} to {each.high:.3f}) of {each.cases}")
