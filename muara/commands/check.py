"""`muara check`: whether a home will work."""

from pathlib import Path

import typer

from muara.checking import examine
from muara.context import BusOption, HomeOption, JsonOption, StoreOption, run
from muara.finding import Finding
from muara.output import console, plain, print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    home: HomeOption = Path(), *, bus: BusOption = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Will it work? Configuration, recipes, secrets, key, servers, disk, ports, hubs. Exit code 1 if not."""
    found = run(examine(home.expanduser().resolve(), bus=bus, store=store))
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "words": f.words} for f in found])
    else:
        for finding in found:
            _show(finding)
    raise typer.Exit(0 if all(finding.ok for finding in found) else 1)


def _show(finding: Finding) -> None:
    mark = "[green]ok[/green]  " if finding.ok else "[red]no[/red]  "
    console.print(f"{mark}{plain(finding.what)}: {plain(finding.words)}", soft_wrap=True)
