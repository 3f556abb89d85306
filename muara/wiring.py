"""Puts the rooms together: which source has which recipe, which hub which profile, which service runs here."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from importlib.metadata import version

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from connectors.media.service import MediaQueue
from connectors.service import Connectors
from dispatcher.door import DoorSettings
from dispatcher.service import Dispatcher
from muara.certificate_metrics import CertificateMetrics, places
from muara.config import Config
from muara.door import Door
from muara.duty import WatchedBus, answering_stopped, reading_stopped
from muara.ground import Ground
from muara.ground_metrics import GroundMetrics
from muara.housekeeping import Housekeeping
from muara.lag_metrics import LagMetrics
from muara.late import Late, Service
from muara.ledger_metrics import LedgerMetrics
from muara.parts import Parts, find_parts, source_views
from muara.storage import objects_of
from muara.store_metrics import export_store
from normalizer.deadlines import DeadlineRules
from normalizer.service import Normalizer
from normalizer.source import GatherPolicy
from portal.service import Portal
from runtime.bus.embedded import EmbeddedBus
from runtime.clock import Clock, system_clock
from runtime.http import HttpServer, Problems, application, health_routes
from runtime.telemetry.health import Health
from runtime.telemetry.process import export_process

SERVICES = ("connectors", "normalizer", "dispatcher", "portal")


class Application:
    """The services of one process."""

    def __init__(
        self,
        ground: Ground,
        services: Collection[str] = SERVICES,
        *,
        parts: Parts | None = None,
        door: Door | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """`services` are names out of `SERVICES`; without a `door` the connectors accept straight onto the log."""
        config, home = ground.config, ground.home
        door = door or Door(ground.bus, CollectorRegistry(), Health(), lambda: 0)
        embedded = isinstance(ground.bus, EmbeddedBus)
        self.registry = door.registry
        self._ground = ground
        parts = parts or find_parts(home, config, services)
        sources, objects = parts.sources, objects_of(ground)
        self._accepting = WatchedBus(door.bus)
        self.connectors: Connectors | None = None
        self.media: MediaQueue | None = None
        self.normalizer: Normalizer | None = None
        self.dispatcher: Dispatcher | None = None
        self.portal: Portal | None = None
        self._running: asyncio.Task[None] | None = None
        self._late: dict[str, Late] = {}
        self._health = door.health
        # One process of a home tidies its log: that of the normalizer, of which there is always one.
        tidies = "normalizer" in services
        self._housekeeping = Housekeeping(ground, list(sources.values()), self._health) if tidies else None
        export_store(ground.store, self.registry)
        self._measuring: list[LagMetrics | LedgerMetrics | GroundMetrics | CertificateMetrics] = [
            LagMetrics(ground, services, list(sources.values()), self.registry)
        ]
        if "portal" in services:
            self._measuring += [LedgerMetrics(ground, self.registry), GroundMetrics(ground, self.registry)]
        if "connectors" in services or "dispatcher" in services:
            door_url = config.connectors.webhook.public_url if "connectors" in services else None
            served = {name: hub for name, hub in parts.hubs.items() if name not in parts.unserved}
            self._measuring.append(CertificateMetrics(places(door_url, served), self.registry))
        export_process(
            self.registry, version=version("muara"), services=" ".join(sorted(services)), folder=ground.home.data
        )
        routers: list[APIRouter] = []
        if "connectors" in services:
            self.connectors = Connectors(
                list(sources.values()),
                bus=self._accepting,
                sealing=ground.sealer,
                objects=objects,
                store=ground.store,
                registry=self.registry,
                settings=config.connectors,
                clock=clock,
                spooled=door.spooled,
                alone=embedded,
            )
            routers.append(self.connectors.router)
            self.media = MediaQueue(
                list(sources.values()),
                bus=ground.bus,
                store=ground.store,
                sealing=ground.sealer,
                objects=objects,
                registry=self.registry,
                settings=config.connectors.media,
                clock=clock,
                alone=embedded,
            )
        if "normalizer" in services:
            self.normalizer = Normalizer(
                ground.bus,
                ground.store,
                ground.sealer,
                objects,
                sources=source_views(config, sources),
                registry=self.registry,
                gather=GatherPolicy(
                    quiet=timedelta(seconds=config.gather.quiet),
                    longest=timedelta(seconds=config.gather.longest),
                    wait=timedelta(seconds=config.gather.wait),
                ),
                deadlines=DeadlineRules(**config.deadlines.model_dump(), zone=config.zone),
                ruling=parts.ruling,
                clock=clock,
            )
        if "dispatcher" in services:
            self.dispatcher = Dispatcher(
                ground.bus,
                ground.store,
                ground.sealer,
                hubs=parts.hubs,
                registry=self.registry,
                unserved=parts.unserved,
                objects=objects,
                door=_hub_door(config),
                clock=clock,
                alone=embedded,
            )
            routers.append(self.dispatcher.router)
        if "portal" in services:
            self.portal = Portal(ground.bus, ground.store, keys=config.keys, registry=self.registry, clock=clock)
            routers.append(self.portal.router)
        routers.append(health_routes(self._asked(), self.registry, self.unready))
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

    async def unready(self) -> list[str]:
        """Why this process cannot do its own work, in words; empty when it can. See `muara.duty`."""
        if self.connectors is not None:
            refusal = self._accepting.refusal
            return [f"nothing is accepted: {refusal}"] if refusal else []
        stopped = [
            words
            for service in (self.normalizer, self.dispatcher)
            if service is not None
            for words in reading_stopped(service.health.problems)
        ]
        if self.portal is not None and "portal" in self._late and (waits := self._late["portal"].waits):
            return stopped + waits
        return stopped + (await answering_stopped(self._ground.store) if self.portal is not None else [])

    def _asked(self) -> dict[str, Problems]:
        found: dict[str, Problems] = {"log": lambda: self._health.problems}
        if self.connectors is not None:
            found["connectors"] = self.connectors.ready
        if (media := self.media) is not None:
            found["media"] = media.problems
        if (normalizer := self.normalizer) is not None:
            found["normalizer"] = lambda: normalizer.health.problems
        if (dispatcher := self.dispatcher) is not None:
            found["dispatcher"] = lambda: dispatcher.health.problems
        if (portal := self.portal) is not None:
            found["portal"] = lambda: portal.health.problems
        return found

    def _readers(self) -> list[tuple[str, Service]]:
        found = (("portal", self.portal), ("dispatcher", self.dispatcher), ("normalizer", self.normalizer))
        return [(name, service) for name, service in found if service is not None]

    async def start(self) -> None:
        """Begin to work; what consumes starts before what accepts, or as soon as its database is there.

        Raises:
            PortTaken: another program listens there.
            PortUnavailable: the mail server's port cannot be had.
        """
        for name, service in self._readers():
            if name in self._ground.behind:
                self._late[name] = Late(name, service, self._ground)
                self._late[name].start()
            else:
                await service.start()
        if self.connectors is not None:
            await self.connectors.start()
            if self.media is not None:
                await self.media.start()
            self._running = asyncio.create_task(self.connectors.run(), name="connectors")
        if self._housekeeping is not None:
            self._housekeeping.start()
        for each in self._measuring:
            each.start()
        await self.http.start()

    async def stop(self) -> None:
        """Accept no more, finish what is in hand, leave."""
        # It may be waiting for a log that is away, and nobody needs its answer any more.
        measuring = [asyncio.create_task(each.stop()) for each in self._measuring]
        await self.http.stop()
        if self.connectors is not None:
            await self.connectors.stop()
        if self.media is not None:
            await self.media.stop()
        if self._running is not None:
            await self._running
        if self._housekeeping is not None:
            await self._housekeeping.stop()
        await asyncio.gather(*(each.stop() for each in self._late.values()))
        begun = [each for name, each in self._readers() if name not in self._late or self._late[name].begun]
        await asyncio.gather(*(each.stop() for each in begun))
        await asyncio.gather(*measuring)


def _hub_door(config: Config) -> DoorSettings:
    """Hubs come through a door with the bounds of the webhooks'."""
    webhook = config.connectors.webhook
    return DoorSettings(
        public_url=webhook.public_url,
        trusted_proxies=webhook.trusted_proxies,
        max_body=webhook.max_body,
        max_in_flight=webhook.max_in_flight,
        body_timeout=webhook.body_timeout,
        retry_after=webhook.retry_after,
    )


def _words(ask: Problems) -> list[str]:
    found = ask()
    return [f"{part}: {words}" for part, words in found.items()] if isinstance(found, Mapping) else list(found)
