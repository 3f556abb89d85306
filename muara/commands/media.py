"""`muara media`: files that messages only name, and what became of them."""

from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer

from connectors.media import migrations, queries
from connectors.media.queries import WantedFile
from connectors.media.reviving import GIVEN_UP
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import Books, begun, open_books
from muara.output import fail, print_json, say, table
from runtime.bus.protocol import Record
from runtime.sealing.protocol import Sealing
from schemas.events import MediaWanted
from schemas.topics import WANTED

app = typer.Typer(help="Files that messages only name: those that cannot be had, and why.", no_args_is_help=True)

_WAITING = ("pending", "leased")
_STATES = {
    "delivered": "fetched",
    "rejected": "refused",
    "parked": "given up",
    "pending": "waiting",
    "leased": "being fetched",
}


@app.command("list")
def list_files(
    home: HomeOption = Path(),
    *,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Those that are still to be fetched.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """The newest files that were refused or given up, with the reasons."""
    found = run(_list(home, _WAITING if waiting else GIVEN_UP, source, limit))
    if as_json:
        print_json(found)
        return
    columns = ("id", "source", "state", "tries", "since", "reason")
    rows = [
        (each["id"], each["source"], each["state"], each["attempts"], str(each["since"])[:19], each["reason"] or "")
        for each in found
    ]
    table(f"{len(rows)} files", columns, rows)


@app.command("show")
def show(
    file: Annotated[str, typer.Argument(help="Id of the file, as `muara media list` shows it.")],
    home: HomeOption = Path(),
    *,
    clear: Annotated[
        bool, typer.Option("--clear", help="Also its address or the provider's id, which may open it to whoever reads.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """One file: which message named it, where it stands, and why."""
    found = run(_show(home, _id(file), clear=clear))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        say(f"{name:>12}  {value}")


@app.command("retry")
def retry(
    files: Annotated[list[str] | None, typer.Argument(help="Ids as `muara media list` shows them.")] = None,
    home: HomeOption = Path(),
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up or refused.")] = False,
    source: Annotated[str | None, typer.Option(help="With --all: only those of this source.")] = None,
) -> None:
    """Try files again, after their cause was mended. Twice is harmless."""
    if bool(files) == everything:
        fail("name the files to retry, or say --all")
    if source is not None and not everything:
        fail("--source goes with --all")
    count = run(_retry(home, None if everything else [_id(each) for each in files or []], source))
    say(f"{count} to retry: a running Muara obeys within a second, one that starts later when it starts")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id; `muara media list` shows the ids")


async def _list(folder: Path, states: tuple[str, ...], source: str | None, limit: int) -> list[dict[str, object]]:
    home, config = find(folder)
    _known(source, config.sources)
    async with open_books(home, config) as books:
        if not await begun(books.store, migrations.SERVICE):
            return []
        return [_shown(each) for each in await queries.files(books.store, states, source=source, limit=limit)]


async def _show(folder: Path, ident: UUID, *, clear: bool) -> dict[str, object]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        found = await _one(books, ident)
    job = found.job(home.sealer())
    shown = _shown(found) | {
        "message": str(job.message_id) if job else None,
        "number": job.number if job else None,
        "declared": job.declared if job else None,
        "next_try": found.next_at if found.state in _WAITING else None,
        "object": found.object,
    }
    if clear:
        shown["reference"] = job.reference if job else "(it cannot be opened with this key)"
    return shown


async def _retry(folder: Path, ids: list[UUID] | None, source: str | None) -> int:
    home, config = find(folder)
    _known(source, config.sources)
    async with open_books(home, config) as books:
        if ids is not None:
            chosen = [await _one(books, ident) for ident in dict.fromkeys(ids)]
            for each in chosen:
                if each.state not in GIVEN_UP:
                    state = _STATES.get(each.state, each.state)
                    fail(f"file {each.id} was not given up: it is {state}; nothing is retried")
        elif await begun(books.store, migrations.SERVICE):
            chosen = await queries.files(books.store, GIVEN_UP, source=source)
        else:
            chosen = []
        records = [_request(each, home.sealer()) for each in chosen]
        if records:
            await books.bus.publish(WANTED.name, records)
    return len(records)


def _request(file: WantedFile, sealing: Sealing) -> Record:
    job = file.job(sealing)
    if job is None:
        fail(f"what file {file.id} was cannot be opened with this key; nothing is retried")
    message = str(job.message_id)
    event = MediaWanted(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        origin="operator",
        message_id=job.message_id,
        number=job.number,
        source=file.source,
        reference=sealing.seal(job.reference.encode(), subject=message, field="reference"),
        media_type=job.declared,
        again=True,
    )
    return Record(message, event.model_dump_json().encode())


async def _one(books: Books, ident: UUID) -> WantedFile:
    begins = await begun(books.store, migrations.SERVICE)
    found = await queries.file(books.store, ident) if begins else None
    if found is None:
        fail(f"there is no file {ident}; `muara media list` shows those that were given up")
    return found


def _known(source: str | None, sources: Container[str]) -> None:
    if source is not None and source not in sources:
        fail(f"there is no source {source!r} in muara.yaml")


def _shown(file: WantedFile) -> dict[str, object]:
    return {
        "id": str(file.id),
        "source": file.source,
        "state": _STATES.get(file.state, file.state),
        "attempts": file.attempts,
        "since": file.ended_at or file.asked_at,
        "reason": file.reason,
    }
