"""Accepting and understanding, each on a log of its own, with a real store."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

import connectors
from connectors.acceptance import Acceptance
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from normalizer import tables as t
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.service import Normalizer
from normalizer.source import GatherPolicy, SourceView
from recipes.channel import Channel
from recipes.inbound import Inbound
from recipes.library import load_channel
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Gap, Partition, Record
from runtime.clock import system_clock
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import KEY_BYTES, Sealer
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from schemas.ledger import ServiceLedger
from schemas.topics import RAW, TOPICS

SENDERS = 64
"""Deliveries under way at the same time, as from a provider that keeps its connections busy."""
WARM = 50
"""Messages before the clock runs: word lists and regions are loaded once in the life of a process."""
_LOOK = 0.05
"""Seconds between two looks whether everything is done."""
_WHATSAPP = Path(connectors.__file__).parent / "channels" / "whatsapp_cloud.yaml"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was put on the log, and how fast."""

    per_second: float
    """Deliveries a second: split, sealed, durable on the log."""
    p99: float
    """Seconds that one delivery waited for the log, at the 99th percentile."""
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Understood:
    """What became of it, and how fast."""

    per_second: float
    """Messages a second, from the log to published complaints: opened, mapped, compared, in the tables."""
    ledger: ServiceLedger


class Bench:
    """Both measurements, with one key, one recipe, one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sealer = Sealer(bytes(KEY_BYTES))
        self._objects = FolderObjects(folder / "objects", self._sealer)
        self._channel: Channel = load_channel(_WHATSAPP)

    async def accept(self, deliveries: Sequence[Inbound]) -> Accepted:
        """Accept everything, from several senders at once."""
        bus = await self._log("accepted.db")
        acceptance = Acceptance(bus, self._sealer, self._objects, system_clock, ConnectorMetrics(CollectorRegistry()))
        source = Source("wa", "kota", self._channel)
        waits: list[float] = []
        ahead = iter(deliveries)

        async def sender() -> None:
            for delivery in ahead:
                begun = time.perf_counter()
                await acceptance.accept(source, await source.split(delivery))
                waits.append(time.perf_counter() - begun)

        try:
            started = time.perf_counter()
            await asyncio.gather(*(sender() for _ in range(SENDERS)))
            spent = time.perf_counter() - started
            records = await _read(bus)
        finally:
            await bus.close()
        return Accepted(len(deliveries) / spent, sorted(waits)[int(len(waits) * 0.99)], records)

    async def understand(self, records: Sequence[Record]) -> Understood:
        """Understand everything. Nothing is gathered: every message stands alone, and settles at once."""
        bus = await self._log("log.db")
        store = Store(f"sqlite+aiosqlite:///{self._folder / 'store.db'}")
        try:
            await migrate(store, SERVICE, VERSIONS)
            at_once = GatherPolicy().quiet * 0
            normalizer = Normalizer(
                bus,
                store,
                self._sealer,
                self._objects,
                sources={"wa": SourceView(self._channel)},
                registry=CollectorRegistry(),
                gather=GatherPolicy(at_once, at_once, at_once),
            )
            await normalizer.start()
            try:
                await bus.publish(RAW.name, records[:WARM])
                await _settled(bus, store, normalizer)
                started = time.perf_counter()
                await bus.publish(RAW.name, records[WARM:])
                await _settled(bus, store, normalizer)
                spent = time.perf_counter() - started
                return Understood(len(records[WARM:]) / spent, await normalizer.ledger())
            finally:
                await normalizer.stop()
        finally:
            await store.close()
            await bus.close()

    async def _log(self, name: str) -> EmbeddedBus:
        return await EmbeddedBus.open(self._folder / name, [topic.name for topic in TOPICS])


async def _settled(bus: EmbeddedBus, store: Store, normalizer: Normalizer) -> None:
    """Returns when the log is read to its end, everything has settled, and every event is published.

    Raises:
        RuntimeError: the normalizer cannot work, so the wait would never end.
    """
    end = sum((await bus.ends(RAW.name)).values())
    unsettled = select(func.count()).select_from(t.complaints).where(t.complaints.c.settles_at.is_not(None))
    while True:
        async with store.reading() as connection:
            read = await t.positions.total(connection, RAW.name)
            waiting = int((await connection.execute(unsettled)).scalar_one()) + await t.outbox.waiting(connection)
        if read == end and not waiting:
            return
        if problems := normalizer.health.problems:
            raise RuntimeError("; ".join(f"{part}: {words}" for part, words in problems.items()))
        await asyncio.sleep(_LOOK)


async def _read(bus: EmbeddedBus) -> list[Record]:
    """All records, in order."""

    async def from_the_start(partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def never(gap: Gap) -> None:
        raise RuntimeError(f"a log that was just written begins late: {gap}")

    left = sum((await bus.ends(RAW.name)).values())
    consumer = await bus.subscribe("bench", [RAW.name], from_the_start, never)
    batch = await consumer.poll(left, 1.0)
    await consumer.close()
    return [Record(each.key, each.value, each.headers) for found in batch.values() for each in found]
