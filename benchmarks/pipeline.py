"""Accepting and understanding, on a real log and a real store."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

import connectors
from connectors.acceptance import Acceptance
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.service import Normalizer
from normalizer.source import GatherPolicy, SourceView
from recipes.inbound import Inbound
from recipes.library import load_channel
from runtime.bus.embedded import EmbeddedBus
from runtime.clock import system_clock
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import KEY_BYTES, Sealer
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from schemas.ledger import ServiceLedger
from schemas.topics import RAW, TOPICS

SENDERS = 64
"""Deliveries under way at the same time, as from a provider that keeps its connections busy."""
_WHATSAPP = Path(connectors.__file__).parent / "channels" / "whatsapp_cloud.yaml"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    accepted: float
    """Deliveries a second: split, sealed, durable on the log."""
    understood: float
    """Messages a second, from the log to published complaints: opened, mapped, compared, in the tables."""
    p99: float
    """Seconds that one delivery waited for the log, at the 99th percentile."""
    records: Sequence[bytes]
    """What was put on the log."""
    ledger: ServiceLedger


async def run(folder: Path, deliveries: Sequence[Inbound]) -> Measured:
    """Accept everything, then understand everything. Nothing is gathered: every message stands alone."""
    sealer = Sealer(bytes(KEY_BYTES))
    objects = FolderObjects(folder / "objects", sealer)
    bus = await EmbeddedBus.open(folder / "log.db", [topic.name for topic in TOPICS])
    store = Store(f"sqlite+aiosqlite:///{folder / 'store.db'}")
    try:
        await migrate(store, SERVICE, VERSIONS)
        channel = load_channel(_WHATSAPP)
        source = Source("wa", "kota", channel)
        acceptance = Acceptance(bus, sealer, objects, system_clock, ConnectorMetrics(CollectorRegistry()))
        waits, taken = await _accept(acceptance, source, deliveries)
        normalizer = Normalizer(
            bus,
            store,
            sealer,
            objects,
            sources={"wa": SourceView(channel)},
            registry=CollectorRegistry(),
            gather=GatherPolicy(*[GatherPolicy().quiet * 0] * 3),
        )
        started = time.perf_counter()
        await normalizer.start()
        try:
            await _settled(bus, normalizer)
            spent = time.perf_counter() - started
            ledger = await normalizer.ledger()
        finally:
            await normalizer.stop()
        return Measured(
            accepted=len(deliveries) / taken,
            understood=ledger.counts["positions_raw"] / spent,
            p99=sorted(waits)[int(len(waits) * 0.99)],
            records=await _records(bus, len(deliveries)),
            ledger=ledger,
        )
    finally:
        await store.close()
        await bus.close()


async def _accept(acceptance: Acceptance, source: Source, deliveries: Sequence[Inbound]) -> tuple[list[float], float]:
    """How long each delivery waited, and how long all took."""
    waits: list[float] = []
    ahead = iter(deliveries)

    async def sender() -> None:
        for delivery in ahead:
            begun = time.perf_counter()
            await acceptance.accept(source, await source.split(delivery))
            waits.append(time.perf_counter() - begun)

    started = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    return waits, time.perf_counter() - started


async def _settled(bus: EmbeddedBus, normalizer: Normalizer) -> None:
    """Returns when the log is read to its end, everything has settled, and every event is published."""
    end = sum((await bus.ends(RAW.name)).values())
    while True:
        await asyncio.sleep(0.25)  # counting takes time from what is measured
        counts = (await normalizer.ledger()).counts
        if counts["positions_raw"] == end and not counts["unsettled"] and not counts["outbox"]:
            return


async def _records(bus: EmbeddedBus, limit: int) -> list[bytes]:
    async def nowhere(_: object) -> dict[object, int]:
        return {}

    async def gap(_: object) -> None:
        raise RuntimeError("a log that was just written cannot begin late")

    consumer = await bus.subscribe("bench", [RAW.name], nowhere, gap)  # type: ignore[arg-type]  # from the start
    batch = await consumer.poll(limit, 1.0)
    await consumer.close()
    return [record.value for records in batch.values() for record in records]
