"""`muara channels record`: what a sender really sends, as examples of a recipe."""

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated

import typer

from connectors.checks import TRANSPORTS
from muara.context import HomeOption
from muara.home import Home
from muara.output import fail, say
from muara.recording import NoPlaceForExamples, Recorder, append_examples
from recipes.drafting.writing import write_recipe
from recipes.library import load_channel, load_channels
from runtime.http import HttpServer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("record")(record)


def record(
    name: Annotated[str, typer.Argument(help="Name of the channel: a new one, or one of this home's own.")],
    home: HomeOption = Path(),
    *,
    host: Annotated[
        str, typer.Option(help="Where to listen; the sender, or a tunnel or proxy before it, calls here.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8499,
    count: Annotated[int, typer.Option(min=0, help="End after so many requests; 0: at Ctrl-C.")] = 0,
) -> None:
    """Listen for real requests and write them as examples; people in them are replaced by invented ones.

    Nothing is accepted as a complaint. Nothing is written before the end, and no key or signature ever.
    """
    channels = Home(home.expanduser().resolve()).channels
    own = channels[-1] / f"{name}.yaml" if channels else Path(f"{name}.yaml")
    path = own if own.exists() else Path(f"{name}.yaml")
    if not path.exists() and name in load_channels(channels, TRANSPORTS, only={name}):
        fail(f"{name!r} comes with Muara and is not changed: record under another name, such as {name}_kami")
    recorder = Recorder(say, load_channel(path, TRANSPORTS) if path.exists() else None, count=count)
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        asyncio.run(_listen(recorder, host, port))
    if not recorder.samples:
        say("nothing was recorded")
        raise typer.Exit(1)
    try:
        if recorder.channel is not None:
            added = append_examples(path, recorder.channel, recorder.samples, recorder.invented)
            say(f"{path}: {added} examples added, which expect what comes of them now: read them, mend what is wrong")
        else:
            target = own if own.parent.is_dir() else path
            text, _ = write_recipe(name, recorder.samples, transport="webhook", invented=recorder.invented)
            target.write_text(text, encoding="utf-8")
            say(f"written: {target}, a draft with {len(recorder.samples)} examples: read every line that says `guess`")
    except NoPlaceForExamples as error:
        fail(str(error))
    except ValueError as error:
        fail(str(error))
    say("look whether people are still named in the examples before you show them to anybody")


async def _listen(recorder: Recorder, host: str, port: int) -> None:
    server = HttpServer(recorder.app, host=host, port=port)
    await server.start()
    say(f"listening at {server.url}/ (any path, any key); Ctrl-C ends, and writes")
    try:
        await recorder.enough.wait()
    finally:
        await server.stop()
