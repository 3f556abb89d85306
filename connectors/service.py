"""The connectors of one process: every transport, wired to one door to the log."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from connectors.acceptance import Acceptance
from connectors.checks import BadSources, by_transport, faults, missing_secrets
from connectors.files.folder import DropFolder
from connectors.metrics import ConnectorMetrics
from connectors.migrations import SERVICE, VERSIONS
from connectors.settings import ConnectorSettings
from connectors.smtp.receiver import SmtpReceiver
from connectors.source import Source
from connectors.sql.cursors import Cursors
from connectors.sql.poller import TablePoller
from connectors.webhook.router import router
from runtime.bus.protocol import Bus
from runtime.objects.protocol import Objects
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.migrate import migrate


class Connectors:
    """`start`, then `run` until `stop`; `router` is mounted on the process's HTTP server."""

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        bus: Bus,
        sealing: Sealing,
        objects: Objects,
        store: Store,
        registry: CollectorRegistry,
        settings: ConnectorSettings,
        clock: Callable[[], datetime],
    ) -> None:
        """Raises `BadSources` when the sources contradict each other or their transports."""
        if wrong := faults(sources, settings):
            raise BadSources("\n".join(wrong))
        self.metrics = ConnectorMetrics(registry)
        self.acceptance = Acceptance(
            bus,
            sealing,
            objects,
            clock,
            self.metrics,
            max_in_flight=settings.max_in_flight,
            timeout=settings.log_timeout,
        )
        self._sources = sources
        self._store = store
        webhooks = {source.route: source for source in by_transport(sources, "webhook")}
        self.router = router(webhooks, self.acceptance, settings.webhook)
        mail = by_transport(sources, "smtp")
        self.smtp = SmtpReceiver(mail, self.acceptance, settings.smtp) if mail and settings.smtp else None
        self.folders = [
            DropFolder(Path(source.options["folder"]), source, self.acceptance, interval=settings.folder_interval)
            for source in by_transport(sources, "files")
            if source.options.get("folder")
        ]
        cursors = Cursors(store, lambda value: sealing.blind("row", value), clock)
        self.pollers = [TablePoller(source, self.acceptance, cursors, clock) for source in by_transport(sources, "sql")]
        self._asked: list[DropFolder | TablePoller] = [*self.folders, *self.pollers]
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Bring the tables up to date and open the mail server.

        Raises:
            StoreUnavailable: the database does not work.
            PortUnavailable: the mail server's port cannot be had.
        """
        if self.pollers:
            await migrate(self._store, SERVICE, VERSIONS)
        if self.smtp:
            await self.smtp.start()

    async def run(self) -> None:
        """Serve the sources that Muara asks by itself, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for each in self._asked:
                group.create_task(each.run(self._stopping), name=f"connectors-{each.source.id}")
            group.create_task(self._stopping.wait(), name="connectors-stop")

    async def stop(self) -> None:
        """Take no more mail, and let rounds that have begun come to their end; `run` returns then."""
        self._stopping.set()
        if self.smtp:
            await self.smtp.stop()
        for poller in self.pollers:
            await poller.close()

    def ready(self) -> list[str]:
        """What does not work at the moment, in words; empty when all does."""
        problems = missing_secrets(self._sources)
        if self.smtp and not self.smtp.port:
            problems.append("the mail server does not listen")
        for each in self._asked:
            if each.problem:
                problems.append(f'source "{each.source.id}": {each.problem}')
        return problems
