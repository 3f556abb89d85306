"""Tells whoever waits how far a measurement is: bars on a terminal, lines elsewhere, nothing for scripts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Steps(Protocol):
    """Is told of each step."""

    def __call__(self, words: str, /) -> None:
        """A step begins."""


@contextmanager
def steps(title: str, count: int, *, quiet: bool = False) -> Iterator[Steps]:
    """`count` steps of something; all goes to the error stream, so that results can be redirected."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _: None
    elif not console.is_terminal:
        done = 0

        def say(words: str) -> None:
            nonlocal done
            done += 1
            print(f"{title}: {done}/{count} {words}", file=sys.stderr, flush=True)

        yield say
    else:
        columns = (TextColumn("{task.fields[title]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
            task = bar.add_task("", total=count, title=title)
            begun = 0

            def advance(words: str) -> None:
                nonlocal begun
                bar.update(task, description=words, completed=begun)
                begun += 1

            yield advance
            bar.update(task, completed=count)
