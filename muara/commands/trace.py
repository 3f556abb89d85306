"""`muara trace`: what became of one message or complaint."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from muara.context import BusOption, HomeOption, JsonOption, StoreOption, find, run
from muara.ground import open_books
from muara.output import fail, print_json, say, table
from muara.story import Story, tell


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace")(trace)


def trace(
    subject: Annotated[str, typer.Argument(metavar="ID", help="Id of a message or of a complaint.")],
    home: HomeOption = Path(),
    *,
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """The whole story of a message or a complaint: accepted, understood, compared, sent, answered; by every service."""
    try:
        wanted = UUID(subject)
    except ValueError:
        fail(f"{subject!r} is no id: it looks like 5e1c2f0a-…, as `muara dead list`, the feed and the log show it")
    story, zone = run(_read(home, bus, store, wanted))
    if story is None:
        fail(f"nobody knows {wanted}: is it the id of a message or a complaint, and is this the home that took it?", 1)
    if as_json:
        print_json(_document(story))
        return
    rows = [
        (step.at.astimezone(zone).strftime("%d %b %H:%M:%S") if step.at else "", step.service, step.what, step.words)
        for step in story.steps
    ]
    table(f"{wanted} ({zone})", ("when", "service", "what", "details"), rows)
    say(story.fate)


def _document(story: Story) -> dict[str, object]:
    return {
        "id": str(story.subject),
        "fate": story.fate,
        "messages": [str(message) for message in story.messages],
        "complaints": [str(complaint) for complaint in story.complaints],
        "steps": [{**asdict(step), "at": step.at.isoformat() if step.at else None} for step in story.steps],
    }


async def _read(folder: Path, bus: str | None, store: str | None, subject: UUID) -> tuple[Story | None, ZoneInfo]:
    home, config = find(folder, bus=bus, store=store)
    async with open_books(home, config) as books:
        return await tell(books, subject), ZoneInfo(config.zone)
