"""What was measured: medians and spread, kept as JSON, set beside the last and beside the committed reference."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
KEPT = _ROOT / ".bench"
"""Results of this clone; not committed."""
REFERENCE = Path(__file__).resolve().parent / "reference"
"""One committed result of each measurement."""
TOLERANCE = 0.15
"""By how much a ratio of two runs on one machine may differ."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure, from several runs."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Measured":
        """From the figures of the runs.

        Raises:
            ValueError: there are none.
        """
        if not values:
            raise ValueError("nothing was measured")
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half of what lies between the quartiles, as a share of the median; 0 for a single run."""
        if len(self.values) < 2 or not self.median:
            return 0.0
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return (high - low) / 2 / self.median

    def over(self, other: "Measured") -> "Measured":
        """The ratio, run by run: what slowed a run down slowed down both."""
        return Measured(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)))

    def to_json(self) -> dict[str, Any]:
        """For the kept result."""
        return {
            "median": _round(self.median),
            "spread": round(self.spread, 3),
            "runs": [_round(value) for value in self.values],
        }


def keep(name: str, document: Mapping[str, Any], *, folder: Path = KEPT) -> Path:
    """Keep a result, as the last one and under its time."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    path = folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    path.write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return path


def last(name: str, *, folder: Path = KEPT) -> dict[str, Any] | None:
    """The result that was kept last; None before the first."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def reference(name: str) -> dict[str, Any] | None:
    """The committed result; None where none is."""
    return last(name, folder=REFERENCE)


def refer(name: str, document: Mapping[str, Any]) -> None:
    """Make a result the reference."""
    REFERENCE.mkdir(exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (REFERENCE / f"{name}.json").write_text(text, encoding="utf-8")


def compare(now: Mapping[str, float], before: Mapping[str, float], label: str) -> list[str]:
    """For each figure that both have, a line; one that moved further than the tolerance says so."""
    lines = []
    for key, value in now.items():
        if (was := before.get(key)) is None or not was:
            continue
        change = value / was - 1
        mark = "" if abs(change) <= TOLERANCE else "  <- moved"
        lines.append(f"{key}: {value:.3g} ({label} {was:.3g}, {change:+.0%}){mark}")
    return lines


def _round(value: float) -> float:
    """Four figures: more would be noise."""
    return float(f"{value:.4g}")
