"""`muara reconcile`: what we have noted of a hub, beside what the hub itself lists."""

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dispatcher.asking import NotListed, listing, noted, receipts
from dispatcher.client import HubClient
from dispatcher.hub import BadHub, Hub
from dispatcher.reconciling import Asked, Difference, compare, count, mended_by, stuck
from muara.commanding import command
from muara.context import BusOption, HomeOption, JsonOption, StoreOption, find, run
from muara.ground import Books, open_books
from muara.home import FILE
from muara.output import USAGE, errors, fail, plain, print_json, say, table
from muara.parts import build_hubs
from runtime.bus.protocol import Record
from runtime.clock import system_clock

REASON = "reconciliation: the hub lists it"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile")(reconcile)


@dataclass(slots=True)
class Compared:
    """What came of one hub."""

    hub: str
    listed: int | None = 0
    """Reports that the hub lists; None: its profile has no listing, and only what is stuck here can be told."""
    differences: list[Difference] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    fault: str | None = None
    """Why it could not be asked."""

    def view(self) -> dict[str, Any]:
        """For scripts."""
        rows = [
            {
                "kind": each.kind,
                "tracking_id": each.tracking_id,
                "complaint": each.complaint_id,
                "delivery": each.delivery_id,
                "sentence": each.sentence,
                "repairable": each.adopt is not None or each.hear is not None,
            }
            for each in self.differences
        ]
        counts = count(self.differences)
        return {"hub": self.hub, "listed": self.listed, "fault": self.fault, "counts": counts,
                "differences": rows, "ordered": self.ordered}  # fmt: skip


def reconcile(
    hub: Annotated[str | None, typer.Option("--hub", help="This hub only; all by default.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only what was to go there since then."),
    ] = None,
    home: HomeOption = Path(),
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Order what can safely be mended; a running Muara obeys.")
    ] = False,
    stuck_after: Annotated[
        float, typer.Option(min=0, help="Hours after which what is not delivered counts as stuck.")
    ] = 1.0,
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Does each hub have what we noted? Exit code 0: nothing differs; 1: something does; 2: one could not be asked."""
    found = run(_reconcile(home, hub, since, timedelta(hours=stuck_after), bus=bus, store=store, repair=repair))
    if as_json:
        print_json({"hubs": [each.view() for each in found]})
    else:
        for each in found:
            _show(each)
    if any(each.fault for each in found):
        raise typer.Exit(USAGE)
    raise typer.Exit(1 if any(each.differences for each in found) else 0)


async def _reconcile(
    folder: Path,
    only: str | None,
    since: datetime | None,
    stuck_after: timedelta,
    *,
    bus: str | None,
    store: str | None,
    repair: bool,
) -> list[Compared]:
    home, config = find(folder, bus=bus, store=store)
    hubs = build_hubs(home, config)
    if only is not None and only not in hubs:
        fail(f"there is no hub {only!r} in {FILE}: use one of {', '.join(sorted(hubs)) or '(none)'}")
    start = None if since is None else since.replace(tzinfo=ZoneInfo(config.zone))
    found = []
    async with AsyncExitStack() as stack:
        books = await stack.enter_async_context(open_books(home, config))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        bar = stack.enter_context(Progress(*columns, console=errors, transient=True))
        for name in [only] if only is not None else list(hubs):
            asked = Asked(name, system_clock(), hubs[name].profile.model.statuses, start, stuck_after)
            task = bar.add_task(f"asking {name}", total=await receipts(books.store, name) or None)

            def progress(number: int, task: Any = task) -> None:  # noqa: ANN401 an id of rich's
                bar.update(task, completed=number)

            compared = await _compared(asked, hubs[name], books, progress)
            if repair:
                await _repair(compared, hubs[name], books)
            found.append(compared)
    return found


async def _compared(asked: Asked, hub: Hub, books: Books, progress: Callable[[int], None]) -> Compared:
    if "listing" not in hub.profile.templates:
        return Compared(asked.hub, None, stuck(asked, await noted(books.store, asked.hub)))
    try:
        hub.check(asked.hub)
        async with HubClient(hub, system_clock, ssl.create_default_context) as client:
            listed = await listing(hub, client, since=asked.since, progress=progress)
    except (BadHub, NotListed) as error:
        return Compared(asked.hub, fault=str(error))
    # Ours is read after the hub's, so that everything that it lists can be known here.
    return Compared(asked.hub, len(listed), compare(asked, listed, await noted(books.store, asked.hub)))


async def _repair(compared: Compared, hub: Hub, books: Books) -> None:
    for each in compared.differences:
        if each.adopt is not None:
            await command(books.bus, "adopt", str(each.delivery_id), target=each.adopt, reason=REASON)
            compared.ordered.append(f"delivery {each.delivery_id} adopts the hub's number {each.adopt}")
        elif (event := mended_by(each, hub.profile.model.statuses, system_clock())) is not None:
            await books.bus.publish(event.topic, [Record(event.key, event.value)])
            compared.ordered.append(f"complaint {each.complaint_id} hears what the hub says of {each.tracking_id}")


def _show(compared: Compared) -> None:
    if compared.fault is not None:
        errors.print(f"[red]{plain(compared.hub)} could not be asked:[/red] {plain(compared.fault)}", soft_wrap=True)
        return
    counts = count(compared.differences)
    if compared.differences:
        rows = [
            (each.kind, each.tracking_id or "", str(each.complaint_id or ""), each.sentence)
            for each in compared.differences
        ]
        table(f"{compared.hub}: what differs", ("kind", "hub's number", "complaint", "what it is"), rows)
    told = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number) or "nothing differs"
    if compared.listed is None:
        here = f"{len(compared.differences) or 'nothing'} stuck here"
        told = f"its profile has no `listing:`, so what it has cannot be compared; {here}"
    else:
        told = f"{compared.listed} listed, {told}"
    say(f"{compared.hub}: {told}")
    for line in compared.ordered:
        say(f"ordered: {line}")
    if compared.ordered:
        say("a running Muara obeys within a second, one that starts later when it starts")
