"""`muara hubs`: where complaints go, and an operator's hand on the tap."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from dispatcher import queries
from dispatcher.hub import BadHub
from dispatcher.hub import Hub as ConfiguredHub
from muara import hub_news, hub_trials
from muara.commanding import command
from muara.config import HubConfig
from muara.context import HomeOption, JsonOption, find, run
from muara.finding import Finding
from muara.ground import open_books
from muara.home import FILE, Home
from muara.output import console, fail, plain, print_json, say, table
from muara.parts import build_hubs
from recipes.hubs.describing import describe
from recipes.hubs.examples import posted, push_of, push_view
from recipes.hubs.profile import Profile, load_profile, load_profiles
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from runtime.delivery.resting import Rest, resting_until

app = typer.Typer(help="Hubs: what they have, and whether anything goes there.", no_args_is_help=True)

Hub = Annotated[str, typer.Argument(help="The hub's name in muara.yaml.")]


@app.command("list")
def list_hubs(home: HomeOption = Path(), *, as_json: JsonOption = False) -> None:
    """Each hub: its mode, whether it is stopped or paused, and its deliveries by state."""
    found = run(_list(home))
    if as_json:
        print_json(found)
        return
    rows = [(h["hub"], h["profile"], h["mode"], h["url"], h["halted"] or "", _counts(h["deliveries"])) for h in found]
    table(f"{len(rows)} hubs", ("hub", "profile", "mode", "address", "nothing is sent because", "deliveries"), rows)


@app.command("check")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Hubs, profiles, or paths of profiles; all hubs and profiles by default.")
    ] = None,
    home: HomeOption = Path(),
    *,
    offline: Annotated[bool, typer.Option("--offline", help="The examples only; ask no hub.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the examples of profiles, and ask hubs something harmless. Exit code 1 when anything is not well."""
    profiles, hubs = _known(home)
    wanted = names or [*profiles, *hubs]
    findings: list[Finding] = []
    tried: set[str] = set()
    for name in wanted:
        hub = hubs.get(name)
        profile = hub.profile if hub is not None else _profile(name, profiles, hubs)
        if profile.name not in tried:
            tried.add(profile.name)
            findings += hub_trials.examples(profile)
        if hub is not None and not offline:
            findings += [*run(_connection(name, hub)), *hub_news.findings(find(home)[1], {name: hub}, offers=True)]
    if as_json:
        print_json([{"what": each.what, "ok": each.ok, "words": each.words} for each in findings])
    else:
        for each in findings:
            mark, colour = ("ok  ", "green") if each.ok else ("FAIL", "red")
            console.print(f"[{colour}]{mark}[/{colour}] {plain(each.what)}: {plain(each.words)}", soft_wrap=True)
    raise typer.Exit(0 if all(each.ok for each in findings) else 1)


