"""`muara channels`: the recipes, and what they make of a delivery."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import typer

from connectors.checks import TRANSPORTS
from connectors.dry_run import inbound_of, parse
from connectors.imap.settings import SECRETS
from connectors.source import Source
from muara.context import HomeOption, JsonOption, find
from muara.home import FILE, Home
from muara.output import console, errors, fail, plain, print_json, say, table
from muara.parts import build_sources, used_channels
from normalizer.understanding.text import title
from recipes.channel import Channel
from recipes.examples import run_examples
from recipes.library import channel_names, load_channel, load_channels

app = typer.Typer(help="Channel recipes: those that come with Muara, and the agency's own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the channel, or the path of a recipe.")]


@app.command("list")
def list_channels(home: HomeOption = Path(), *, as_json: JsonOption = False) -> None:
    """All channels that there is a recipe for."""
    rows = [
        {
            "channel": name,
            "title": channel.recipe.title,
            "transport": channel.recipe.receive.transport,
            "signature": channel.recipe.receive.signature.scheme,
            "examples": len(channel.recipe.examples),
        }
        for name, channel in sorted(load_channels(Home(home.resolve()).channels, TRANSPORTS).items())
    ]
    if as_json:
        print_json(rows)
    else:
        table(f"{len(rows)} channels", list(rows[0]), [list(row.values()) for row in rows])


@app.command("show")
def show(name: Name, home: HomeOption = Path(), *, as_json: JsonOption = False) -> None:
    """One channel: what it needs, and whether its examples hold. Exit code 1 when one does not."""
    channel = find_channel(name, home)
    results = run_examples(channel)
    recipe = channel.recipe
    if as_json:
        print_json(
            {
                "recipe": recipe.model_dump(mode="json", by_alias=True, exclude_none=True),
                "hash": channel.hash,
                "examples": [
                    {"name": r.name, "covers": r.covers, "passed": r.passed, "differences": r.differences}
                    for r in results
                ],
            }
        )
    else:
        say(f"{recipe.channel}: {recipe.title}")
        say(recipe.description.strip())
        say(f"transport {recipe.receive.transport}, signature {recipe.receive.signature.scheme}, recipe {channel.hash}")
        say(f"secrets: {', '.join(_secrets(channel)) or 'none'}")
        for result in results:
            console.print(plain(str(result)), style="green" if result.passed else "red", soft_wrap=True)
    raise typer.Exit(0 if all(result.passed for result in results) else 1)


@app.command("parse")
def parse_payload(
    name: Name,
    payload: Annotated[Path, typer.Option(help="A file with the body of one delivery, or a folder of such files.")],
    home: HomeOption = Path(),
    *,
    header: Annotated[list[str] | None, typer.Option(help="A header, as 'Name: value'; may be repeated.")] = None,
    query: Annotated[str, typer.Option(help="The address's parameters, as 'a=b&c=d'.")] = "",
    source: Annotated[
        str | None, typer.Option(help="A configured source, whose secrets and settings are used.")
    ] = None,
    secret: Annotated[list[str] | None, typer.Option(help="A secret, as 'name=value'; to check a signature.")] = None,
    url: Annotated[
        str | None, typer.Option(help="The whole public address that was called, where it is signed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What would become of a delivery: a dry run, in the clear, that accepts nothing. One JSON object a message."""
    channel = find_channel(name, home)
    connection = _source(channel, home, source, secret or [])
    headers = dict(_header(line) for line in header or [])
    parameters = dict(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    for path in _files(payload):
        inbound = inbound_of(channel, path.read_bytes(), headers, parameters)
        for found in parse(channel, inbound, source=connection, public_url=url, filename=path.name):
            shown = {"file": path.name, **_titled(found)}
            if as_json:
                print_json(shown)
            else:
                _show(path, shown)


def _titled(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a channel has no titles of its own, the one that the normalizer gives."""
    said = found["complaint"]
    if not said or said["title"] or not said["text"]:
        return found
    return {**found, "complaint": {**said, "title": title(said["text"]) or None}}


def find_channel(name: str, home: Path) -> Channel:
    """A channel by its name, or by the path of its recipe; ends the command when there is none."""
    if name.endswith((".yaml", ".yml")):
        return load_channel(Path(name), TRANSPORTS)
    folders = Home(home.resolve()).channels
    channels = load_channels(folders, TRANSPORTS, only={name})
    if name not in channels:
        fail(f"there is no channel {name!r}: use one of {', '.join(channel_names(folders))}, or the path of a recipe")
    return channels[name]


def _source(channel: Channel, folder: Path, name: str | None, secrets: list[str]) -> Source | None:
    """The source whose secrets are known: a configured one, or one made of the secrets that were given."""
    given = {secret: (value,) for secret, value in map(_pair, secrets)}
    known = _secrets(channel)
    if strangers := sorted(given.keys() - set(known)):
        fail(f"{channel.name} has no secret {strangers[0]!r}: use {', '.join(known) or 'no --secret at all'}")
    if name is None:
        given = given or {secret: (value,) for secret, value in _from_environment(channel).items()}
        if given or not (folder.expanduser() / FILE).is_file():
            return Source("dry-run", "dry-run", channel, secrets=given) if given else None
    home, config = find(folder)
    sources = build_sources(home, config, used_channels(home, config))
    if name is not None and name not in sources:
        fail(f"there is no source {name!r}: use one of {', '.join(sorted(sources)) or '(none configured)'}")
    if name is not None:
        if sources[name].channel.name != channel.name:
            fail(f"source {name!r} is of the channel {sources[name].channel.name}, not of {channel.name}")
        return replace(sources[name], channel=channel, secrets={**sources[name].secrets, **given})
    # The recipe that was named is tried, which may be a draft beside the one that the source has.
    found = next((each for each in sources.values() if each.channel.name == channel.name), None)
    return found and replace(found, channel=channel)


def _secrets(channel: Channel) -> list[str]:
    """What a channel calls its secrets."""
    receive = channel.recipe.receive
    # Those that a source may lack, too: where a server can be asked without them.
    mailbox = SECRETS if receive.transport == "imap" else ()  # which of them depends on the source
    return sorted({*receive.secrets, *(receive.poll.auth.secrets if receive.poll else ()), *mailbox})


def _from_environment(channel: Channel) -> Mapping[str, str]:
    """Secrets of a dry run without configuration: `MUARA_<CHANNEL>_<SECRET>`."""
    prefix = f"MUARA_{channel.name}_".upper()
    return {key.removeprefix(prefix).lower(): value for key, value in os.environ.items() if key.startswith(prefix)}


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        fail(f"{text!r} is no secret: write name=value")
    return name.strip(), value


def _header(line: str) -> tuple[str, str]:
    name, sign, value = line.partition(":")
    if not sign:
        fail(f"{line!r} is no header: write 'Name: value'")
    return name.strip(), value.strip()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        everything = sorted(each for each in path.rglob("*") if not each.is_dir() or each.name.startswith("."))
        found = [each for each in everything if each.is_file() and not _hidden(each.relative_to(path))]
        for each in everything:
            if each.is_symlink() and not each.exists():
                _skipped(each, f"it points to {each.readlink()}, which is not there")
            elif each.name.startswith(".") and not _hidden(each.relative_to(path).parent):
                _skipped(each, "its name begins with a dot")
            elif not each.is_file() and not each.is_dir():
                _skipped(each, "it is no file")
        return found or fail(f"{path} holds no files")
    if not path.exists():
        fail(f"{path}: no such file or folder")
    return [path]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _skipped(path: Path, why: str) -> None:
    """Beside what was found, so that nobody takes silence for success; standard output stays one JSON a message."""
    errors.print(f"[yellow]skipped[/yellow] {plain(str(path))}: {plain(why)}", soft_wrap=True)


def _show(path: Path, found: Mapping[str, Any]) -> None:
    said = found.get("complaint") or {}
    reason = f" ({found['reason']})" if found.get("reason") else ""
    colour = {"accepted": "green", "ignored": "yellow"}.get(found["outcome"], "red")
    console.print(
        f"[{colour}]{found['outcome']}[/{colour}]{plain(reason)}  {plain(path.name)}  signature {found['signature']}"
        f"  id {plain(str(found['external_id']))}",
        soft_wrap=True,
    )
    for name in ("title", "text", "reporter", "sent_at", "attachments", "location"):
        if said.get(name):
            say(f"    {name}: {said[name]}")
