"""How commands find their home and run their work."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from muara.config import FILE, Config, load_config
from muara.home import Home
from muara.output import fail

Result = TypeVar("Result")

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="MUARA_HOME", help="Folder with muara.yaml; made by `muara init`.", show_default="."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON, for scripts.")]


def find(folder: Path) -> tuple[Home, Config]:
    """The home and its configuration.

    Raises:
        DocumentError: the configuration is wrong.
    """
    folder = folder.expanduser().resolve()
    if not (folder / FILE).is_file():
        fail(f"{folder} has no {FILE}: make a home with `muara init {folder}`, or name one with --home")
    return Home(folder), load_config(folder)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work to its end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
