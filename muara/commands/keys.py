"""`muara keys`: who may read the feed."""

import json
from typing import Annotated

import typer
from pydantic import ValidationError

from muara.output import fail, say
from portal.keys import make_key

app = typer.Typer(help="Keys to the feed.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `new` a subcommand although it is the only one."""


@app.command("new")
def new(name: Annotated[str, typer.Argument(help="Whose key it is, for people.")]) -> None:
    """Make a key. It is shown once; muara.yaml gets only its hash."""
    try:
        key, entry = make_key(name)
    except ValidationError:
        fail("a key's name has 1 to 200 characters: say whose it is")
    say("Give this to its owner; it cannot be shown again:")
    say(f"  {key}")
    say("Add this to muara.yaml under `keys:`")
    # All in quotes: an id such as 12345e678901 would else be a number.
    say(f"  - {json.dumps(entry.model_dump(exclude_none=True), ensure_ascii=False)}")
