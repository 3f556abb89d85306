"""What a run of `make bench` prints: a table of figures, a table of ratios, the last line."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.parts import Part
from benchmarks.results import Measured, compare

KEYS = (
    "passthrough_vs_ceiling",
    "full_vs_ceiling",
    "full_vs_framework",
    "ingress_vs_bare",
    "dispatch_vs_bare",
    "embedded_vs_kafka",
    "e2e_per_s",
)
"""What the last line holds, in this order."""
TARGETS: Mapping[str, float] = {
    "passthrough_vs_ceiling": 0.5,
    "full_vs_ceiling": 0.15,
    "full_vs_framework": 2.0,
    "ingress_vs_bare": 0.6,
    "dispatch_vs_bare": 0.7,
    "embedded_vs_kafka": 0.5,
    "e2e_per_s": 1500,
}
"""What is aimed at; of latency, at most."""
AT_MOST: Mapping[str, float] = {"ingress_p99_vs_bare": 2.0}


def figures(parts: Iterable[Part]) -> dict[str, Measured]:
    """The ratios of all parts, and what counts without a bare arm beside it."""
    found: dict[str, Measured] = {}
    for part in parts:
        found.update(part.ratios)
        if "e2e" in part.rates:
            found["e2e_per_s"] = part.rates["e2e"]
    return found


def last_line(found: Mapping[str, Measured]) -> str:
    """For scripts; a figure that was not measured is a dash."""
    words = [f"{key}={short(found[key].median) if key in found else '-'}" for key in KEYS]
    return f"bench: {' '.join(words)}"


def tables(parts: Iterable[Part], console: Console) -> None:
    """For people."""
    parts = list(parts)
    rates = Table(title="In a second", title_justify="left")
    for head in ("part", "arm", "median", "spread", "runs", "counts"):
        rates.add_column(head, justify="right" if head in {"median", "spread", "runs"} else "left")
    for part in parts:
        for arm, measured in part.rates.items():
            spread = f"±{measured.spread:.0%}"
            rates.add_row(part.name, arm, short(measured.median), spread, str(len(measured.values)), part.unit(arm))
    console.print(rates)
    ratios = Table(title="Ratios, round by round", title_justify="left")
    for head in ("ratio", "median", "spread", "target", ""):
        ratios.add_column(head, justify="right" if head in {"median", "spread", "target"} else "left")
    for key, measured in figures(parts).items():
        target, met = _target(key, measured.median)
        ratios.add_row(key, short(measured.median), f"±{measured.spread:.0%}", target, met)
    console.print(ratios)


def beside(found: Mapping[str, Measured], before: Mapping[str, Any] | None, label: str, scale: float) -> list[str]:
    """How the figures moved since another result; nothing without one."""
    if before is None:
        return []
    if before.get("scale", 1) != scale:
        return [f"the {label} result was measured at scale {before.get('scale', 1):g}: not compared"]
    return compare({key: measured.median for key, measured in found.items()}, before.get("figures", {}), label)


def _target(key: str, value: float) -> tuple[str, str]:
    if (least := TARGETS.get(key)) is not None:
        return f">= {least:g}", "met" if value >= least else "missed"
    if (most := AT_MOST.get(key)) is not None:
        return f"<= {most:g}", "met" if value <= most else "missed"
    return "", ""


def short(value: float) -> str:
    """Three figures, or whole numbers."""
    return f"{value:,.0f}".replace(",", "") if value >= 100 else f"{value:.3g}"
