"""`muara schemas`: the contract as JSON Schema."""

from pathlib import Path
from typing import Annotated

import typer

from muara.output import fail, say
from schemas.export import export

app = typer.Typer(help="The contract as JSON Schema.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `export` a subcommand although it is the only one."""


@app.command("export")
def export_schemas(folder: Annotated[Path, typer.Argument(help="Where to write; made when missing.")]) -> None:
    """Write a versioned JSON Schema of each message and event."""
    if folder.exists() and not folder.is_dir():
        fail(f"{folder} is a file: name a folder, which is made when it is missing")
    folder.mkdir(parents=True, exist_ok=True)
    for path in export(folder):
        say(str(path))
