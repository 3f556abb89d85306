"""Tables of what was measured, as text for a terminal and as Markdown for `docs/quality.md`."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """One table under a heading."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    """What the reader must know of it; Markdown."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one measurement found."""

    tables: Sequence[Table]
    figures: dict[str, str] = field(default_factory=dict)
    """For the last line."""
    numbers: dict[str, float] = field(default_factory=dict)
    """For the parts that are measured after it."""


def as_text(table: Table) -> str:
    """For a terminal."""
    rows = [list(table.columns), *map(list, table.rows)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"\n{table.title}", *(f"  {line}" for line in lines)])


def as_markdown(tables: Sequence[Table]) -> str:
    """For the page."""
    found: list[str] = []
    for table in tables:
        found += [f"## {table.title}", ""]
        if table.note:
            found += [table.note, ""]
        found.append(_row(table.columns))
        found.append(_row(["---"] * len(table.columns)))
        found += [_row(row) for row in table.rows]
        found.append("")
    return "\n".join(found)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
