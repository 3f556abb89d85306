"""`muara import`: a file's rows as messages."""

from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.acceptance import Acceptance
from connectors.files.importer import ImportStopped, import_file
from connectors.files.importer import Progress as Imported
from connectors.files.lines import UnreadableFile
from connectors.metrics import ConnectorMetrics
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import open_ground
from muara.output import errors, fail, print_json, say
from muara.parts import build_sources, used_channels
from muara.storage import objects_of
from runtime.clock import system_clock


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_rows)


def import_rows(
    file: Annotated[Path, typer.Argument(help="A CSV or NDJSON file.")],
    source: Annotated[str, typer.Option(help="The configured source that the rows belong to.")],
    home: HomeOption = Path(),
    *,
    historical: Annotated[
        bool, typer.Option("--historical", help="From the past: nothing is sent or answered, no deadline begins.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Accept a file's rows. A bad row becomes a dead letter with its line; the same file again makes no doubles."""
    if not file.is_file():
        fail(f"{file}: no such file")
    try:
        rows, defects = run(_import(home, file, source, file.stat().st_size, historical=historical))
    except (UnreadableFile, ImportStopped) as error:
        fail(str(error) if file.name in str(error) else f"{file}: {error}")
    if as_json:
        print_json({"file": file.name, "source": source, "rows": rows, "defects": defects, "historical": historical})
    else:
        say(f"{file.name}: {rows} rows accepted, {defects} of them unreadable (`muara dead list` shows them later)")


async def _import(folder: Path, file: Path, name: str, size: int, *, historical: bool) -> tuple[int, int]:
    home, config = find(folder)
    sources = build_sources(home, config, used_channels(home, config))
    if name not in sources:
        fail(
            f"there is no source {name!r} in muara.yaml: use one of {', '.join(sorted(sources)) or '(none configured)'}"
        )
    if (transport := sources[name].channel.recipe.receive.transport) != "files":
        fail(f"source {name!r} receives by {transport}, not by files: name a source whose channel's transport is files")
    async with open_ground(home, config) as ground:
        metrics = ConnectorMetrics(CollectorRegistry())
        acceptance = Acceptance(ground.bus, ground.sealer, objects_of(ground), system_clock, metrics)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task(file.name, total=size)

            def said(now: Imported) -> None:
                bar.update(task, completed=now.bytes_read)
                if not errors.is_terminal:  # nobody sees a bar move in a file or a pipe
                    share = min(100 * now.bytes_read // (size or 1), 100)
                    errors.print(f"{escape(file.name)}: {now.rows} rows, {share} %", soft_wrap=True)

            done = await import_file(
                file,
                sources[name],
                acceptance,
                historical=historical,
                progress=said,
            )
        return done.rows, done.defects
