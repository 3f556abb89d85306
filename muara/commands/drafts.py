"""`muara channels new|test|schema`: a recipe from a sample, tried until it is right."""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.checks import TRANSPORTS
from muara.commands.channels import find_channel
from muara.context import HomeOption, JsonOption
from muara.home import FILE, Home
from muara.output import console, fail, plain, print_json, say, table
from muara.samples import UnreadableSample, read_sample
from recipes.channel import Channel
from recipes.document import DocumentError
from recipes.drafting.drafting import Draft
from recipes.drafting.writing import write_recipe
from recipes.editing import SCHEMA_NAME, recipe_schema
from recipes.examples import ExampleResult, run_examples
from recipes.library import load_channel, load_channels
from recipes.pages import page

_TURN = 0.3
"""Seconds between two looks at a file that is watched."""
_SHOWN = 48

Sample = Annotated[
    list[Path], typer.Option("--from", help="A file with the body of one delivery, as the sender sends it; repeatable.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("new")(new)
    app.command("test")(try_examples)
    app.command("doc")(doc)
    app.command("schema")(schema)


def new(
    name: Annotated[str, typer.Argument(help="Name of the new channel: lower-case letters, digits, underscores.")],
    sample: Sample,
    home: HomeOption = Path(),
    *,
    transport: Annotated[
        str | None, typer.Option(help="How it comes: webhook, files, sql; by default what the sample looks like.")
    ] = None,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="Where to write; by default the home's channels/NAME.yaml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a recipe from samples. Guesses are marked; people in the samples are replaced by invented ones."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        fail(f"{name!r} is no name of a channel: use lower-case letters, digits and underscores, such as dinas_pu")
    folder = home.expanduser().resolve()
    if output is None and name in load_channels(Home(folder).channels, TRANSPORTS, only={name}):
        fail(f"there is a channel {name!r} already: choose another name, or look at it by `muara channels show {name}`")
    channels = folder / "channels" if (folder / FILE).is_file() else Path()
    path = output or channels / f"{name}.yaml"
    if path.exists():
        fail(f"{path} is there already: take it away first, or name another by --output")
    try:
        samples = [read_sample(each) for each in sample]
        comes = transport or ("files" if samples[0].kind == "row" else "webhook")
        if comes not in ("webhook", "files", "sql"):
            fail(
                f"no draft is made for the transport {comes!r}: use webhook, files or sql, and change the draft by hand"
            )
        text, found = write_recipe(name, samples, transport=comes, title=title)
    except UnreadableSample as error:
        fail(str(error))
    except ValueError as error:
        fail(str(error))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (path.parent / SCHEMA_NAME).write_text(json.dumps(recipe_schema(), indent=1) + "\n", encoding="utf-8")
    if as_json:
        guesses = {field: {"path": each.leaf.path, "sure": each.sure} for field, each in found.guesses.items()}
        print_json({"file": str(path), "guesses": guesses, "unused": found.unused})
    else:
        _show(path, found)


def _show(path: Path, found: Draft) -> None:
    rows = [
        (field, each.leaf.path, str(each.leaf.value)[:_SHOWN], "" if each.sure else "guess")
        for field, each in found.guesses.items()
    ]
    table(f"written: {path}", ("our field", "where the sender has it", "in the sample", ""), rows)
    if "external_id" not in found.guesses:
        say("no id was found: the same message sent twice is known by its content and time")
    say("next: open the file, read the lines that say `guess`, and look whether people are still named in its example")
    say(f"      muara channels test {path} --watch      runs its examples at every change")
    say("      then add a source to muara.yaml, and run `muara check`")


def try_examples(
    files: Annotated[list[Path], typer.Argument(help="Recipes.", exists=True, dir_okay=False)],
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Again at every change, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the examples of recipes. Exit code 0: all hold; 1: one does not, or a recipe is wrong."""
    well = _tested(files, as_json=as_json)
    if not watch:
        raise typer.Exit(0 if well else 1)
    seen = _stamps(files)
    try:
        while True:
            time.sleep(_TURN)
            if (now := _stamps(files)) != seen:
                seen = now
                console.clear()
                _tested(files, as_json=as_json)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _stamps(files: Sequence[Path]) -> list[int]:
    # An editor may replace a file: for a moment it is not there.
    return [path.stat().st_mtime_ns if path.exists() else 0 for path in files]


def _tested(files: Sequence[Path], *, as_json: bool) -> bool:
    well = True
    shown: list[dict[str, Any]] = []
    for path in files:
        try:
            channel = load_channel(path, TRANSPORTS)
        except (DocumentError, OSError) as error:
            well = False
            shown.append({"file": str(path), "error": str(error), "examples": []})
            if not as_json:
                console.print(f"[red]{plain(str(error))}[/red]", soft_wrap=True)
            continue
        results = run_examples(channel)
        well = well and all(result.passed for result in results)
        rows = [{"name": r.name, "passed": r.passed, "differences": list(r.differences)} for r in results]
        shown.append({"file": str(path), "error": None, "examples": rows})
        if not as_json:
            _show_results(path, channel, results)
    if as_json:
        print_json(shown)
    return well


def _show_results(path: Path, channel: Channel, results: Sequence[ExampleResult]) -> None:
    failed = sum(not result.passed for result in results)
    for result in results:
        mark = "[green]ok[/green]  " if result.passed else "[red]FAIL[/red]"
        console.print(f"{mark} {plain(result.name)}", soft_wrap=True)
        for line in result.differences:
            console.print(f"       {_difference(line)}", soft_wrap=True)
    if not results:
        console.print(f"[yellow]{plain(str(path))} has no examples: add one for each thing that may come[/yellow]")
    say(f"{channel.name}: {len(results) - failed} of {len(results)} examples hold")


def _difference(line: str) -> str:
    """`x: expected A, found B` on lines of their own, so that the eye sees where they part."""
    parted = re.fullmatch(r"(.*?): expected (.*), found (.*)", line, re.DOTALL)
    if parted is None:
        return plain(line)
    where, wanted, got = (plain(part) for part in parted.groups())
    return f"{where}\n         [green]expected[/green]  {wanted}\n         [red]found[/red]     {got}"


def doc(
    name: Annotated[str, typer.Argument(help="Name of the channel, or the path of a recipe.")],
    home: HomeOption = Path(),
) -> None:
    """A channel's page as Markdown, made of its recipe: what to click at the provider, what to paste where."""
    typer.echo(page(find_channel(name, home)))


def schema() -> None:
    """The JSON Schema of recipes, for editors; `new` puts it beside the draft."""
    print_json(recipe_schema())
