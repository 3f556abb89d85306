"""`muara dead`: what could not be understood or was refused, and what to do with it."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dispatcher import queries as dispatcher
from muara.commanding import command
from muara.config import Config
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import Books, open_books
from muara.home import Home
from muara.output import fail, print_json, say, table
from muara.storage import open_objects
from normalizer import queries as normalizer
from runtime.objects.protocol import ObjectMissing
from runtime.sealing.protocol import SealingError
from schemas.raw import RawComplaint

app = typer.Typer(help="Dead letters: what could not be understood, or was refused by a hub.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids as `dead list` shows them.")]
Limit = Annotated[int, typer.Option(min=1, help="Show at most so many.")]
All = Annotated[bool, typer.Option("--all", help="Every dead letter.")]


@app.command("list")
def list_dead(home: HomeOption = Path(), *, limit: Limit = 100, as_json: JsonOption = False) -> None:
    """The newest dead letters, with their reasons."""
    found = run(_list(home, limit))
    if as_json:
        print_json(found)
        return
    columns = ("id", "stage", "channel", "where", "since", "reason")
    rows = [
        (d["id"], d["stage"], d["channel"], d["where"] or d["source"], str(d["since"])[:19], d["reason"]) for d in found
    ]
    table(f"{len(rows)} dead letters", columns, rows)


@app.command("show")
def show(
    message: Annotated[str, typer.Argument(help="Id of the dead letter.")],
    home: HomeOption = Path(),
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Also the original, with all that it says of people.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One dead letter, whole."""
    found = run(_show(home, _id(message), clear=clear))
    if found is None:
        fail(f"there is no dead letter {message}; `muara dead list` shows those that there are")
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        say(f"{name:>12}  {value}")


@app.command("replay")
def replay(ids: Ids = None, home: HomeOption = Path(), *, everything: All = False) -> None:
    """Send dead letters through again, after their cause was mended. Twice is harmless."""
    _order("replay", ids, home, everything=everything)


@app.command("discard")
def discard(
    ids: Ids = None,
    home: HomeOption = Path(),
    *,
    everything: All = False,
    reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None,
) -> None:
    """Give dead letters up. They count as ignored from then on."""
    _order("discard", ids, home, everything=everything, reason=reason)


def _order(action: str, ids: list[str] | None, home: Path, *, everything: bool, reason: str | None = None) -> None:
    if bool(ids) == everything:
        fail(f"name the dead letters to {action}, or say --all")
    count = run(_send(home, action, None if everything else [_id(each) for each in ids or []], reason))
    say(f"{count} to {action}: a running Muara obeys within a second, one that starts later when it starts")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id; `muara dead list` shows the ids")


async def _list(folder: Path, limit: int) -> list[dict[str, object]]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        return await _found(books, limit)


async def _found(books: Books, limit: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "id": str(row.message_id),
            "stage": "normalizer",
            "channel": row.channel,
            "source": row.source,
            "agency": row.agency,
            "where": row.provenance,
            "since": row.died_at,
            "attempt": row.attempt,
            "reason": row.reason,
        }
        for row in await normalizer.dead_letters(books.store, limit)
    ]
    rows += [
        {
            "id": str(row.delivery_id),
            "stage": "dispatcher",
            "channel": row.channel,
            "source": row.hub,
            "agency": row.agency,
            "where": None,
            "since": row.since,
            "attempt": row.attempts,
            "reason": row.reason,
        }
        for row in await dispatcher.waiting_for_a_person(books.store, limit)
    ]
    return sorted(rows, key=lambda row: str(row["since"]), reverse=True)[:limit]


async def _show(folder: Path, subject: UUID, *, clear: bool) -> dict[str, object] | None:
    home, config = find(folder)
    async with open_books(home, config) as books:
        found = next((row for row in await _found(books, 100_000) if row["id"] == str(subject)), None)
        letter = await normalizer.dead_letter(books.store, subject)
        if found is None or letter is None:
            return found
        if clear:
            found["original"] = await _original(home, config, letter.raw)
        return found


async def _original(home: Home, config: Config, stored: bytes) -> str:
    sealer = home.sealer()
    try:
        raw = RawComplaint.model_validate_json(stored)
        if raw.payload is not None:
            payload = sealer.open(raw.payload, subject=str(raw.message_id), field="payload")
        else:
            payload = await open_objects(home, config, sealer).get(raw.payload_object or "")
    except (SealingError, ObjectMissing, ValueError) as error:
        return f"(it cannot be opened: {error})"
    text = payload.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else json.dumps(text, ensure_ascii=False)[1:-1]


async def _send(folder: Path, action: str, ids: list[UUID] | None, reason: str | None) -> int:
    home, config = find(folder)
    async with open_books(home, config) as books:
        known = {str(row["id"]) for row in await _found(books, 1_000_000)}
        wanted = known if ids is None else {str(each) for each in ids}
        if strangers := sorted(wanted - known):
            fail(f"there is no dead letter {strangers[0]}; `muara dead list` shows those that there are")
        for each in sorted(wanted):
            await command(books.bus, action, each, reason=reason)
        return len(wanted)
