"""`muara keys`: who may read the feed."""

from typing import Annotated

import typer

from muara.output import say
from portal.keys import make_key

app = typer.Typer(help="Keys to the feed.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `new` a subcommand although it is the only one."""


@app.command("new")
def new(name: Annotated[str, typer.Argument(help="Whose key it is, for people.")]) -> None:
    """Make a key. It is shown once; muara.yaml gets only its hash."""
    key, entry = make_key(name)
    say("Give this to its owner; it cannot be shown again:")
    say(f"  {key}")
    say("Add this to muara.yaml under `keys:`")
    say(f"  - {{id: {entry.id}, name: {entry.name!r}, sha256: {entry.sha256}}}")
