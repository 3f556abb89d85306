"""`muara sources`: whether complaints come in, and an operator's hand on the tap."""

import shlex
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import typer

from connectors.probing import probed
from connectors.source import MissingSecret, Source
from connectors.standing import Standing, standings
from connectors.webhook.trial import trial_body
from muara.commanding import command
from muara.config import Config
from muara.context import HomeOption, JsonOption, find, run
from muara.ground import open_books
from muara.home import FILE, Home
from muara.output import console, fail, plain, print_json, say, table
from muara.parts import build_sources, used_channels
from muara.signing import UnknownProof, signed_body, signed_headers
from runtime.clock import system_clock

app = typer.Typer(help="Sources: whether they bring anything, and who is paused.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The source's name in muara.yaml.")]


@app.command("list")
def list_sources(home: HomeOption = Path(), *, as_json: JsonOption = False) -> None:
    """Each source: whether it receives, is silent, paused or failing; its last message, its messages, its errors."""
    found, zone = run(_list(home))
    if as_json:
        print_json([_json(each) for each in found])
        return
    columns = ("source", "channel", "agency", "state", "last message", "today", "a day", "errors", "last error")
    table(f"{len(found)} sources", columns, [_cells(each, zone) for each in found])


@app.command("pause")
def pause(
    name: Name, home: HomeOption = Path(), *, reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None
) -> None:
    """Take nothing more from a source until `resume`: it is not polled, and its senders are asked to come again."""
    run(_order(home, "pause_source", name, reason))
    say(f"{name}: paused as soon as a running Muara sees it, within some seconds")


@app.command("resume")
def resume(name: Name, home: HomeOption = Path()) -> None:
    """Take from a source again."""
    run(_order(home, "resume_source", name, None))
    say(f"{name}: resumed as soon as a running Muara sees it, within some seconds")


@app.command("test")
def try_out(
    name: Name,
    home: HomeOption = Path(),
    *,
    curl: Annotated[
        bool, typer.Option("--curl", help="Webhooks: send nothing, show the request; it holds the proof of the secret.")
    ] = False,
) -> None:
    """Try a source: log in and read one page or row, or post a signed request that is ignored. Takes nothing."""
    folder, config = find(home)
    source = _source(folder, config, name)
    transport = source.channel.recipe.receive.transport
    if transport == "webhook":
        raise typer.Exit(run(_try_webhook(source, config, as_curl=curl)))
    if transport == "smtp":
        smtp = config.connectors.smtp
        addresses = source.options.get("addresses") or source.options.get("address") or "every address (default)"
        at = f"{smtp.host}:{smtp.port}" if smtp else "no mail server (add `smtp:` under `connectors:`)"
        say(f"{name} takes mail to {addresses}, at {at}")
        say("send it a mail, and look with `muara sources list` whether it arrived")
    elif transport == "files":
        watched = source.options.get("folder")
        exists = watched is None or Path(watched).is_dir()
        say(f"{name} takes files {f'from {watched}' if watched else 'by `muara import`'}")
        if not exists:
            fail(f"{watched} is no folder: make it, so that files can be put there", code=1)
    else:
        raise typer.Exit(run(_probe(source)))


async def _probe(source: Source) -> int:
    """Ask it, take nothing. Returns the exit code."""
    well = True
    async for found in probed([source], system_clock):
        mark, colour = ("ok  ", "green") if found.ok else ("FAIL", "red")
        console.print(f"[{colour}]{mark}[/{colour}] {plain(found.source)}: {plain(found.words)}", soft_wrap=True)
        well = well and found.ok
    return 0 if well else 1


async def _try_webhook(source: Source, config: Config, *, as_curl: bool) -> int:
    """Post what the door ignores, over loopback, or show how. Returns the exit code."""
    signature = source.channel.recipe.receive.signature
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.http.host, config.http.host)  # noqa: S104 read, not bound
    local = f"http://{host}:{config.http.port}/in/{source.route}"
    public = config.connectors.webhook.public_url
    outside = f"{public}/in/{source.route}" if public else local
    where = signature.resolved().header or signature.resolved().query
    say(f"address: {outside}")
    say(f"proof: {signature.scheme}{f' in {where}' if where else ''}")
    try:
        body = signed_body(signature, source.live_secrets, trial_body(source))
        query, headers = signed_headers(signature, source.live_secrets, body, outside)
    except (MissingSecret, UnknownProof) as error:
        fail(str(error), code=1)
    headers = {"Content-Type": "application/json", **headers}
    if as_curl:
        options = " ".join(f"-H {shlex.quote(f'{key}: {value}')}" for key, value in headers.items())
        say(f"curl -i {options} -d {shlex.quote(body.decode())} {shlex.quote(outside + query)}")
        return 0
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10.0) as client:
            answer = await client.post(local + query, content=body, headers=headers)
    except httpx.HTTPError as error:
        fail(f"{local} does not answer ({type(error).__name__}): is Muara running there? See `--curl`", code=1)
    if answer.status_code == 200:
        say("answer: 200; address and secret are right. The request was ignored, as a test is")
        return 0
    say(f"answer: {answer.status_code}; {answer.text[:500]}")
    return 1


async def _list(folder: Path) -> tuple[list[Standing], str]:
    home, config = find(folder)
    sources = list(build_sources(home, config, used_channels(home, config)).values())
    async with open_books(home, config) as books:
        return await standings(books.store, sources, system_clock()), config.zone


async def _order(folder: Path, action: str, name: str, reason: str | None) -> None:
    home, config = find(folder)
    _known(config, name)
    async with open_books(home, config) as books:
        await command(books.bus, action, name, reason=reason)


def _source(home: Home, config: Config, name: str) -> Source:
    _known(config, name)
    return build_sources(home, config, used_channels(home, config))[name]


def _known(config: Config, name: str) -> None:
    if name not in config.sources:
        known = ", ".join(sorted(config.sources)) or "(none)"
        fail(f"there is no source {name!r} in {FILE}: use one of {known}")


def _json(each: Standing) -> dict[str, Any]:
    shown = asdict(each)
    shown["usual_gap"] = each.usual_gap.total_seconds() if each.usual_gap is not None else None
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in shown.items()}


def _cells(each: Standing, zone: str) -> tuple[object, ...]:
    error = f"{_at(each.error_at, zone)}: {each.error}" if each.error else ""
    per_day = "" if each.per_day is None else f"{each.per_day:.1f}"
    return (
        each.source,
        each.channel,
        each.agency,
        _words(each, zone),
        _at(each.last_at, zone),
        each.today,
        per_day,
        each.errors,
        error,
    )


def _words(each: Standing, zone: str) -> str:
    usual = f", usually every {_span(each.usual_gap)} at this hour" if each.usual_gap is not None else ""
    return {
        "receiving": f"receiving{usual}",
        "waiting": "nothing has come yet",
        "silent": f"silent since {_at(each.silent_since, zone)}{usual}",
        "paused": f"paused: {each.why}",
        "failing": f"failing: {each.why}",
    }[each.state]


def _at(moment: datetime | None, zone: str) -> str:
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _span(length: timedelta) -> str:
    minutes = length.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.0f} h"
