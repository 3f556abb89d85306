"""Tells whoever waits how far a measurement is: bars on a terminal, lines elsewhere, nothing for scripts."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class Steps(Protocol):
    """Is told of each step."""

    def __call__(self, words: str, /) -> None:
        """A step begins."""


@contextmanager
def steps(title: str, seconds: float, *, quiet: bool = False) -> Iterator[Steps]:
    """Steps of something that takes about so long; all goes to the error stream: results can be redirected."""
    console = Console(stderr=True)
    begun = time.monotonic()
    if quiet:
        yield lambda _: None
    elif not console.is_terminal:

        def say(words: str) -> None:
            took = time.monotonic() - begun
            print(f"{title}: {took:.0f} of about {seconds:.0f} s: {words}", file=sys.stderr, flush=True)

        yield say
    else:
        columns = (TextColumn("{task.fields[title]}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
            task = bar.add_task("", total=seconds, title=title)

            def advance(words: str) -> None:
                bar.update(task, description=words, completed=min(time.monotonic() - begun, seconds))

            yield advance
