"""The connectors of one process: every transport, wired to one door to the log."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from connectors import ledger
from connectors.acceptance import Acceptance
from connectors.activity import Activity
from connectors.checks import BadSources, by_transport, faults, missing_secrets
from connectors.commands import Commands
from connectors.cursors import Cursors
from connectors.faults import describe
from connectors.files.folder import DropFolder
from connectors.imap.poller import MailboxPoller
from connectors.installed import installed
from connectors.kafka_source.poller import TopicPoller
from connectors.leases import Leases
from connectors.metrics import ConnectorMetrics
from connectors.migrations import SERVICE, VERSIONS
from connectors.rest.poller import RestPoller
from connectors.rounds import rest
from connectors.settings import ConnectorSettings
from connectors.smpp.receiver import ShortMessageReceiver
from connectors.smtp.receiver import SmtpReceiver
from connectors.source import Source
from connectors.sql.poller import TablePoller
from connectors.transports import Served, Surroundings
from connectors.watch import Watch
from connectors.webhook.router import router
from runtime.bus.protocol import Bus
from runtime.loops import Loop
from runtime.objects.protocol import Objects
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.migrate import migrate
from runtime.telemetry.health import Health
from schemas.ledger import ServiceLedger

_PAUSE = 1.0
"""Seconds between two tries to bring the tables up to date."""
_LOOK = 5.0
"""Seconds between two looks at all sources; a pause is heard by every process within them."""
_log = structlog.get_logger("muara.connectors")


class Connectors:
    """`start`, then `run` until `stop`; `router` is mounted on the process's HTTP server.

    What others send is accepted whether the database works or not; what Muara asks for itself waits for it.
    """

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
        spooled: Callable[[], int] = lambda: 0,
        alone: bool | None = None,
    ) -> None:
        """Connects to nothing yet.

        Args:
            sources: what is served.
            bus: the log, or a spool before it.
            sealing: encrypts what is accepted.
            objects: takes large payloads.
            store: knows where polled sources stand, and who serves them.
            registry: takes the metrics.
            settings: of the transports.
            clock: what time it is.
            spooled: how many accepted records wait before the log.
            alone: no other process serves these sources. When nothing is said: so it is where the store is a file.

        Raises:
            BadSources: the sources contradict each other or their transports.
        """
        if wrong := faults(sources, settings):
            raise BadSources("\n".join(wrong))
        self.metrics = ConnectorMetrics(registry)
        for source in sources:
            self.metrics.knows(source.id, source.channel.recipe.channel, source.agency)
        self.acceptance = Acceptance(
            bus,
            sealing,
            objects,
            clock,
            self.metrics,
            max_in_flight=settings.max_in_flight,
            timeout=settings.log_timeout,
            activity=Activity(clock),
        )
        self._sources = sources
        self._store = store
        self._spooled = spooled
        self._leases = Leases(
            store,
            clock,
            length=settings.lease,
            alone=store.dialect == "sqlite" if alone is None else alone,
            paused=self.acceptance.activity.is_paused,
        )
        webhooks = {source.route: source for source in by_transport(sources, "webhook")}
        self.router = router(webhooks, self.acceptance, settings.webhook)
        mail = by_transport(sources, "smtp")
        self.smtp = SmtpReceiver(mail, self.acceptance, settings.smtp) if mail and settings.smtp else None
        self.folders = [
            DropFolder(
                Path(source.options["folder"]),
                source,
                self.acceptance,
                self._leases,
                interval=settings.folder_interval,
            )
            for source in by_transport(sources, "files")
            if source.options.get("folder")
        ]
        cursors = Cursors(store, lambda value: sealing.blind("row", value), clock)
        self.pollers: list[TablePoller | RestPoller] = [
            *(
                TablePoller(source, self.acceptance, cursors, self._leases, clock)
                for source in by_transport(sources, "sql")
            ),
            *(
                RestPoller(source, self.acceptance, cursors, self._leases, clock)
                for source in by_transport(sources, "rest")
            ),
        ]
        self.mailboxes = [
            MailboxPoller(source, self.acceptance, cursors, self._leases, clock)
            for source in by_transport(sources, "imap")
        ]
        self.topics = [
            TopicPoller(source, self.acceptance, cursors, self._leases, clock)
            for source in by_transport(sources, "kafka")
        ]
        self.accounts = [
            ShortMessageReceiver(source, self.acceptance, cursors, self._leases, clock)
            for source in by_transport(sources, "smpp")
        ]
        around = Surroundings(self.acceptance, cursors, self._leases, clock)
        self._asked: list[Served] = [
            *self.folders,
            *self.pollers,
            *self.mailboxes,
            *self.topics,
            *self.accounts,
            *(
                transport.serve(source, around)
                for name, transport in installed().items()
                for source in by_transport(sources, name)
            ),
        ]
        self._health = Health()
        self.watch = Watch(sources, store, self.acceptance.activity, self.metrics, clock=clock, problems=self._unserved)
        self._watching = Loop("connectors.watch", self.watch.look, self._health, idle=_LOOK)
        ids = frozenset(source.id for source in sources)
        self._commands = Commands(bus, store, ids, self._watching.wake)
        self._obeying = Loop("connectors.commands", self._commands.step, self._health)
        self._stopping = asyncio.Event()
        self._tables_problem: str | None = None

    async def start(self) -> None:
        """Open the mail server.

        Raises:
            PortUnavailable: the mail server's port cannot be had.
        """
        if self.smtp:
            await self.smtp.start()

    async def run(self) -> None:
        """Watch the sources, and serve those that Muara asks by itself, until `stop`; first of all bring the tables up
        to date.
        """
        while not self._stopping.is_set() and not await self._tables_ready():
            await rest(_PAUSE, self._stopping)
        if self._stopping.is_set():
            return
        await self._look()  # who is paused is known before anybody is asked
        self._watching.start()
        self._obeying.start()
        async with asyncio.TaskGroup() as group:
            for each in self._asked:
                group.create_task(each.run(self._stopping), name=f"connectors-{each.source.id}")
            group.create_task(self._leases.run(self._stopping), name="connectors-leases")
            group.create_task(self._stopping.wait(), name="connectors-until-stop")
        await self._leases.release()
        await self._obeying.stop()
        await self._commands.close()
        await self._watching.stop()
        await self._look()

    async def stop(self) -> None:
        """Take no more mail, and let rounds that have begun come to their end; `run` returns then."""
        self._stopping.set()
        if self.smtp:
            await self.smtp.stop()
        for poller in self.pollers:
            await poller.close()

    async def ledger(self) -> ServiceLedger:
        """What the tables and the spool say.

        Raises:
            StoreUnavailable: the database does not work.
        """
        return await ledger.read(self._store, self._spooled())

    def ready(self) -> list[str]:
        """What does not work at the moment, in words; empty when all does."""
        problems = missing_secrets(self._sources)
        if self._tables_problem:
            waiting = "tables and folders wait" if self._asked else "what is known of the sources waits"
            problems.append(f"{waiting} for the database: {self._tables_problem}")
        if self.smtp and not self.smtp.port:
            problems.append("the mail server does not listen")
        for each in self._asked:
            if each.problem:
                problems.append(f'source "{each.source.id}": {each.problem}')
        if not self._asked:  # else those who wait for the same database and log have told of it
            problems += [f"{part}: {words}" for part, words in self._health.problems.items()]
        return problems + self.watch.words()

    def _unserved(self) -> dict[str, str]:
        return {each.source.id: each.problem for each in self._asked if each.problem}

    async def _look(self) -> None:
        try:
            await self.watch.look()
        except StoreUnavailable as error:
            _log.warning("sources not looked at", why=str(error))

    async def _tables_ready(self) -> bool:
        try:
            await migrate(self._store, SERVICE, VERSIONS)
        except Exception as error:  # noqa: BLE001 webhooks and mail go on; what is wrong is told and tried again
            words = describe(error, (StoreUnavailable,))
            if words != self._tables_problem:
                _log.error("tables not ready", why=words)
            self._tables_problem = words
            return False
        self._tables_problem = None
        return True
