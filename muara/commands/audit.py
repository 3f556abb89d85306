"""`muara audit`: the ledger."""

from pathlib import Path

import typer

from muara.audit import Audit
from muara.audit import audit as count
from muara.context import BusOption, HomeOption, JsonOption, StoreOption, find, run
from muara.ground import open_books
from muara.output import console, plain, print_json, say, table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    home: HomeOption = Path(),
    *,
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    verbose: bool = False,
) -> None:
    """Is every message accounted for? Exit code 0 when the ledger balances, 1 when it does not."""
    found = run(_count(home, bus, store))
    if as_json:
        print_json(
            {
                **found.terms,
                "balanced": found.balanced,
                "checks": [{"name": c.name, "left": c.left, "right": c.right, "holds": c.holds} for c in found.checks],
                "faults": list(found.faults),
            }
        )
    else:
        show(found, verbose=verbose)
    raise typer.Exit(0 if found.balanced else 1)


def show(found: Audit, *, verbose: bool = False) -> None:
    """The equations that do not hold (all with `verbose`), and the ledger's line."""
    shown = [c for c in found.checks if verbose or not c.holds]
    if shown:
        rows = [(c.name, c.left, c.right, "ok" if c.holds else f"off by {c.left - c.right:+d}") for c in shown]
        table("Ledger", ("equation", "left", "right", ""), rows)
    for fault in found.faults:
        console.print(f"[red]fault:[/red] {plain(fault)}", soft_wrap=True)
    say(found.line())


async def _count(folder: Path, bus: str | None, store: str | None) -> Audit:
    home, config = find(folder, bus=bus, store=store)
    async with open_books(home, config) as books:
        return await count(books)
