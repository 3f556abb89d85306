"""`muara hubs parked`, `muara hubs adopt`: what a hub may have, and what it is known to have."""

import csv
import io
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dispatcher import queries
from dispatcher.queries import Evidence
from muara.commanding import command
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import Books, open_books
from muara.output import fail, print_json, say, table
from runtime.sealing.protocol import Sealing, SealingError

app = typer.Typer(
    help="Deliveries of which nobody can tell whether the hub has them. Nothing is sent again by itself.",
    no_args_is_help=True,
)
Id = Annotated[str, typer.Argument(help="Id of the delivery, as `muara hubs parked list` shows it.")]
_OBEYED = "a running Muara obeys within a second, one that starts later when it starts"


def register(hubs: typer.Typer) -> None:
    """Add the commands to those of the hubs."""
    hubs.add_typer(app, name="parked")
    hubs.command("adopt")(adopt)


@app.command("list")
def list_parked(
    home: HomeOption = Path(),
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """The newest parked deliveries, with the reasons."""
    found = run(_list(home, limit))
    if as_json:
        print_json(found)
        return
    columns = ("id", "hub", "complaint", "agency", "since", "reason")
    rows = [(p["id"], p["hub"], p["complaint"], p["agency"], str(p["since"])[:19], p["reason"]) for p in found]
    table(f"{len(rows)} parked deliveries", columns, rows)


@app.command("show")
def show(
    delivery: Id,
    home: HomeOption = Path(),
    *,
    clear: Annotated[
        bool, typer.Option("--clear", help="Also what was sent and answered, with all that it says of people.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """One delivery with its evidence: what was sent, when, how often, and what came back."""
    found = run(_show(home, _id(delivery), clear=clear))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        say(f"{name:>10}  {value}")


@app.command("resolve")
def resolve(
    delivery: Id,
    home: HomeOption = Path(),
    *,
    receipt: Annotated[str | None, typer.Option(help="The hub has it, under this number.")] = None,
    again: Annotated[bool, typer.Option("--again", help="The hub does not have it: send it.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Leave it; it counts as withheld.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None,
) -> None:
    """Say what became of a parked delivery, after a look at the hub."""
    if sum((receipt is not None, again, give_up)) != 1:
        fail("say one of --receipt NUMBER (the hub has it), --again (it does not), --give-up")
    action = "adopt" if receipt is not None else "replay" if again else "discard"
    run(_resolve(home, _id(delivery), action, receipt, reason))
    say(f"1 to {action}: {_OBEYED}")


def adopt(
    file: Annotated[Path, typer.Argument(help="CSV with the columns complaint_id and tracking_id.")],
    hub: Annotated[str, typer.Option("--hub", help="The hub that has them.")],
    home: HomeOption = Path(),
) -> None:
    """Note the hub's numbers of complaints that it already has: they are never sent. All rows, or none."""
    numbers = _read(file)
    run(_adopt(home, hub, numbers))
    say(f"{len(numbers)} to adopt: {_OBEYED}")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id; `muara hubs parked list` shows the ids")


def _read(file: Path) -> dict[UUID, str]:
    try:
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    except (UnicodeDecodeError, csv.Error) as error:
        fail(f"{file} is no CSV in UTF-8: {error}")
    if not rows or not {"complaint_id", "tracking_id"} <= rows[0].keys():
        fail(f"{file} needs a first line that names the columns complaint_id and tracking_id, and rows below it")
    found: dict[UUID, str] = {}
    for line, row in enumerate(rows, 2):
        try:
            complaint = UUID((row["complaint_id"] or "").strip())
        except ValueError:
            fail(f"{file}:{line}: {row['complaint_id']!r} is no id of a complaint; nothing was adopted")
        number = (row["tracking_id"] or "").strip()
        if not number:
            fail(f"{file}:{line}: the tracking_id is missing; nothing was adopted")
        if found.setdefault(complaint, number) != number:
            fail(f"{file}:{line}: {complaint} stands there twice, with different numbers; nothing was adopted")
    return found


async def _list(folder: Path, limit: int) -> list[dict[str, object]]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        return [
            {
                "id": str(row.delivery_id),
                "hub": row.hub,
                "complaint": str(row.complaint_id),
                "channel": row.channel,
                "agency": row.agency,
                "attempts": row.attempts,
                "since": row.since,
                "reason": row.reason,
            }
            for row in await queries.waiting_for_a_person(books.store, limit, states=("parked",))
        ]


async def _show(folder: Path, delivery: UUID, *, clear: bool) -> dict[str, object]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        found = await _parked(books, delivery)
    shown: dict[str, object] = {
        "id": str(found.delivery_id),
        "complaint": str(found.complaint_id),
        "hub": found.hub,
        "kind": found.kind,
        "attempts": found.attempts,
        "since": found.since,
        "reason": found.reason,
    }
    if clear:
        sealer = home.sealer()
        shown |= {field: _open(sealer, found, field) for field in ("request", "answer")}
    return shown


def _open(sealing: Sealing, found: Evidence, field: str) -> str:
    sealed = found.request if field == "request" else found.answer
    if sealed is None:
        return "none"
    try:
        return sealing.open(sealed, subject=str(found.delivery_id), field=field).decode("utf-8", "backslashreplace")
    except SealingError as error:
        return f"(it cannot be opened: {error})"


async def _resolve(folder: Path, delivery: UUID, action: str, receipt: str | None, reason: str | None) -> None:
    home, config = find(folder)
    async with open_books(home, config) as books:
        found = await _parked(books, delivery)
        if receipt is not None and found.kind != "create":
            fail(f"this is an {found.kind} of a complaint that has a number: say --again or --give-up")
        await command(books.bus, action, str(delivery), target=receipt, reason=reason)


async def _parked(books: Books, delivery: UUID) -> Evidence:
    found = await queries.evidence(books.store, delivery)
    if found is None:
        fail(f"there is no delivery {delivery}; `muara hubs parked list` shows those that are parked")
    if found.state != "parked":
        fail(f"delivery {delivery} is not parked: it is {found.state}")
    return found


async def _adopt(folder: Path, hub: str, numbers: dict[UUID, str]) -> None:
    home, config = find(folder)
    if hub not in config.hubs:
        fail(f"there is no hub {hub!r} in muara.yaml: {', '.join(sorted(config.hubs)) or 'none at all'}")
    async with open_books(home, config) as books:
        first = await queries.first_deliveries(books.store, hub, numbers)
        for complaint in numbers:
            if complaint not in first:
                fail(f"complaint {complaint} is not known, or was never to go to {hub}; nothing was adopted")
            if first[complaint].state not in ("pending", "withheld", "parked", "rejected"):
                fail(f"complaint {complaint} is {first[complaint].state} at {hub} already; nothing was adopted")
        for complaint, number in numbers.items():
            await command(books.bus, "adopt", str(first[complaint].delivery_id), target=number)
