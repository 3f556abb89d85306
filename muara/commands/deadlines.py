"""`muara hubs deadlines`: what is near the end of its working days at a hub, or has missed it."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from dispatcher.deadline_book import NearDeadline, near
from muara.context import BusOption, HomeOption, JsonOption, StoreOption, find, run
from muara.ground import open_books
from muara.home import FILE
from muara.output import fail, print_json, table
from runtime.clock import system_clock


def register(hubs: typer.Typer) -> None:
    """Add the command to those of the hubs."""
    hubs.command("deadlines")(deadlines)


def deadlines(
    home: HomeOption = Path(),
    *,
    hub: Annotated[str | None, typer.Option("--hub", help="This hub only; all by default.")] = None,
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Complaints whose step at a hub is near its last working day or has missed it, the oldest first."""
    found, zone = run(_near(home, hub, bus, store))
    if as_json:
        print_json(
            [
                {
                    "hub": each.hub,
                    "complaint_id": str(each.complaint_id),
                    "tracking_id": each.tracking_id,
                    "state": each.state,
                    "since": each.since.isoformat(),
                    "step": each.step,
                    "due": each.due.isoformat(),
                    "standing": _standing(each),
                }
                for each in found
            ]
        )
        return
    rows = [
        (f"{d.due.astimezone(zone):%Y-%m-%d}", _standing(d), d.step, d.hub, d.tracking_id, d.state, str(d.complaint_id))
        for d in found
    ]
    columns = ("due", "is", "step", "hub", "number there", "state", "complaint")
    table(f"{len(rows)} deadlines near or missed", columns, rows)


async def _near(
    folder: Path, hub: str | None, bus: str | None, store: str | None
) -> tuple[list[NearDeadline], ZoneInfo]:
    home, config = find(folder, bus=bus, store=store)
    if hub is not None and hub not in config.hubs:
        fail(f"there is no hub {hub!r} in {FILE}: use one of {', '.join(sorted(config.hubs)) or '(none)'}")
    async with open_books(home, config) as books:
        return await near(books.store, hub, system_clock()), ZoneInfo(config.zone)


def _standing(deadline: NearDeadline) -> str:
    return "missed" if deadline.missed else "approaching"
