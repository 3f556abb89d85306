"""A real embedded log, a real key, real objects; small recipes of the shapes that providers have."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.acceptance import Acceptance
from connectors.leases import Leases
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from connectors.tables import METADATA
from recipes.channel import Channel
from recipes.models import Recipe
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import BusUnavailable, Consumer, OnGap, Partition, Positions, Record
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from schemas.raw import RawComplaint
from schemas.topics import COMMANDS, RAW

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MAP: dict[str, Any] = {"text": "text", "phone": {"phone": "sender"}}


def make_channel(name: str, receive: dict[str, Any], mapping: dict[str, Any] | None = None) -> Channel:
    """A channel as its YAML would make it."""
    return Channel(
        Recipe.model_validate(
            {"channel": name, "title": name, "receive": {"transport": "webhook", **receive}, "map": mapping or MAP}
        )
    )


class SwitchableBus:
    """The embedded log, which can be away."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self.inner = bus
        self.away = False
        self.publications = 0

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        if self.away:
            raise BusUnavailable("the log is away")
        self.publications += 1
        await self.inner.publish(topic, records)

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        return await self.inner.subscribe(group, topics, positions, on_gap)

    async def starts(self, topic: str) -> Mapping[Partition, int]:
        return await self.inner.starts(topic)


@dataclass
class House:
    """What a transport stands on, and how a test looks at what became durable."""

    bus: SwitchableBus
    sealing: Sealer
    objects: FolderObjects
    registry: CollectorRegistry
    metrics: ConnectorMetrics
    acceptance: Acceptance
    extra: dict[str, Any] = field(default_factory=dict)

    async def raws(self) -> list[RawComplaint]:
        """All records on the log, in order."""
        return [RawComplaint.model_validate_json(r.value) for r in await self.records()]

    async def records(self) -> list[Record]:
        received = await self.bus.inner.fetch(Partition(RAW.name, 0), 0, 1_000_000)
        return [Record(r.key, r.value, r.headers) for r in received]

    async def payload(self, raw: RawComplaint) -> bytes:
        if raw.payload_object:
            return await self.objects.get(raw.payload_object)
        assert raw.payload is not None
        return self.sealing.open(raw.payload, subject=str(raw.message_id), field="payload")

    def external_id(self, raw: RawComplaint) -> str:
        return self.sealing.open(raw.external_id, subject=str(raw.message_id), field="external_id").decode()

    def counted(self, channel: str, outcome: str) -> float:
        value = self.registry.get_sample_value(
            "muara_messages_received_total", {"channel": channel, "outcome": outcome}
        )
        return value or 0.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    bus = await EmbeddedBus.open(tmp_path / "log.db", [RAW.name, COMMANDS.name])
    sealing = Sealer(b"k" * 32)
    objects = FolderObjects(tmp_path / "objects", sealing)
    registry = CollectorRegistry()
    metrics = ConnectorMetrics(registry)
    switchable = SwitchableBus(bus)
    acceptance = Acceptance(switchable, sealing, objects, lambda: NOW, metrics)  # type: ignore[arg-type]  # publishing is all it needs
    yield House(switchable, sealing, objects, registry, metrics, acceptance)
    await bus.close()


@pytest.fixture
async def leases(tmp_path: Path) -> AsyncIterator[Leases]:
    """Those of a process that is alone."""
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'leases.db'}")
    async with store.writing() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Leases(store, lambda: NOW, alone=True)
    await store.close()


MakeSource = Callable[..., Source]


@pytest.fixture
def make_source() -> MakeSource:
    def make(channel: Channel, **fields: Any) -> Source:  # noqa: ANN401 any field of a source
        return Source(**{"id": "sumber-1", "agency": "dinas-air", "channel": channel, **fields})

    return make
