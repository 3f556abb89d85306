"""`muara hubs`: where complaints go, and an operator's hand on the tap."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dispatcher import queries
from muara.commanding import command
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import open_books
from muara.output import fail, print_json, say, table

app = typer.Typer(help="Hubs: what they have, and whether anything goes there.", no_args_is_help=True)

Hub = Annotated[str, typer.Argument(help="The hub's name in muara.yaml.")]


@app.command("list")
def list_hubs(home: HomeOption = Path(), *, as_json: JsonOption = False) -> None:
    """Each hub: its mode, whether it is stopped or paused, and its deliveries by state."""
    found = run(_list(home))
    if as_json:
        print_json(found)
        return
    rows = [(h["hub"], h["mode"], h["halted"] or "", h["deliveries"]) for h in found]
    table(f"{len(rows)} hubs", ("hub", "mode", "nothing is sent because", "deliveries"), rows)


@app.command("approve")
def approve(
    subjects: Annotated[list[str], typer.Argument(help="Ids of complaints or deliveries, or `all`.")],
    home: HomeOption = Path(),
) -> None:
    """Let what a hub in mode `approve` holds back go."""
    wanted = ["all" if subject == "all" else str(_id(subject)) for subject in subjects]
    run(_approve(home, wanted))
    say("approved; a running Muara sends within a second")


@app.command("pause")
def pause(
    hub: Hub, home: HomeOption = Path(), *, reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None
) -> None:
    """Send nothing more to a hub until `resume`. Nothing is lost meanwhile."""
    run(_order(home, "pause", hub, reason))
    say(f"{hub}: paused as soon as a running Muara sees it")


@app.command("resume")
def resume(hub: Hub, home: HomeOption = Path()) -> None:
    """Send again to a hub that was paused, or that stopped because it refused our credentials."""
    run(_order(home, "resume", hub, None))
    say(f"{hub}: resumed as soon as a running Muara sees it")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id: name complaints or deliveries by their ids, or say `all`")


async def _list(folder: Path) -> list[dict[str, object]]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        states = {each.hub: each for each in await queries.hubs(books.store)}
    return [
        {
            "hub": name,
            "profile": each.profile,
            "mode": each.mode,
            "url": each.url,
            "halted": states[name].halted if name in states else None,
            "deliveries": dict(states[name].deliveries) if name in states else {},
        }
        for name, each in config.hubs.items()
    ]


async def _approve(folder: Path, subjects: list[str]) -> None:
    home, config = find(folder)
    async with open_books(home, config) as books:
        ids = {UUID(subject) for subject in subjects if subject != "all"}
        if strangers := sorted(map(str, ids - await queries.known(books.store, ids))):
            fail(
                f"{', '.join(strangers)}: no complaint or delivery has this id; nothing was approved"
                " (`muara hubs list` shows how many wait)"
            )
        for subject in subjects:
            await command(books.bus, "approve", subject)


async def _order(folder: Path, action: str, subject: str, reason: str | None) -> None:
    home, config = find(folder)
    if action in ("pause", "resume") and subject not in config.hubs:
        fail(f"there is no hub {subject!r} in muara.yaml: use one of {', '.join(sorted(config.hubs)) or '(none)'}")
    async with open_books(home, config) as books:
        await command(books.bus, action, subject, reason=reason)
