"""What a command says: tables and bars for people, JSON for scripts, and how it fails."""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDTH = None if sys.stdout.isatty() else 132
"""Columns of a table that goes into a file or a pipe, where nobody says how wide it may be."""

console = Console(highlight=False, emoji=False, width=_WIDTH)
errors = Console(stderr=True, highlight=False, emoji=False)

USAGE = 2
"""Exit code of everything that the person at the keyboard can mend."""


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(words: str) -> str:
    """Words as they are safe to show: what citizens wrote must not move an operator's cursor, or look like markup."""
    return escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", words))


def fail(words: str, code: int = USAGE) -> NoReturn:
    """Say what is wrong, and end."""
    errors.print(f"[red]muara:[/red] {plain(words)}", soft_wrap=True)
    raise typer.Exit(code)


def say(words: str) -> None:
    """A line for people."""
    console.print(plain(words), soft_wrap=True)


def print_json(value: Any) -> None:  # noqa: ANN401 anything that JSON can say
    """One JSON document, for scripts."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people."""
    drawn = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number], int) for row in rows)
        # An id that is broken over two lines cannot be copied.
        ids = bool(rows) and all(_ID.fullmatch(str(row[number])) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=ids)
    for row in rows:
        drawn.add_row(*(plain(str(cell)) for cell in row))
    console.print(drawn)
