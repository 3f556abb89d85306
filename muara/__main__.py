"""The command line: `muara`."""

import errno
import platform
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from connectors.checks import BadSources
from connectors.smtp.receiver import PortUnavailable
from connectors.transports import BadTransport
from dispatcher.hub import BadHub
from muara.commands import (
    audit,
    channels,
    dead,
    deadlines,
    dedup,
    demo,
    drafts,
    hubs,
    importing,
    keys,
    lag,
    media,
    parked,
    reconcile,
    recording,
    review,
    schemas,
    serve,
    setup,
    sources,
    trace,
)
from muara.ground import HomeUnusable
from muara.output import errors, plain
from normalizer.understanding.tables import RulesError
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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"muara {version('muara')}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What can be said before a command."""


for module in (demo, setup, serve, audit, trace, lag, reconcile, importing):
    module.register(app)
_GROUPS = {
    "channels": channels,
    "sources": sources,
    "dead": dead,
    "media": media,
    "review": review,
    "dedup": dedup,
    "hubs": hubs,
    "schemas": schemas,
    "keys": keys,
}
for name, group in _GROUPS.items():
    app.add_typer(group.app, name=name)

drafts.register(channels.app)
recording.register(channels.app)
hubs.app.add_typer(parked.app, name="parked")
hubs.app.command("adopt")(parked.adopt)
hubs.app.command("deadlines")(deadlines.deadlines)

_MENDABLE = (
    BadHub,
    BadSources,
    BadTransport,
    BusUnavailable,
    CannotListen,
    DocumentError,
    HomeUnusable,
    ObjectsUnavailable,
    PortUnavailable,
    RulesError,
    SealingError,
    StoreUnavailable,
)
"""What a person can mend: said in words, without a traceback."""


def main() -> None:
    """Run a command; exit code 0 when it did its work, 1 when what it looked at is not well, 2 when it could not."""
    try:
        app(prog_name="muara")
    except _MENDABLE as error:
        errors.print(f"[red]muara:[/red] {plain(str(error))}", soft_wrap=True)
        sys.exit(2)
    except OSError as error:
        errors.print(f"[red]muara:[/red] {plain(_explained(error))}", soft_wrap=True)
        sys.exit(2)


_REMEDIES = {
    errno.EACCES: "give this user the right to read and write there",
    errno.EPERM: "give this user the right to read and write there",
    errno.EROFS: "the disk is mounted read-only: mount it for writing, or name a home elsewhere",
    errno.ENOSPC: "the disk is full: free some space; nothing accepted so far is lost",
    errno.EDQUOT: "this user's share of the disk is full: free some space; nothing accepted so far is lost",
    errno.ENOTDIR: "a part of this path is a file: name a folder",
    errno.EISDIR: "this is a folder: name a file",
    errno.ENOENT: "make it, or correct the path",
}


def _explained(error: OSError) -> str:
    words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{words}; {remedy}" if remedy else words


if __name__ == "__main__":
    main()
