"""The table of docs/performance.md: what the committed reference says, between two marks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.report import AT_MOST, TARGETS, short

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- made by make bench ARGS=--write -->", "<!-- end -->"


def table(result: Mapping[str, Any]) -> str:
    """The tables of a result, as Markdown."""
    lines = [f"Measured on {machine.in_words(result['machine'])}.", "", "| part | arm | median | spread | runs | |"]
    lines.append("|---|---|---:|---:|---:|---|")
    for name, part in result["parts"].items():
        for arm, rate in part["rates"].items():
            figures = f"{short(rate['median'])} | ±{rate['spread']:.0%} | {len(rate['runs'])}"
            lines.append(f"| {name} | {arm} | {figures} | {rate['unit']} |")
    lines += ["", "| figure | median | spread | aim |", "|---|---:|---:|---:|"]
    for part in result["parts"].values():
        ratios = part["ratios"] or {f"{arm}_per_s": rate for arm, rate in part["rates"].items()}
        for key, ratio in ratios.items():
            lines.append(f"| {key} | {short(ratio['median'])} | ±{ratio['spread']:.0%} | {_aim(key)} |")
    return "\n".join(lines)


def written(page: str, result: Mapping[str, Any]) -> str:
    """The page with these tables.

    Raises:
        ValueError: the marks are not there.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks its marks: {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table(result)}\n{END}{after}"


def _aim(key: str) -> str:
    if (least := TARGETS.get(key)) is not None:
        return f"≥ {least:g}"
    return f"≤ {AT_MOST[key]:g}" if key in AT_MOST else ""
