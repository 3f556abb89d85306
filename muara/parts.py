"""What the configuration names, found and checked: which source has which recipe, which hub which profile."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.checks import TRANSPORTS, BadSources, faults
from connectors.source import Source
from dispatcher.hub import BadHub, Hub, Route
from muara.config import Config, resolve_secrets
from muara.home import Home
from muara.hub_deadlines import timed
from normalizer.source import SourceView
from normalizer.understanding.ruling import Ruling
from recipes.channel import Channel
from recipes.document import Document, DocumentError, Problem, open_document
from recipes.hubs.profile import load_profiles, profile_names
from recipes.library import channel_names, load_channels
from runtime.delivery.resting import Rest


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that services are made of, apart from the data."""

    sources: Mapping[str, Source]
    hubs: Mapping[str, Hub]
    ruling: Ruling | None = None
    """What decides about texts, for the normalizer."""
    unserved: Mapping[str, str] = field(default_factory=dict)
    """Hubs that nothing can be sent to as they are configured, and why. Their complaints wait; all else goes on."""


def find_parts(home: Home, config: Config, services: Collection[str]) -> Parts:
    """The parts of these services. Touches no data, so that a wrong configuration begins nothing.

    Raises:
        DocumentError: a recipe or a profile is wrong, or is named and not there.
        BadSources: the sources contradict each other or their transports.
        RulesError: a table of the home's `rules/` cannot be used.
    """
    sources = build_sources(home, config, used_channels(home, config))
    if "connectors" in services and (wrong := faults(list(sources.values()), config.connectors)):
        raise BadSources("\n".join(wrong))
    ruling = Ruling(home.rules) if "normalizer" in services else None
    if "dispatcher" not in services:
        return Parts(sources, {}, ruling)
    hubs = build_hubs(home, config)
    return Parts(sources, hubs, ruling, unserved_hubs(home, config, hubs))


def used_channels(home: Home, config: Config) -> dict[str, Channel]:
    """The channels that sources are of, and the home's own. What came with Muara and is not used is not read.

    Raises:
        DocumentError: a recipe is wrong.
    """
    wanted = {each.channel for each in config.sources.values()}
    return load_channels(home.channels, TRANSPORTS, only=wanted.union(channel_names([home.folder / "channels"])))


def build_sources(home: Home, config: Config, channels: Mapping[str, Channel]) -> dict[str, Source]:
    """The configured sources.

    Raises:
        DocumentError: one names a channel that there is no recipe for.
    """
    unknown = [name for name, each in config.sources.items() if each.channel not in channels]
    if unknown:
        document = open_document(home.folder / "muara.yaml")
        known = ", ".join(channel_names(home.channels))
        raise DocumentError(
            [
                document.problem(
                    ("sources", name, "channel"),
                    f'there is no channel "{config.sources[name].channel}"',
                    f"use one of {known}, or put its recipe into {home.folder / 'channels'}",
                )
                for name in unknown
            ]
        )
    return {name: _source(name, home, config, channels) for name in config.sources}


def _source(name: str, home: Home, config: Config, channels: Mapping[str, Channel]) -> Source:
    each = config.sources[name]
    settings: dict[str, Any] = dict(each.settings)
    for key in ("folder", "ca_file"):
        if isinstance(path := settings.get(key), str):
            settings[key] = str(home.folder / Path(path).expanduser())
    return Source(
        id=name,
        agency=each.agency or config.agency,
        channel=channels[each.channel],
        zone=each.zone or config.zone,
        secrets=resolve_secrets(each.secrets),
        settings=settings,
        path=each.path or "",
        silence_after=each.silence_after,
    )


def source_views(config: Config, sources: Mapping[str, Source]) -> dict[str, SourceView]:
    """The sources as the normalizer sees them."""
    return {
        name: SourceView(
            channel=source.channel,
            zone=source.zone,
            home=config.sources[name].home_region or config.home_region,
            settings=source.settings,
        )
        for name, source in sources.items()
    }


