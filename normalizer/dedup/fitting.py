"""Logistic weights from labelled numbers: each keeps its sign, and none strays from where it started without reason.

The weights w minimise  Σ gᵢ·log(1 + exp(-yᵢ·(b + w·xᵢ))) + ½·λ·Σ sⱼ²·(wⱼ - startⱼ)²  by cyclic coordinate descent with
Newton steps of limited length, each cut at its bound (after Genkin, Lewis and Madigan 2007). The scale sⱼ is the root
mean square of a column, so that a penalty means the same for all of them; the bias is free. Pure Python: some thousand
rows of thirty numbers take seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDS = 60
_STILL = 1e-3
"""When no weight moves by more (in units of its column's scale), it is done."""


@dataclass(frozen=True, slots=True)
class Row:
    """One example."""

    found: tuple[float, ...]
    """The evidence, in one order for all rows."""
    true: bool
    weight: float = 1.0
    """For how many examples it counts."""
    group: str = ""
    """Rows of one group are never parted when what was fitted is tried on what it has not seen."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a weight may be."""

    low: float
    high: float

    def cut(self, value: float) -> float:
        """The nearest value that is allowed."""
        return min(self.high, max(self.low, value))


@dataclass(frozen=True, slots=True)
class Line:
    """A bias, and a weight for each number."""

    bias: float
    weights: tuple[float, ...]

    def score(self, found: Sequence[float]) -> float:
        """Between 0 and 1."""
        return _logistic(self.bias + math.fsum(w * x for w, x in zip(self.weights, found, strict=True)))


def fit(rows: Sequence[Row], start: Line, bounds: Sequence[Bounds], *, strength: float = 1.0) -> Line:
    """The weights that tell true rows from others; `strength` (λ) is how many rows' worth they cling to the start.

    Raises:
        ValueError: there is no true row, or no other, or a row is not as long as the start.
    """
    if len({row.true for row in rows}) < 2:
        raise ValueError("weights need examples of both kinds: true ones and others")
    if any(len(row.found) != len(start.weights) for row in rows) or len(bounds) != len(start.weights):
        raise ValueError(f"each row needs {len(start.weights)} numbers, as the start has, and each number its bounds")
    columns = [_Column(rows, index, strength) for index in range(len(start.weights))]
    weights = [limit.cut(weight) for limit, weight in zip(bounds, start.weights, strict=True)]
    bias = start.bias
    descent = _Descent(rows, Line(bias, tuple(weights)))
    everywhere = [(index, 1.0) for index in range(len(rows))]
    for _ in range(_ROUNDS):
        step = descent.step(everywhere, 0.0, 0.0)
        bias += step
        descent.move(everywhere, step)
        moved = abs(step)
        for index, (column, limit) in enumerate(zip(columns, bounds, strict=True)):
            step = descent.step(column.entries, column.penalty, weights[index] - start.weights[index])
            step = limit.cut(weights[index] + step) - weights[index]
            if column.entries and step:
                weights[index] += step
                descent.move(column.entries, step)
                moved = max(moved, abs(step) * column.scale)
        if moved < _STILL:
            break
    return Line(bias, tuple(weights))


def unseen_scores(
    rows: Sequence[Row], start: Line, bounds: Sequence[Bounds], *, folds: int = 5, strength: float = 1.0
) -> list[float]:
    """The score of each row by weights that were fitted without its group: what the future may look like.

    Groups go to folds by their size, the largest first, each to the smallest fold; so the same rows fall alike.
    """
    groups: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(row.group, []).append(index)
    parts: list[list[int]] = [[] for _ in range(max(2, folds))]
    for name in sorted(groups, key=lambda each: (-len(groups[each]), each)):
        min(parts, key=len).extend(groups[name])
    scores = [0.0] * len(rows)
    for part in parts:
        hidden = set(part)
        shown = [row for index, row in enumerate(rows) if index not in hidden]
        line = fit(shown, start, bounds, strength=strength) if len({row.true for row in shown}) == 2 else start
        for index in part:
            scores[index] = line.score(rows[index].found)
    return scores


def threshold(
    scores: Sequence[float], rows: Sequence[Row], *, precision: float, least: float = 0.5, most: float = 0.99
) -> float:
    """The lowest threshold from which the true rows are that share of all that reach it; `most` when none is.

    Raises:
        ValueError: there are not as many scores as rows.
    """
    ranked = sorted(zip(scores, rows, strict=True), key=lambda pair: -pair[0])
    best, right, told = most, 0.0, 0.0
    for position, (score, row) in enumerate(ranked):
        if score < least:
            break
        told += row.weight
        right += row.weight * row.true
        is_last_of_its_score = position + 1 == len(ranked) or ranked[position + 1][0] < score
        if is_last_of_its_score and right >= precision * told:
            best = min(best, score)
    return best


class _Column:
    """One number of all rows, without the zeros."""

    def __init__(self, rows: Sequence[Row], index: int, strength: float) -> None:
        self.entries = [(place, row.found[index]) for place, row in enumerate(rows) if row.found[index]]
        square = math.fsum(rows[place].weight * value * value for place, value in self.entries)
        whole = math.fsum(row.weight for row in rows)
        self.scale = math.sqrt(square / whole) if whole else 0.0
        self.penalty = strength * self.scale**2


class _Descent:
    """How far each row is on its right side, while weights move."""

    def __init__(self, rows: Sequence[Row], start: Line) -> None:
        self._signs = [1.0 if row.true else -1.0 for row in rows]
        self._mass = [row.weight for row in rows]
        self._margins = [
            sign * (start.bias + math.fsum(w * x for w, x in zip(start.weights, row.found, strict=True)))
            for sign, row in zip(self._signs, rows, strict=True)
        ]

    def step(self, entries: Sequence[tuple[int, float]], penalty: float, away: float) -> float:
        """Newton's step along one weight, cut so that a far leap does not overshoot."""
        slope, curve = penalty * away, penalty + 1e-9
        for place, value in entries:
            wrong = _logistic(-self._margins[place])
            slope -= self._mass[place] * self._signs[place] * value * wrong
            curve += self._mass[place] * value * value * max(wrong * (1.0 - wrong), 1e-4)
        return max(-2.0, min(2.0, -slope / curve))

    def move(self, entries: Sequence[tuple[int, float]], step: float) -> None:
        """One weight moved by so much."""
        for place, value in entries:
            self._margins[place] += self._signs[place] * value * step


def _logistic(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, total))))
