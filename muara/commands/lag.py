"""`muara lag`: how far each service is behind the log."""

from dataclasses import asdict
from pathlib import Path

import typer

from muara.context import BusOption, HomeOption, JsonOption, StoreOption, find, run
from muara.ground import HomeUnusable, open_books
from muara.lag import Lag, Waiting, lags, waiting
from muara.output import console, plain, print_json, say, table
from muara.parts import build_sources, used_channels


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lag")(lag)


def lag(
    home: HomeOption = Path(), *, bus: BusOption = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """How far is each service behind the log, partition by partition? Also what waits on this machine for the log."""
    found, spool = run(_read(home, bus, store))
    if as_json:
        print_json(
            {
                "partitions": [{**asdict(each), "behind": each.behind} for each in found],
                "spool": {**asdict(spool), "faults": list(spool.faults)},
            }
        )
        return
    on_kafka = any(each.member or each.committed is not None for each in found)
    columns = ["service", "topic", "partition", "start", "end", "position", "behind", "oldest"]
    columns += ["group's offset", "member"] if on_kafka else []
    rows = [_row(each, on_kafka=on_kafka) for each in found]
    table("Lag", columns, rows)
    idle = sorted({each.service for each in found if on_kafka and each.behind and each.member is None})
    for service in idle:
        console.print(
            f"[yellow]nobody reads[/yellow] some of what the {service} should: is one running, and are there enough?"
        )
    for fault in spool.faults:
        console.print(f"[red]fault:[/red] {plain(fault)}", soft_wrap=True)
    age = f", the oldest for {_seconds(spool.oldest_seconds)}" if spool.oldest_seconds is not None else ""
    say(f"behind: {sum(each.behind for each in found)} records; spool: {spool.records} records wait for the log{age}")


def _row(each: Lag, *, on_kafka: bool) -> list[object]:
    row: list[object] = [each.service, each.topic, each.partition, each.start, each.end, each.position, each.behind]
    row.append(_seconds(each.oldest_seconds))
    return [*row, "" if each.committed is None else str(each.committed), each.member or ""] if on_kafka else row


def _seconds(age: float | None) -> str:
    if age is None:
        return ""
    return f"{age:.1f} s" if age < 120 else f"{age / 60:.0f} min" if age < 7200 else f"{age / 3600:.1f} h"


async def _read(folder: Path, bus: str | None, store: str | None) -> tuple[list[Lag], Waiting]:
    home, config = find(folder, bus=bus, store=store)
    if config.store is None and not (home.data / "store.db").exists():
        raise HomeUnusable(f"{home.folder} has no data yet: `muara up --home {home.folder}` begins it")
    sources = build_sources(home, config, used_channels(home, config)).values()
    async with open_books(home, config) as books:
        return await lags(books, sources), await waiting(books)