def build_hubs(home: Home, config: Config) -> dict[str, Hub]:
    """The configured hubs, also those that cannot be served: see `unserved_hubs`.

    Raises:
        DocumentError: a profile is wrong, or one is named that does not exist.
        RulesError: a table of the home's `rules/` cannot be used.
    """
    wanted = {each.profile for each in config.hubs.values()}
    profiles = load_profiles(home.hubs, only=wanted.union(profile_names([home.folder / "hubs"])))
    document = open_document(home.folder / "muara.yaml")
    missing = [
        document.problem(
            ("hubs", name, "profile"),
            f'there is no hub profile "{each.profile}"',
            f"use one of {', '.join(profile_names(home.hubs))}, or put its profile into {home.folder / 'hubs'}",
        )
        for name, each in config.hubs.items()
        if each.profile not in profiles
    ]
    if wrong := [*missing, *_categories(document, home, config)]:
        raise DocumentError(wrong)
    secrets = {name: resolve_secrets(each.secrets) for name, each in config.hubs.items()}
    hubs = {
        name: Hub(
            profile=profiles[each.profile],
            base_url=each.url,
            secrets={secret: values[0] for secret, values in secrets[name].items()},
            push_secrets=secrets[name].get(profiles[each.profile].model.push_secret or "", ()),
            mode=each.mode,
            settings=each.settings,
            route=Route(frozenset(each.agencies), frozenset(each.categories), frozenset(each.regions), each.rahasia),
            rests=tuple(Rest.parse(words, config.zone) for words in each.rests),
            urgent=frozenset(each.urgent),
            poll_every=each.poll_every,
            reconcile_every=each.reconcile_every,
        )
        for name, each in config.hubs.items()
    }
    return {name: timed(hub, name, config) for name, hub in hubs.items()}


def _categories(document: Document, home: Home, config: Config) -> list[Problem]:
    """A category that no complaint can have would keep everything from a hub, or hurry or time nothing, in silence."""
    named = [
        (("hubs", name, *setting), keys)
        for name, each in config.hubs.items()
        for setting, keys in (
            (("categories",), each.categories),
            (("urgent",), each.urgent),
            (("deadlines", "field_check"), each.deadlines.field_check if each.deadlines else []),
        )
        if keys
    ]
    known = Ruling(home.rules).categories.table.categories.keys() if named else ()
    return [
        document.problem(where, f'there is no category "{key}"', f"use some of {', '.join(sorted(known))}")
        for where, keys in named
        for key in keys
        if key not in known
    ]


def unserved_hubs(home: Home, config: Config, hubs: Mapping[str, Hub]) -> dict[str, str]:
    """Of these hubs, those that nothing can be sent to: a secret or a certificate is missing. In words, by name."""
    document = open_document(home.folder / "muara.yaml")
    found: dict[str, str] = {}
    for name, hub in hubs.items():
        if unset := _unset(document, name, hub, config):
            found[name] = "; ".join(map(str, unset))
            continue
        try:
            hub.check(name)
        except BadHub as error:
            found[name] = str(error)
    return found


def _unset(document: Document, name: str, hub: Hub, config: Config) -> list[Problem]:
    """Without its secrets a hub would refuse everything: said before the first complaint is sent."""
    return [
        _missing(document, name, wanted, config.hubs[name].secrets.get(wanted))
        for wanted in hub.profile.model.secrets
        if not hub.secrets.get(wanted)
    ]


def _missing(document: Document, name: str, wanted: str, variables: str | list[str] | None) -> Problem:
    if variables is None:
        words, remedy = (
            f'its profile needs the secret "{wanted}"',
            f"add `{wanted}: NAME_OF_A_VARIABLE` under `secrets:`",
        )
    else:
        listed = variables if isinstance(variables, str) else variables[0]
        words, remedy = f"the environment variable {listed} is not set", f'set it to the secret "{wanted}" of the hub'
    return document.problem(("hubs", name, "secrets", wanted) if variables else ("hubs", name), words, remedy)
