"""How commands find their home and run their work."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from pydantic import ValidationError

from muara.config import BUS, STORE, Config, load_config
from muara.home import FILE, Home
from muara.output import fail

Result = TypeVar("Result")

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="MUARA_HOME", help="Folder with muara.yaml; made by `muara init`.", show_default="."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON, for scripts.")]


BusOption = Annotated[
    str | None, typer.Option("--bus", envvar=BUS, help="The log: kafka://host:9092; a file of the home by default.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar=STORE,
        help="The tables: postgresql+asyncpg://user@host/db; a file of the home by default.",
    ),
]


def find(folder: Path, *, bus: str | None = None, store: str | None = None) -> tuple[Home, Config]:
    """The home and its configuration; `bus` and `store`, or the environment's, outrank the file's.

    Raises:
        DocumentError: the configuration is wrong.
    """
    folder = folder.expanduser().resolve()
    if not (folder / FILE).is_file():
        fail(f"{folder} has no {FILE}: make a home with `muara init {folder}`, or name one with --home")
    return Home(folder), outranked(load_config(folder), bus=bus, store=store)


def outranked(config: Config, *, bus: str | None = None, store: str | None = None) -> Config:
    """The configuration with another log or store: as given, or as the environment says."""
    given = {"bus": bus or os.environ.get(BUS), "store": store or os.environ.get(STORE)}
    try:
        fields = {name: getattr(config, name) for name in Config.model_fields}
        return Config.model_validate(fields | {name: url for name, url in given.items() if url})
    except ValidationError:
        fail(
            "the log is named as kafka://host:9092 (or kafka+tls://…) and the store as"
            f" postgresql+asyncpg://user@host/database: look at --bus, --store, {BUS} and {STORE}"
        )


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work to its end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
