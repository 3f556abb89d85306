"""The dispatcher as a running service: its consumers, one worker and one poller for each hub, its sweeper."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache, partial

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import ledger, queries
from dispatcher import tables as t
from dispatcher.client import HubClient
from dispatcher.commands import CommandWriter
from dispatcher.deadline_book import DeadlineBook
from dispatcher.deadline_sweeper import DeadlineSweeper
from dispatcher.delivering import Deliverer
from dispatcher.door import Door, DoorSettings
from dispatcher.gauges import Gauges
from dispatcher.hearing import Hearing
from dispatcher.hub import Hub
from dispatcher.intake import IntakeWriter
from dispatcher.metrics import DispatcherMetrics
from dispatcher.publishing import SWEEPER, Publisher
from dispatcher.reconciler import Reconciler
from dispatcher.rendering import ATTACH, KINDS, Renderer
from dispatcher.sending import HubSender
from dispatcher.statuses import StatusPoller
from runtime.bus.protocol import Bus, Received
from runtime.clock import Clock, system_clock
from runtime.delivery.queue import DeliveryQueue
from runtime.delivery.worker import Worker
from runtime.fault_points import reached
from runtime.loops import Loop
from runtime.objects.protocol import Objects
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.reader import LogReader
from runtime.telemetry.health import Health
from schemas.ledger import ServiceLedger
from schemas.topics import COMMANDS, COMPLAINTS

log = structlog.get_logger()

_BATCH = 500
_POLL = 0.5
"""Seconds that a consumer waits for news before it looks at its other duties."""
_SWEEP = 30.0
"""Seconds between two looks for deadlines that are near or missed."""
_RECONCILE = 60.0
"""Seconds between two looks whether it is time to compare a hub with the ledger."""


class Dispatcher:
    """Everything that the dispatcher does, in one process. Its tables must be there: see `dispatcher.migrations`."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        sealing: Sealing,
        *,
        hubs: Mapping[str, Hub],
        registry: CollectorRegistry,
        unserved: Mapping[str, str] | None = None,
        objects: Objects | None = None,
        door: DoorSettings | None = None,
        clock: Clock = system_clock,
        alone: bool = False,
    ) -> None:
        """Connects to nothing yet.

        Args:
            bus: the log.
            store: where the tables are.
            sealing: opens what is private, seals what is rendered.
            hubs: all that complaints are routed to.
            registry: takes the metrics.
            unserved: those of them that nothing can be sent to as they are configured, and why: their secret is
                missing, say. Their complaints wait.
            objects: the contents of attachments, for hubs that take them.
            door: bounds of the door for hubs that tell their changes by themselves.
            clock: what time it is.
            alone: no other process serves these hubs, so that what a crash left leased is taken up at once.

        Raises:
            BadHub: a hub that is to be served cannot be used as it is configured.
        """
        self._unserved = dict(unserved or {})
        for name, hub in hubs.items():
            if name not in self._unserved:
                hub.check(name)
        self._bus = bus
        self._store = store
        self._sealing = sealing
        self._hubs = dict(hubs)
        self._objects = objects
        self._clock = clock
        self._alone = alone
        self.health = Health()
        self._metrics = DispatcherMetrics(registry)
        self._queue = DeliveryQueue(t.deliveries, t.hubs, loose=(ATTACH,))
        self._renderer = Renderer(sealing, clock)
        self._publisher = Publisher(bus, store, self.health)
        self._intake = IntakeWriter(store, self._queue, self._renderer, self._hubs, clock)
        self._commands = CommandWriter(store, self._queue, clock)
        self._hearings = {
            name: Hearing(name, hub, publisher=self._publisher, metrics=self._metrics, clock=clock)
            for name, hub in self._hubs.items()
        }
        self.router = Door(
            self._hubs,
            self._hearings,
            store=store,
            settings=door or DoorSettings(),
            metrics=self._metrics,
            health=self.health,
        ).router
        """Where hubs post their changes, for whoever serves HTTP."""
        gauges = Gauges(store, self._hubs, self._metrics, self.health, clock)
        self._readers = {
            topic: LogReader[Sequence[Outgoing]](
                bus, f"muara.dispatcher.{topic}", topic, t.positions, store, most=_BATCH, wait=_POLL
            )
            for topic in (COMPLAINTS.name, COMMANDS.name)
        }
        self._clients: list[HubClient] = []
        self._reconcilers: list[Reconciler] = []
        self._workers: list[Worker] = []
        self._sending: list[Loop] = []
        self._loops: list[Loop] = []
        self._gauging = Loop("dispatcher.gauges", gauges.step, self.health, idle=5)

    async def start(self) -> None:
        """Begin to work.

        Raises:
            StoreUnavailable: the tables cannot be used.
        """
        await self._know_hubs()
        for name, why in self._unserved.items():
            log.error("hub_not_served", hub=name, why=why)
            self.health.problem(f"dispatcher.hub.{name}.configuration", f"nothing is sent to {name}: {why}")
            self._metrics.stopped.labels(name, "configuration").set(1)
        certificates = cache(ssl.create_default_context)
        for name, hub in self._hubs.items():
            if name in self._unserved:
                continue
            client = HubClient(hub, self._clock, certificates, self._objects)
            self._clients.append(client)
            worker = self._worker(name, hub, client)
            self._workers.append(worker)
            self._sending.append(Loop(f"dispatcher.sending.{name}", worker.step, self.health, idle=0.1))
            if hub.polled:
                self._poll(name, hub, client)
            if hub.reconcile_every > 0 and "listing" in hub.profile.templates:
                self._reconcile(name, hub, client)
        books = {name: DeadlineBook(name, hub.deadlines) for name, hub in self._hubs.items() if hub.deadlines}
        if books:
            sweeper = DeadlineSweeper(
                books, store=self._store, publisher=self._publisher, metrics=self._metrics, clock=self._clock
            )
            self._loops.append(Loop("dispatcher.deadlines", sweeper.step, self.health, idle=_SWEEP))
        self._loops += [
            *self._sending,
            Loop("dispatcher.intake", lambda: self._read(COMPLAINTS.name, self._intake.write), self.health, idle=0),
            Loop("dispatcher.commands", lambda: self._read(COMMANDS.name, self._commands.write), self.health, idle=0),
            self._gauging,
            Loop(SWEEPER, self._publisher.sweep, self.health, idle=2),
        ]
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Finish what is in hand, record it, and leave."""
        for reconciler in self._reconcilers:
            reconciler.leave()
        await asyncio.gather(*(loop.stop() for loop in self._loops))
        for worker in self._workers:
            await worker.drain()
        for reader in self._readers.values():
            await reader.close()
        for client in self._clients:
            await client.close()
        self._loops, self._sending, self._workers, self._clients = [], [], [], []
        self._reconcilers = []

    async def ledger(self) -> ServiceLedger:
        """What the tables say."""
        return await ledger.read(self._store, self._hubs, self._clock())

    async def unfinished(self) -> int:
        """Deliveries that are to be sent or being sent. Parked and withheld ones wait for a person, not for us."""
        async with self._store.reading() as connection:
            return await _unfinished(connection)

    async def idle(self) -> bool:
        """Whether everything on the log was read, everything that may be sent was sent, and every event published."""
        async with self._store.reading() as connection:
            read = await t.positions.read(connection)
            waiting = await t.outbox.waiting(connection) + await _unfinished(connection)
        for topic in (COMPLAINTS.name, COMMANDS.name):
            if any(read.get(partition, 0) < end for partition, end in (await self._bus.ends(topic)).items()):
                return False
        return waiting == 0

    async def _know_hubs(self) -> None:
        """A row for each hub that is configured or has something; others are forgotten."""
        routed = select(t.routes.c.hub).distinct()
        async with self._store.writing() as connection:
            # One that was taken out of the configuration may have got something from a process that did not know yet.
            had = (await connection.execute(routed)).scalars()
            await self._queue.know(connection, sorted({*self._hubs, *had}), self._clock())
            await connection.execute(
                delete(t.hubs).where(
                    t.hubs.c.destination.not_in(sorted(self._hubs)), t.hubs.c.destination.not_in(routed)
                )
            )

    def _poll(self, name: str, hub: Hub, client: HubClient) -> None:
        poller = StatusPoller(
            name,
            hub,
            client,
            hearing=self._hearings[name],
            store=self._store,
            health=self.health,
            clock=self._clock,
        )
        self._loops.append(Loop(f"dispatcher.polling.{name}", poller.step, self.health, idle=hub.poll_every))

    def _reconcile(self, name: str, hub: Hub, client: HubClient) -> None:
        reconciler = Reconciler(name, hub, client, store=self._store, metrics=self._metrics, clock=self._clock)
        self._reconcilers.append(reconciler)
        self._loops.append(Loop(f"dispatcher.reconciling.{name}", reconciler.step, self.health, idle=_RECONCILE))

    def _worker(self, name: str, hub: Hub, client: HubClient) -> Worker:
        owner = Deliverer(
            name,
            hub,
            queue=self._queue,
            renderer=self._renderer,
            publisher=self._publisher,
            metrics=self._metrics,
            clock=self._clock,
            notice=self._gauging.wake,
        )
        return Worker(
            name,
            self._store,
            self._queue,
            self._sealing,
            sender=HubSender(hub, client, partial(queries.taken, self._store, name)),
            owner=owner,
            kinds=KINDS,
            policy=hub.worker_policy,
            clock=self._clock,
            observe=lambda outcome, seconds: self._metrics.tried(name, outcome, seconds),
            alone=self._alone,
        )

    async def _read(self, topic: str, write: Callable[[Sequence[Received]], Awaitable[Sequence[Outgoing]]]) -> bool:
        async def written(records: Sequence[Received]) -> Sequence[Outgoing]:
            events = await write(records)
            reached("dispatcher.committed")
            return events

        taken = await self._readers[topic].take(written)
        if taken is not None:
            reached("dispatcher.offsets")
            self._metrics.last_success.labels(topic).set(time.time())
            for loop in self._sending:
                loop.wake()
            await self._publisher.publish(taken.written)
        return True


async def _unfinished(connection: AsyncConnection) -> int:
    statement = select(func.count()).where(t.deliveries.c.state.in_(("pending", "leased")))
    return int((await connection.execute(statement)).scalar_one())
