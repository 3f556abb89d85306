"""Memory over time: whether it is flat, and a picture of it."""

import csv
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_COLOURS = ("#0b6e99", "#b4470b", "#3a7d2c", "#7b3fa0", "#8a7a00", "#555555")
_WIDTH, _HEIGHT, _EDGE = 900, 360, 50
_SMALL = 0.02
"""Share of the memory that a whole run may add and still count as flat."""

Curve = Sequence[tuple[float, float]]
"""Seconds since the beginning, MiB."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What the later half of a curve does; in the earlier one tables and caches fill up."""

    mebibytes: float
    """At the median."""
    per_hour: float
    """MiB that it grows by in an hour."""
    noise: float
    """MiB by which single looks differ from the line."""
    seconds: float

    @property
    def flat(self) -> bool:
        """Whether what it grew by is within its noise, or too small to matter."""
        grown = abs(self.per_hour) * self.seconds / 3600
        return grown <= max(2 * self.noise, _SMALL * self.mebibytes)


def trend(curve: Curve) -> Trend:
    """By least squares.

    Raises:
        ValueError: there are fewer than eight looks.
    """
    if len(curve) < 8:
        raise ValueError(f"{len(curve)} looks show no trend: let it run for longer")
    later = curve[len(curve) // 2 :]
    times, values = [at for at, _ in later], [value for _, value in later]
    slope, start = statistics.linear_regression(times, values)
    noise = statistics.pstdev(value - (start + slope * at) for at, value in later)
    return Trend(statistics.median(values), slope * 3600, noise, times[-1] - times[0])


def write_csv(path: Path, curves: Mapping[str, Curve]) -> None:
    """One row a look: seconds, process, MiB."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("seconds", "process", "mebibytes"))
        rows.writerows((f"{at:.1f}", name, f"{value:.1f}") for name, curve in curves.items() for at, value in curve)


def write_svg(path: Path, curves: Mapping[str, Curve]) -> None:
    """All curves in one picture."""
    longest = max(at for curve in curves.values() for at, _ in curve) or 1.0
    highest = max(value for curve in curves.values() for _, value in curve) * 1.1
    across, upwards = (_WIDTH - 4 * _EDGE) / longest, (_HEIGHT - 2 * _EDGE) / highest
    lines = [
        f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_EDGE}" y="20">resident memory, MiB (top: {highest:.0f}), over {longest:.0f} s</text>',
    ]
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{_EDGE + at * across:.1f},{_HEIGHT - _EDGE - value * upwards:.1f}" for at, value in curve)
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>')
        lines.append(f'<text x="{_WIDTH - 3 * _EDGE + 10}" y="{40 + 18 * number}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*lines, "</svg>"]) + "\n", encoding="utf-8")


_NAMESPACE = "http:" + "//www.w3.org/2000/svg"
