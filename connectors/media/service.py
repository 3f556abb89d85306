"""The fetch queue of one process: what feeds it, who empties it, who tells of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry

from connectors.media.client import MediaClient
from connectors.media.fetchable import fetchable
from connectors.media.fetching import Fetcher
from connectors.media.metrics import MediaMetrics
from connectors.media.migrations import SERVICE, VERSIONS
from connectors.media.network import Resolve, resolve
from connectors.media.owner import MediaOwner
from connectors.media.reviving import revive
from connectors.media.tables import JOBS, OUTBOX, POSITIONS, SOURCES
from connectors.media.wanting import MEDIA, Wanting
from connectors.settings import MediaSettings
from connectors.source import Source
from runtime.bus.protocol import Bus, BusUnavailable, Partition, Received
from runtime.delivery.backoff import Backoff
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.outcomes import Outcome
from runtime.delivery.queue import DeliveryQueue
from runtime.delivery.trying import TryPolicy
from runtime.delivery.worker import Worker, WorkerPolicy
from runtime.loops import Loop, Step
from runtime.objects.protocol import Objects
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from runtime.store.reader import LogReader
from runtime.telemetry.health import Health
from schemas.topics import COMPLAINTS, WANTED

GROUPS = {topic.name: f"muara.connectors.media.{topic.name}" for topic in (WANTED, COMPLAINTS)}
_BATCH = 200
_POLL = 0.5
_LEASE = timedelta(minutes=10)
"""Longer than two whole answers can take, as `MediaSettings.timeout` bounds them."""


class MediaQueue:
    """`start` and `stop`. It works with the database and the log, and waits for both; nobody waits for it."""

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        bus: Bus,
        store: Store,
        sealing: Sealing,
        objects: Objects,
        registry: CollectorRegistry,
        settings: MediaSettings,
        clock: Callable[[], datetime],
        alone: bool = False,
        resolver: Resolve = resolve,
    ) -> None:
        """`alone`: no other process fetches for these sources."""
        self.sources = fetchable(sources)
        self.health = Health()
        self._bus = bus
        self._store = store
        self._clock = clock
        self._client = MediaClient(settings, resolver)
        self._metrics = MediaMetrics(registry)
        queue = DeliveryQueue(JOBS, SOURCES, loose=(MEDIA,))
        self._queue = queue
        self._wanting = Wanting(store, sealing, queue, self.sources, clock)
        self._readers = {
            topic: LogReader[int](bus, group, topic, POSITIONS, store, late=True, most=_BATCH, wait=_POLL)
            for topic, group in GROUPS.items()
        }
        self._ready = asyncio.Event()
        self._preparing = asyncio.Lock()
        self.fetchers: dict[str, Fetcher] = {}
        self._workers: list[Worker] = []
        for name, source in self.sources.items():
            fetcher = self.fetchers[name] = Fetcher(source, self._client, objects, settings, clock)
            self._workers.append(
                Worker(
                    name,
                    store,
                    queue,
                    sealing,
                    sender=fetcher,
                    # One for each worker: what it keeps between a transaction and its publication is that worker's.
                    owner=MediaOwner(bus, store, sealing, clock),
                    kinds=(MEDIA,),
                    policy=WorkerPolicy(
                        concurrency=settings.concurrency,
                        lease=_LEASE,
                        tries=TryPolicy(settings.attempts, Backoff(timedelta(seconds=2), timedelta(hours=1))),
                        # Hosts that a message names are many: a few dead ones say nothing of the others.
                        circuit=CircuitPolicy(threshold=20, longest=timedelta(minutes=5)),
                    ),
                    clock=clock,
                    observe=self._observer(name),
                    alone=alone,
                )
            )
        self._making = Loop("connectors.media.tables", self._made, self.health, idle=60)
        self._loops = [
            Loop("connectors.media.wanted", lambda: self._read(WANTED.name, self._wanting.asked), self.health, idle=0),
            Loop("connectors.media", lambda: self._read(COMPLAINTS.name, self._wanting.write), self.health, idle=0),
            Loop("connectors.media.sweeper", self._sweep, self.health, idle=5),
            *(
                Loop(f"connectors.media.{worker.name}", self._step(worker), self.health, idle=1)
                for worker in self._workers
            ),
        ]

    async def start(self) -> None:
        """Begin; where there is nothing to fetch for, only the tables are made."""
        for loop in self._loops if self.sources else [self._making]:
            loop.start()

    async def stop(self) -> None:
        """Record what is under way, and leave."""
        await asyncio.gather(*(loop.stop() for loop in (self._making, *self._loops)))
        await asyncio.gather(*(worker.drain() for worker in self._workers))
        for reader in self._readers.values():
            await reader.close()
        await self._client.close()

    def problems(self) -> list[str]:
        """What keeps files from being fetched, in words."""
        found = [f'source "{name}": {each.problem}' for name, each in self.fetchers.items() if each.problem]
        return found + [f"{part}: {words}" for part, words in self.health.problems.items()]

    async def _made(self) -> bool:
        await self._prepare()
        return False

    async def _prepare(self) -> None:
        async with self._preparing:
            if self._ready.is_set():
                return
            await migrate(self._store, SERVICE, VERSIONS)
            starts = await self._starts()
            async with self._store.writing() as connection:
                await self._queue.know(connection, list(self.sources), self._clock())
                for topic in starts:
                    await POSITIONS.begin(connection, topic)
                await revive(connection, list(self.sources), self._clock())
            self._ready.set()

    async def _starts(self) -> list[Mapping[Partition, int]]:
        """Of each topic that is read; nothing while the log is away: files are fetched without it, and whoever reads
        begins by itself.
        """
        if not self.sources:
            return []
        try:
            return [await self._bus.starts(topic) for topic in self._readers]
        except BusUnavailable:
            return []

    async def _read(self, topic: str, write: Callable[[Sequence[Received]], Awaitable[int]]) -> bool:
        await self._prepare()
        taken = await self._readers[topic].take(write)
        if taken is not None and taken.written:
            for loop in self._loops[3:]:
                loop.wake()
        return True

    def _step(self, worker: Worker) -> Step:
        async def step() -> bool:
            return await worker.step() if self._ready.is_set() else False

        return step

    def _observer(self, name: str) -> Callable[[Outcome, float], None]:
        return lambda outcome, _: self._metrics.tried(name, outcome)

    async def _sweep(self) -> bool:
        if not self._ready.is_set():
            return False
        await self._metrics.look(self._store, self._clock())
        return await OUTBOX.sweep(self._store, self._bus) > 0
