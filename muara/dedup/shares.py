"""Precision, recall and F1, each with the interval in which it lies with 95 % confidence."""

import math
from dataclasses import dataclass

_Z = 1.959964
"""Of the standard normal distribution: 95 % lie within."""


@dataclass(frozen=True, slots=True)
class Share:
    """A measured share. The interval is Wilson's (1927), which holds for small numbers and shares near 0 and 1."""

    value: float
    """0, with an interval from 0 to 1, when there is nothing of which it would be a share."""
    low: float
    high: float


def share(part: int, whole: int) -> Share:
    """`part` of `whole`."""
    if whole == 0:
        return Share(0.0, 0.0, 1.0)
    rate, square = part / whole, _Z * _Z
    centre = rate + square / (2 * whole)
    spread = _Z * math.sqrt(rate * (1 - rate) / whole + square / (4 * whole * whole))
    below = 1 + square / whole
    return Share(rate, max(0.0, (centre - spread) / below), min(1.0, (centre + spread) / below))


@dataclass(frozen=True, slots=True)
class Quality:
    """How well something was found."""

    right: int
    """Found, and true."""
    found: int
    true: int

    @property
    def precision(self) -> Share:
        """Of what was found, the share that is true."""
        return share(self.right, self.found)

    @property
    def recall(self) -> Share:
        """Of what is true, the share that was found."""
        return share(self.right, self.true)

    @property
    def f1(self) -> Share:
        """Their harmonic mean. It rises with the share s of the right ones among all found or true ones, as 2s/(1+s):
        so its interval is that of s, carried over.
        """
        both = share(self.right, self.found + self.true - self.right)
        return Share(_f1(both.value), _f1(both.low), _f1(both.high))

    def as_json(self) -> dict[str, object]:
        """For scripts: the three, their intervals and the counts."""
        return {
            "precision": self.precision.value,
            "recall": self.recall.value,
            "f1": self.f1.value,
            "precision_95": [self.precision.low, self.precision.high],
            "recall_95": [self.recall.low, self.recall.high],
            "f1_95": [self.f1.low, self.f1.high],
            "right": self.right,
            "found": self.found,
            "true": self.true,
        }


def _f1(both: float) -> float:
    return 2 * both / (1 + both)
