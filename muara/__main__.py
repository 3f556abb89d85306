"""The command line: `muara`."""

import sys

import typer
from rich.markup import escape

from connectors.checks import BadSources
from connectors.smtp.receiver import PortUnavailable
from dispatcher.hub import BadHub
from muara.commands import audit, channels, dead, demo, hubs, importing, keys, review, schemas, serve, setup
from muara.output import errors
from recipes.document import DocumentError
from runtime.bus.protocol import BusUnavailable
from runtime.http import CannotListen
from runtime.objects.protocol import ObjectsUnavailable
from runtime.sealing.protocol import SealingError
from runtime.store.engine import StoreUnavailable

app = typer.Typer(
    name="muara",
    help="Every complaint channel of local government, brought together once and handed to SP4N-LAPOR!.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (demo, setup, serve, audit, importing):
    module.register(app)
_GROUPS = {"channels": channels, "dead": dead, "review": review, "hubs": hubs, "schemas": schemas, "keys": keys}
for name, group in _GROUPS.items():
    app.add_typer(group.app, name=name)

_MENDABLE = (
    BadHub,
    BadSources,
    BusUnavailable,
    CannotListen,
    DocumentError,
    ObjectsUnavailable,
    PortUnavailable,
    SealingError,
    StoreUnavailable,
)
"""What a person can mend: said in words, without a traceback."""


def main() -> None:
    """Run a command; exit code 0 when it did its work, 1 when what it looked at is not well, 2 when it could not."""
    try:
        app()
    except _MENDABLE as error:
        errors.print(f"[red]muara:[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
    except OSError as error:
        words = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        errors.print(f"[red]muara:[/red] {escape(words)}", soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
