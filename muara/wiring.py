"""Puts the rooms together: which source has which recipe, which hub which profile, which service runs here."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from connectors.checks import TRANSPORTS
from connectors.service import Connectors
from connectors.source import Source
from dispatcher.hub import Hub
from dispatcher.service import Dispatcher
from muara.config import Config, resolve_secrets
from muara.door import Door
from muara.ground import Ground
from muara.home import Home
from muara.housekeeping import Housekeeping
from normalizer.deadlines import DeadlineRules
from normalizer.service import Normalizer
from normalizer.source import GatherPolicy, SourceView
from portal.service import Portal
from recipes.channel import Channel
from recipes.document import Document, DocumentError, Problem, open_document
from recipes.hubs.profile import Profile, load_profiles
from recipes.library import load_channels
from runtime.bus.embedded import EmbeddedBus
from runtime.clock import Clock, system_clock
from runtime.http import HttpServer, Problems, application, health_routes
from runtime.telemetry.health import Health

SERVICES = ("connectors", "normalizer", "dispatcher", "portal")


def build_sources(home: Home, config: Config, channels: Mapping[str, Channel]) -> dict[str, Source]:
    """The configured sources.

    Raises:
        DocumentError: one names a channel that there is no recipe for.
    """
    unknown = [name for name, each in config.sources.items() if each.channel not in channels]
    if unknown:
        document = open_document(home.folder / "muara.yaml")
        known = ", ".join(sorted(channels))
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
    if isinstance(folder := settings.get("folder"), str):
        settings["folder"] = str(home.folder / Path(folder).expanduser())
    return Source(
        id=name,
        agency=each.agency or config.agency,
        channel=channels[each.channel],
        zone=each.zone or config.zone,
        secrets=resolve_secrets(each.secrets),
        settings=settings,
        path=each.path or "",
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
    """The configured hubs.

    Raises:
        DocumentError: a profile is wrong, or one is named that does not exist.
    """
    profiles = load_profiles(home.hubs)
    document = open_document(home.folder / "muara.yaml")
    missing = [
        document.problem(
            ("hubs", name, "profile"),
            f'there is no hub profile "{each.profile}"',
            f"use one of {', '.join(sorted(profiles))}, or put its profile into {home.folder / 'hubs'}",
        )
        for name, each in config.hubs.items()
        if each.profile not in profiles
    ]
    if missing:
        raise DocumentError(missing)
    built = _hubs(config, profiles)
    if unset := [problem for name, hub in built.items() for problem in _unset(document, name, hub, config)]:
        raise DocumentError(unset)
    return built


def _hubs(config: Config, profiles: Mapping[str, Profile]) -> dict[str, Hub]:
    return {
        name: Hub(
            profile=profiles[each.profile],
            base_url=each.url,
            secrets={secret: values[0] for secret, values in resolve_secrets(each.secrets).items()},
            mode=each.mode,
            settings=each.settings,
            agencies=frozenset(each.agencies) if each.agencies else None,
            poll_every=each.poll_every,
        )
        for name, each in config.hubs.items()
    }


def _unset(document: Document, name: str, hub: Hub, config: Config) -> list[Problem]:
    """Without its secret a hub would refuse everything: said before the first complaint is sent."""
    wanted = hub.profile.model.auth.secret
    if wanted is None or hub.secrets.get(wanted):
        return []
    variables = config.hubs[name].secrets.get(wanted)
    if variables is None:
        words, remedy = (
            f'its profile needs the secret "{wanted}"',
            f"add `{wanted}: NAME_OF_A_VARIABLE` under `secrets:`",
        )
    else:
        listed = variables if isinstance(variables, str) else variables[0]
        words, remedy = f"the environment variable {listed} is not set", f'set it to the secret "{wanted}" of the hub'
    return [document.problem(("hubs", name, "secrets", wanted) if variables else ("hubs", name), words, remedy)]


class Application:
    """The services of one process."""

    def __init__(
        self,
        ground: Ground,
        services: Collection[str] = SERVICES,
        *,
        door: Door | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`services` are names out of `SERVICES`; without a `door` the connectors accept straight onto the log."""
        config, home = ground.config, ground.home
        door = door or Door(ground.bus, CollectorRegistry(), Health(), lambda: 0)
        embedded = isinstance(ground.bus, EmbeddedBus)
        self.registry = door.registry
        self._ground = ground
        channels = load_channels(home.channels, TRANSPORTS)
        sources = build_sources(home, config, channels)
        self.connectors: Connectors | None = None
        self.normalizer: Normalizer | None = None
        self.dispatcher: Dispatcher | None = None
        self.portal: Portal | None = None
        self._running: asyncio.Task[None] | None = None
        self._health = door.health
        # One process of a home tidies its log: that of the normalizer, of which there is always one.
        self._housekeeping = Housekeeping(ground, self._health) if "normalizer" in services else None
        routers: list[APIRouter] = []
        if "connectors" in services:
            self.connectors = Connectors(
                list(sources.values()),
                bus=door.bus,
                sealing=ground.sealer,
                objects=ground.objects,
                store=ground.store,
                registry=self.registry,
                settings=config.connectors,
                clock=clock,
                spooled=door.spooled,
                alone=embedded,
            )
            routers.append(self.connectors.router)
        if "normalizer" in services:
            self.normalizer = Normalizer(
                ground.bus,
                ground.store,
                ground.sealer,
                ground.objects,
                sources=source_views(config, sources),
                registry=self.registry,
                gather=GatherPolicy(
                    quiet=timedelta(seconds=config.gather.quiet),
                    longest=timedelta(seconds=config.gather.longest),
                    wait=timedelta(seconds=config.gather.wait),
                ),
                deadlines=DeadlineRules(**config.deadlines.model_dump(), zone=config.zone),
                clock=clock,
            )
        if "dispatcher" in services:
            self.dispatcher = Dispatcher(
                ground.bus,
                ground.store,
                ground.sealer,
                hubs=build_hubs(home, config),
                registry=self.registry,
                clock=clock,
                alone=embedded,
            )
        if "portal" in services:
            self.portal = Portal(ground.bus, ground.store, keys=config.keys, registry=self.registry, clock=clock)
            routers.append(self.portal.router)
        routers.append(health_routes(self._asked(), self.registry))
        app = application("Muara", "Every complaint channel of local government, as one feed.", *routers)
        self.http = HttpServer(app, host=config.http.host, port=config.http.port)

    @property
    def smtp(self) -> str | None:
        """Where mail is taken, as `host:port`; None when this process takes none."""
        receiver = self.connectors.smtp if self.connectors is not None else None
        settings = self._ground.config.connectors.smtp
        return f"{settings.host}:{receiver.port}" if receiver is not None and settings is not None else None

    def problems(self) -> list[str]:
        """What keeps the services of this process from their work, in words."""
        return [words for ask in self._asked().values() for words in _words(ask)]

    def _asked(self) -> dict[str, Problems]:
        found: dict[str, Problems] = {"log": lambda: self._health.problems}
        if self.connectors is not None:
            found["connectors"] = self.connectors.ready
        if (normalizer := self.normalizer) is not None:
            found["normalizer"] = lambda: normalizer.health.problems
        if (dispatcher := self.dispatcher) is not None:
            found["dispatcher"] = lambda: dispatcher.health.problems
        if (portal := self.portal) is not None:
            found["portal"] = lambda: portal.health.problems
        return found

    async def start(self) -> None:
        """Begin to work; what consumes starts before what accepts.

        Raises:
            PortTaken: another program listens there.
            PortUnavailable: the mail server's port cannot be had.
        """
        for service in (self.portal, self.dispatcher, self.normalizer):
            if service is not None:
                await service.start()
        if self.connectors is not None:
            await self.connectors.start()
            self._running = asyncio.create_task(self.connectors.run(), name="connectors")
        if self._housekeeping is not None:
            self._housekeeping.start()
        await self.http.start()

    async def stop(self) -> None:
        """Accept no more, finish what is in hand, leave."""
        await self.http.stop()
        if self.connectors is not None:
            await self.connectors.stop()
        if self._running is not None:
            await self._running
        if self._housekeeping is not None:
            await self._housekeeping.stop()
        for service in (self.normalizer, self.dispatcher, self.portal):
            if service is not None:
                await service.stop()


def _words(ask: Problems) -> list[str]:
    found = ask()
    return [f"{part}: {words}" for part, words in found.items()] if isinstance(found, Mapping) else list(found)
