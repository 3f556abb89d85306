"""`muara trace`: what became of one message or complaint."""

from collections.abc import Sequence
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
from muara.subjects import SHORTEST, Candidate, candidates


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("trace")(trace)


def trace(
    named: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Id of a message, complaint or delivery, or its beginning; or a hub's number."
        ),
    ],
    home: HomeOption = Path(),
    *,
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """The whole story of a message or a complaint: accepted, understood, compared, sent, answered; by every service."""
    story, meant, zone = run(_read(home, bus, store, named.strip()))
    if story is None and meant:
        listed = "\n".join(f"  {each.subject}  {each.words}" for each in meant)
        fail(f"{named!r} may be one of these: give more of the id\n{listed}", 1)
    if story is None:
        fail(_unknown(named), 1)
    if as_json:
        print_json(_document(story))
        return
    rows = [
        (step.at.astimezone(zone).strftime("%d %b %H:%M:%S") if step.at else "", step.service, step.what, step.words)
        for step in story.steps
    ]
    table(f"{story.subject} ({zone})", ("when", "service", "what", "details"), rows)
    say(story.fate)


def _unknown(named: str) -> str:
    words = f"nobody knows {named!r}. Is this the home that took it? "
    if len(named) < SHORTEST:
        return words + f"Give {SHORTEST} digits of an id at least"
    return words + (
        "Ids stand in the feed, in `muara dead list` and in the logs; a hub's number is given as the hub wrote it. What"
        " another machine accepted while Kafka was away is in that machine's spool: ask there"
    )


def _document(story: Story) -> dict[str, object]:
    return {
        "id": str(story.subject),
        "fate": story.fate,
        "messages": [str(message) for message in story.messages],
        "complaints": [str(complaint) for complaint in story.complaints],
        "steps": [{**asdict(step), "at": step.at.isoformat() if step.at else None} for step in story.steps],
    }


async def _read(
    folder: Path, bus: str | None, store: str | None, named: str
) -> tuple[Story | None, Sequence[Candidate], ZoneInfo]:
    home, config = find(folder, bus=bus, store=store)
    async with open_books(home, config) as books:
        meant = await candidates(books, named)
        subject = meant[0].subject if len(meant) == 1 else None
        if not meant:
            subject = _whole(named)  # a message that only the log or the spool knows
        return await tell(books, subject) if subject else None, meant, ZoneInfo(config.zone)


def _whole(named: str) -> UUID | None:
    try:
        return UUID(named)
    except ValueError:
        return None
