"""`muara demo`: the main job, shown."""

import asyncio
import signal
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from muara.commands.audit import show as show_audit
from muara.context import BusOption, JsonOption, StoreOption, run
from muara.demonstration.company import PlayerLost
from muara.demonstration.play import Played, play
from muara.demonstration.results import channel_row, scores_json
from muara.demonstration.servers import ServersUnusable, room_on
from muara.output import errors, fail, plain, print_json, say, table
from runtime.telemetry import logs

Size = Literal["embedded", "kafka"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    *,
    keep: Annotated[Path | None, typer.Option(help="Leave the home here, for `muara audit --home` and a look.")] = None,
    messages: Annotated[int, typer.Option(min=50, max=50_000, help="How much the city writes.")] = 600,
    seed: Annotated[int, typer.Option(help="Which city it is; the same seed writes the same.")] = 1,
    size: Annotated[
        Size, typer.Option(help="One process and files, or processes on Kafka and PostgreSQL.")
    ] = "embedded",
    bus: BusOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """A simulated city writes over real protocols; a simulated hub takes what comes out; the books must balance.

    With `--size kafka` three normalizers, two dispatchers, the connectors and the portal run as processes of their own,
    on topics and in a database that are made for the demonstration and removed after it.
    """
    if size == "kafka" and not (bus and store):
        fail(
            "the size kafka needs a log and a store: --bus kafka://HOST:9092 and --store postgresql+asyncpg://USER@HOST/DB"
            " (the password in PGPASSWORD); `make demo SIZE=kafka` starts both on this machine"
        )
    if keep is not None and keep.exists() and any(keep.iterdir()):
        fail(f"{keep} is not empty: name a folder that is, or does not exist yet")
    logs.configure(level="error")
    folder = keep.expanduser().resolve() if keep is not None else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    servers = (bus, store) if size == "kafka" and bus and store else None
    try:
        played = run(_play(folder, messages, seed, servers))
    except (ServersUnusable, PlayerLost) as error:
        fail(str(error))
    except asyncio.CancelledError:
        fail("ended before it was over", 128 + signal.SIGTERM)
    if as_json:
        print_json(_json(played))
    else:
        _show(played, keep)
    for words in played.wrong:
        errors.print(f"[red]muara:[/red] {plain(words)}", soft_wrap=True)
    raise typer.Exit(1 if played.wrong else 0)


async def _play(keep: Path | None, messages: int, seed: int, given: tuple[str, str] | None) -> Played:
    playing = asyncio.current_task()
    assert playing is not None  # noqa: S101 this is it
    # A service manager's word ends the processes of the demonstration, too, and removes what it has made.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    async with AsyncExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-demo-")))
        columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bar = stack.enter_context(Progress(*columns, console=errors, transient=True))
        task = bar.add_task("starting", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        servers = None
        if given is not None:
            servers = await stack.enter_async_context(room_on(*given, keep=keep is not None))
        return await play(
            folder, messages=messages, seed=seed, servers=servers, progress=progress, serving=_tell_metrics
        )


def _tell_metrics(places: Sequence[str]) -> None:
    errors.print(f"metrics while it runs: {' '.join(places)}", soft_wrap=True, highlight=False)


def _show(played: Played, keep: Path | None) -> None:
    columns = ("channel", "received", "complaints", "merged", "ignored", "dead", "sent again")
    table("What came in, and what became of it", columns, [channel_row(count) for count in played.channels])
    hub = played.hub
    states = ", ".join(f"{state} {count}" for state, count in sorted(hub["by_status"].items()))
    table(
        "What the hub (a simulation) has, by its own count",
        ("reports", "distinct complaints", "doubled", "states"),
        [(hub["reports"], hub["distinct_references"], hub["doubled"], states)],
    )
    files = "files that messages only named: {named}, fetched {fetched}, at the hub {at_the_hub} different ones"
    say(files.format(**played.files))
    if played.work:
        table("Who did the work", ("service", "process", "counts", "number"), played.work)
    scores = scores_json(played.scores)
    say(
        "against the city's own truth: merges precision {merge[precision]} recall {merge[recall]},"
        " links precision {link[precision]} recall {link[recall]}".format(**scores)
    )
    say(f"{played.sent} messages sent over HTTP, SMTP, SQL and files in {played.seconds:.0f} s, repeats included")
    if keep is not None:
        say(f"The home stays in {keep}: muara audit --home {keep}")
    up = f"muara up --home {keep}" if keep is not None else "muara up"
    say(
        f"Metrics: `{up}` answers at /metrics (docs/metrics.md); Prometheus' rules and Grafana's boards for them lie in"
        " deploy/prometheus and deploy/grafana, and deploy/compose.yaml starts both with all of it"
    )
    show_audit(played.audit)


def _json(played: Played) -> dict[str, object]:
    return {
        "channels": [
            {
                "channel": c.channel,
                "received": c.received,
                "complaints": c.complaints,
                "merged": c.merged,
                "ignored": dict(c.ignored),
                "dead": c.dead,
                "redelivered": c.redelivered,
            }
            for c in played.channels
        ],
        "hub": dict(played.hub),
        "files": dict(played.files),
        "ledger": {**played.audit.terms, "balanced": played.audit.balanced},
        "truth": dict(scores_json(played.scores)),
        "work": [
            {"service": service, "process": process, "counts": counts, "number": number}
            for service, process, counts, number in played.work
        ],
        "sent": played.sent,
        "seconds": round(played.seconds, 1),
        "wrong": played.wrong,
    }
