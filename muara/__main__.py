"""The command line: `muara`."""

import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from muara.commands.index import COMMANDS
from muara.lazy import lazy_group
from muara.output import errors, plain

app = typer.Typer(
    name="muara",
    cls=lazy_group(COMMANDS),
    help="Every complaint channel of local government, brought together once and handed to SP4N-LAPOR!.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"muara {version('muara')}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What can be said before a command."""
    if context.obj is not None:
        context.obj()


def _log_to_standard_error() -> None:
    """Standard output holds what a command answers, and with --json nothing else."""
    from runtime.telemetry import logs  # noqa: PLC0415 --help has no need of it

    logs.configure(level="WARNING")


def start() -> None:
    """Run a command in a process of its own, whose logs it sets up."""
    main(before=_log_to_standard_error)


def main(before: Callable[[], None] | None = None) -> None:
    """Run a command; exit code 0 when it did its work, 1 when what it looked at is not well, 2 when it could not."""
    try:
        app(prog_name="muara", obj=before)
    except Exception as error:
        from muara.mending import remedy  # noqa: PLC0415 it knows all rooms, and is seldom needed

        if (words := remedy(error)) is None:
            raise
        errors.print(f"[red]muara:[/red] {plain(words)}", soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    start()
