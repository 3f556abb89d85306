"""A real log, key and store for one test of a transport; the log can be away."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from connectors.acceptance import Acceptance
from connectors.cursors import Cursors
from connectors.leases import Leases
from connectors.metrics import ConnectorMetrics
from connectors.migrations import SERVICE, VERSIONS
from connectors.transports import Surroundings
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import BusUnavailable, Partition, Record
from runtime.clock import system_clock
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from schemas.raw import RawComplaint
from schemas.topics import RAW


class Log(EmbeddedBus):
    """The embedded log, which can be away."""

    away = False

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Refuse while it is away."""
        if self.away:
            raise BusUnavailable("the log is away")
        await super().publish(topic, records)


@dataclass(frozen=True)
class Ground:
    """What a transport stands on, and how a test looks at what became durable."""

    log: Log
    store: Store
    sealer: Sealer
    objects: FolderObjects

    def surroundings(self) -> Surroundings:
        """Those of a new process: whatever an earlier one held in memory is gone."""
        metrics = ConnectorMetrics(CollectorRegistry())
        return Surroundings(
            Acceptance(self.log, self.sealer, self.objects, system_clock, metrics),
            Cursors(self.store, lambda value: self.sealer.blind("row", value), system_clock),
            Leases(self.store, system_clock, alone=True),
            system_clock,
        )

    async def raws(self) -> list[RawComplaint]:
        """All that is on the log, in order."""
        found = await self.log.fetch(Partition(RAW.name, 0), 0, 1_000_000)
        return [RawComplaint.model_validate_json(each.value) for each in found]

    async def names(self) -> list[str]:
        """The sender's own id of each message on the log, in order; without those that could not be read."""
        return [
            self.sealer.open(raw.external_id, subject=str(raw.message_id), field="external_id").decode()
            for raw in await self.raws()
            if raw.defect is None
        ]


@asynccontextmanager
async def open_ground(folder: Path, database: str | None = None) -> AsyncIterator[Ground]:
    """A ground of its own, in an empty folder; `database` is the address of another store than a file there."""
    sealer = Sealer(b"k" * 32)
    log = await Log.open(folder / "log.db", [RAW.name])
    store = Store(database or f"sqlite+aiosqlite:///{folder / 'store.db'}")
    try:
        await migrate(store, SERVICE, VERSIONS)
        assert isinstance(log, Log)  # noqa: S101 made by the class itself
        yield Ground(log, store, sealer, FolderObjects(folder / "objects", sealer))
    finally:
        await store.close()
        await log.close()