@app.command("try")
def try_out(
    name: Annotated[str, typer.Argument(help="A hub, a profile, or the path of a profile.")],
    home: HomeOption = Path(),
    *,
    operation: Annotated[
        str, typer.Option(help="create, update or comment; webhook shows what a post of the hub would tell.")
    ] = "create",
    document: Annotated[
        Path | None,
        typer.Option(
            help="JSON with `complaint` and `private` in place of the invented one; of webhook the body of a post."
        ),
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Send it, after a question.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a hub would be sent of an invented complaint; credentials are named, not shown."""
    profiles, hubs = _known(home)
    hub = hubs.get(name)
    profile = hub.profile if hub is not None else _profile(name, profiles, hubs)
    if operation == "webhook" and not send:
        raise typer.Exit(_show_push(profile, document, as_json=as_json))
    if operation not in ("create", "update", "comment"):
        fail(f"{operation!r} cannot be tried: use create, update or comment")
    said = {**hub_trials.sample(operation), **(_document(document) if document else {})}
    settings = hub.settings if hub is not None else {}
    try:
        request = hub_trials.rendered(profile, operation, said, settings)
    except MappingError as error:
        fail(f"{profile.name}: {error}")
    real = profile.operation(operation)
    shown = hub_trials.shown(profile, real, request, hub.base_url if hub is not None else "")
    if as_json and not send:
        print_json(shown.view())
        return
    if not as_json:
        _show(shown)
    if send:
        _send(name, hub, real, request, str(said["delivery"]["id"]), as_json=as_json)


@app.command("table")
def show_table(
    hub: Hub,
    name: Annotated[str | None, typer.Argument(help="Which table; it may be left out where there is one.")] = None,
    home: HomeOption = Path(),
    *,
    as_json: JsonOption = False,
) -> None:
    """A table of the hub's own codes, such as its categories, as the hub tells it now."""
    _, hubs = _known(home)
    if hub not in hubs:
        fail(f"there is no hub {hub!r} in {FILE}: use one of {', '.join(sorted(hubs)) or '(none)'}")
    tables = list(hubs[hub].profile.model.tables)
    wanted = name or (tables[0] if len(tables) == 1 else "")
    if wanted not in tables:
        fail(f"{hub} has no table {wanted!r}: use one of {', '.join(tables) or '(its profile has none)'}")
    hubs[hub].check(hub)
    rows = run(hub_trials.table(hubs[hub], wanted))
    if isinstance(rows, str):
        fail(f"{hub}: {rows}")
    shown = [{"code": each.code, "title": each.title, "parent": each.parent} for each in rows]
    if as_json:
        print_json(shown)
    else:
        cells = [(each["code"], each["title"], each["parent"] or "") for each in shown]
        table(f"{len(rows)} rows", ("code", "title", "parent"), cells)


@app.command("doc")
def document_profile(
    name: Annotated[str | None, typer.Argument(help="A hub, a profile, or the path of a profile.")] = None,
    home: HomeOption = Path(),
    *,
    as_json: JsonOption = False,
) -> None:
    """A page about a profile: what it sends, what answers mean, its limits. Without a name: all profiles."""
    profiles, hubs = _known(home)
    if name is None:
        rows = [{"profile": each.name, "title": each.model.title} for each in profiles.values()]
        if as_json:
            print_json(rows)
        else:
            table(f"{len(rows)} profiles", ("profile", "title"), [tuple(row.values()) for row in rows])
        return
    profile = _profile(name, profiles, hubs)
    if as_json:
        print_json(profile.model.model_dump(mode="json", exclude_none=True))
    else:
        say(describe(profile))


@app.command("approve")
def approve(
    subjects: Annotated[list[str], typer.Argument(help="Ids of complaints or deliveries, or `all`.")],
    home: HomeOption = Path(),
) -> None:
    """Let what a hub in mode `approve` holds back go."""
    wanted = ["all" if subject == "all" else str(_id(subject)) for subject in subjects]
    run(_approve(home, wanted))
    say("approved; a running Muara sends within a second")


@app.command("pause")
def pause(
    hub: Hub, home: HomeOption = Path(), *, reason: Annotated[str | None, typer.Option(help="Why; kept.")] = None
) -> None:
    """Send nothing more to a hub until `resume`. Nothing is lost meanwhile."""
    run(_order(home, "pause", hub, reason))
    say(f"{hub}: paused as soon as a running Muara sees it")


@app.command("resume")
def resume(hub: Hub, home: HomeOption = Path()) -> None:
    """Send again to a hub that was paused, or that stopped because it refused our credentials."""
    run(_order(home, "resume", hub, None))
    say(f"{hub}: resumed as soon as a running Muara sees it")


def _counts(deliveries: object) -> str:
    found = deliveries if isinstance(deliveries, dict) else {}
    return ", ".join(f"{number} {state}" for state, number in found.items()) or "none"


def _known(folder: Path) -> tuple[dict[str, Profile], dict[str, ConfiguredHub]]:
    """The profiles that there are, and the hubs of the home, when it is one."""
    folder = folder.expanduser().resolve()
    if not (folder / FILE).is_file():
        return load_profiles(Home(folder).hubs), {}
    home, config = find(folder)
    return load_profiles(home.hubs), build_hubs(home, config)


def _profile(name: str, profiles: dict[str, Profile], hubs: dict[str, ConfiguredHub]) -> Profile:
    if name.endswith((".yaml", ".yml")):
        return load_profile(Path(name))
    if name in hubs:
        return hubs[name].profile
    if name not in profiles:
        known = ", ".join([*hubs, *profiles])
        fail(f"there is no hub or profile {name!r}: use one of {known}, or the path of a profile")
    return profiles[name]


async def _connection(name: str, hub: ConfiguredHub) -> list[Finding]:
    try:
        hub.check(name)
    except BadHub as error:
        return [Finding(f"hub {name}", ok=False, words=str(error))]
    return [await hub_trials.connection(name, hub)]


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        fail(f"{path}: there is no such file")
    except ValueError as error:
        fail(f"{path} is no JSON: {error}")
    if not isinstance(found, dict) or not isinstance(found.get("complaint"), dict):
        fail(f'{path} is to be an object with "complaint" and "private", as the examples of a profile write `given:`')
    return {"private": {}, **found}


def _show(shown: hub_trials.Shown) -> None:
    say(f"{shown.request.method} {shown.address}")
    for name, value in shown.request.headers.items():
        say(f"{name}: {value}")
    say(f"(added when it is sent: {', '.join(shown.secrets) or 'no credentials'})")
    say(f"\n{shown.request.body.decode() if shown.request.body is not None else '(no body)'}")


def _show_push(profile: Profile, document: Path | None, *, as_json: bool) -> int:
    """What a post of the hub would tell; without a file that of the first example. Returns the exit code."""
    examples = [each.push for each in profile.model.examples if each.push is not None]
    if profile.pushes is None or (document is None and not examples):
        fail(f"{profile.name} has no `webhook:` with an example: name the body of a post with --document")
    try:
        post = push_of(examples[0]) if document is None else posted(document.read_bytes(), document.suffix)
    except OSError as error:
        fail(f"{document}: {error.strerror}")
    found = push_view(profile, post)
    if as_json:
        print_json(found)
    else:
        reason = found.get("reason")
        say(f"{found['outcome']}{f': {reason}' if reason else ''}")
        columns = ("id", "tracking_id", "state", "word", "words", "at")
        rows = [tuple(str(each[name] or "") for name in columns) for each in found.get("found", [])]
        table(f"{len(rows)} changes", columns, rows)
    return 1 if found["outcome"] == "unreadable" else 0


def _send(name: str, hub: ConfiguredHub | None, operation: str, request: Request, key: str, *, as_json: bool) -> None:
    if hub is None:
        fail(f"{name!r} is no hub of this home, so there is no address to send to: add it under `hubs:`")
    if hub.mode == "send":
        fail(f"{name!r} is in service (mode: send), and gets no invented complaints: name a test hub")
    hub.check(name)
    typer.confirm(f"Really send this to {hub.base_url}? It stays there", abort=True, err=True)
    meaning = run(hub_trials.send(hub, operation, request, key))
    if as_json:
        print_json(
            {
                "outcome": meaning.outcome,
                "tracking_id": meaning.tracking_id,
                "url": meaning.url,
                "reason": meaning.reason or None,
            }
        )
    else:
        number = f": {meaning.tracking_id}" if meaning.tracking_id else ""
        say(f"{meaning.outcome}{number}{f' ({meaning.reason})' if meaning.reason else ''}")
    raise typer.Exit(0 if meaning.outcome == "done" else 1)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fail(f"{text!r} is no id: name complaints or deliveries by their ids, or say `all`")


async def _list(folder: Path) -> list[dict[str, object]]:
    home, config = find(folder)
    async with open_books(home, config) as books:
        states = {each.hub: each for each in await queries.hubs(books.store)}
    return [
        {
            "hub": name,
            "profile": each.profile,
            "mode": each.mode,
            "url": each.url,
            "halted": (states[name].halted if name in states else None) or _rest(each, config.zone),
            "deliveries": dict(states[name].deliveries) if name in states else {},
        }
        for name, each in config.hubs.items()
    ]


def _rest(hub: HubConfig, zone: str) -> str | None:
    end = resting_until([Rest.parse(words, zone) for words in hub.rests], datetime.now(UTC))
    return None if end is None else f"rests until {end.astimezone(ZoneInfo(zone)):%H:%M}"


async def _approve(folder: Path, subjects: list[str]) -> None:
    home, config = find(folder)
    async with open_books(home, config) as books:
        ids = {UUID(subject) for subject in subjects if subject != "all"}
        if strangers := sorted(map(str, ids - await queries.known(books.store, ids))):
            fail(
                f"{', '.join(strangers)}: no complaint or delivery has this id; nothing was approved"
                " (`muara hubs list` shows how many wait)"
            )
        for subject in subjects:
            await command(books.bus, "approve", subject)


async def _order(folder: Path, action: str, subject: str, reason: str | None) -> None:
    home, config = find(folder)
    if action in ("pause", "resume") and subject not in config.hubs:
        fail(f"there is no hub {subject!r} in muara.yaml: use one of {', '.join(sorted(config.hubs)) or '(none)'}")
    async with open_books(home, config) as books:
        await command(books.bus, action, subject, reason=reason)
