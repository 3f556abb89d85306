"""`muara init`: a home."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from muara.home import FILE, Home
from muara.output import console, fail, say
from muara.template import TEMPLATE
from runtime.sealing.keyfile import load_sealer, make_key
from schemas.base import Slug


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to make it.")] = Path(),
    agency: Annotated[str, typer.Option(help="Slug of the agency that runs this Muara; it never changes.")] = "kota",
) -> None:
    """Make a home: muara.yaml, a folder for recipes of your own, and the master key."""
    try:
        TypeAdapter[str](Slug).validate_python(agency)
    except ValidationError:
        fail(f"--agency {agency!r} is no slug: write lower-case letters, digits, `-` and `_`, such as dinas-pu")
    folder = folder.expanduser().resolve()
    if folder.exists() and not folder.is_dir():
        fail(f"{folder} is a file: name a folder, which is made when it is missing")
    if (folder / FILE).exists():
        fail(f"{folder} is a home already: {FILE} is there, and is not overwritten")
    if (folder / "data").exists():
        fail(f"{folder / 'data'} is there, but {FILE} is not: restore {FILE} from its backup, or name another folder")
    home = Home(folder)
    (folder / "channels").mkdir(parents=True, exist_ok=True)
    try:
        make_key(home.key)
    except FileExistsError:
        say(f"{home.key} is there already and stays")
    sealer = load_sealer(home.key)  # the file's own, whatever the environment holds
    with (folder / FILE).open("x", encoding="utf-8") as file:
        file.write(TEMPLATE.replace("AGENCY", agency))
    say(f"made {folder}")
    say(f"  {FILE}      what comes from where, and goes where: edit this")
    say("  channels/       recipes of your own")
    say(f"  master.key      key {sealer.key_id}: seals everything personal")
    console.print("[bold]Back the key up now[/bold], apart from the data: print it, or put it into a password safe.")
    say("Without it nothing that was sealed can ever be read; whoever has it and the data can read everything.")
    say(f"Next: muara check --home {folder}")
