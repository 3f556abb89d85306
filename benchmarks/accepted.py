"""What the connectors put on the log: the raw records of messages, sealed, as they are everywhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry

import connectors
from connectors.acceptance import Acceptance
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from recipes.channel import Channel
from recipes.inbound import Inbound
from recipes.library import load_channel
from runtime.bus.protocol import Consumer, OnGap, Partition, Positions, Record
from runtime.clock import system_clock
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import KEY_BYTES, Sealer

SOURCE, AGENCY = "wa", "kota"


def whatsapp() -> Channel:
    """The recipe by which all messages are read."""
    return load_channel(Path(connectors.__file__).parent / "channels" / "whatsapp_cloud.yaml")


def sealer() -> Sealer:
    """One key for all."""
    return Sealer(bytes(KEY_BYTES))


async def accepted(deliveries: Sequence[Inbound], folder: Path) -> list[Record]:
    """The records of these deliveries, in their order. Nothing is written but large payloads, into `folder`."""
    seal = sealer()
    sink = _Sink()
    objects = FolderObjects(folder / "objects", seal)
    acceptance = Acceptance(sink, seal, objects, system_clock, ConnectorMetrics(CollectorRegistry()))
    source = Source(SOURCE, AGENCY, whatsapp())
    for delivery in deliveries:
        await acceptance.accept(source, await source.split(delivery))
    return sink.records


class _Sink:
    """A `Bus` that only takes."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        del topic
        self.records += records

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        del positions, on_gap
        raise RuntimeError(f"{group} reads {topics} from what only takes")

    async def starts(self, topic: str) -> Mapping[Partition, int]:
        return await self.ends(topic)

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        return {Partition(topic, 0): len(self.records)}

    async def faults(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        self.records.clear()
