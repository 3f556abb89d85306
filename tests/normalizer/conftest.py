"""The rig, on the sizes there are."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from connectors.acceptance import Acceptance
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from normalizer import tables as t
from normalizer.commands import CommandWriter
from normalizer.deadlines import Calendar, DeadlineRules
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.scoring import Judge
from normalizer.intake.reading import RawReader
from normalizer.intake.targets import Targets
from normalizer.intake.writing import IntakeWriter
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.origin import settle_origin
from normalizer.settling.cases import Cases
from normalizer.settling.deciding import Decider
from normalizer.settling.documents import Documents
from normalizer.settling.drafting import Drafter
from normalizer.settling.rivals import Rivals
from normalizer.settling.settle import Settler
from normalizer.source import GatherPolicy, SourceView
from normalizer.statuses import StatusWriter
from recipes.library import load_channels
from runtime.bus.embedded import EmbeddedBus
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from schemas.topics import TOPICS
from tests.stores import OpenStore

from .rig import Ground, Rig, TestClock

CHANNELS = Path(__file__).parents[2] / "connectors" / "channels"
SOURCES = {
    "wa-kota": ("kominfo", "whatsapp_cloud"),
    "sms-kota": ("kominfo", "twilio_sms"),
    "surel-kota": ("kominfo", "email"),
    "sms-panjang": ("kominfo", "vonage_sms"),
    "surel-postmark": ("kominfo", "postmark"),
    "rsud": ("rsud", "opd_webhook"),
    "daftar": ("pemkot", "laporan_csv"),
}
HOME = "51.08"
"""Kabupaten Buleleng."""


@pytest.fixture(scope="session")
def sealing() -> Sealer:
    return Sealer(b"n" * 32)


@pytest.fixture(scope="session")
def drafter(sealing: Sealer) -> Drafter:
    """Its tables take a second to build; it keeps nothing of what it drafts."""
    return Drafter(sealing)


@pytest.fixture(scope="session")
def sources() -> dict[str, Source]:
    channels = load_channels([CHANNELS])
    return {name: Source(name, agency, channels[channel]) for name, (agency, channel) in SOURCES.items()}


@pytest.fixture(scope="session")
def views(sources: dict[str, Source]) -> dict[str, SourceView]:
    return {name: SourceView(source.channel, source.zone, HOME) for name, source in sources.items()}


@pytest.fixture
def partitions() -> int:
    return 2


@pytest.fixture
async def ground(open_store: OpenStore, tmp_path: Path, partitions: int) -> AsyncIterator[Ground]:
    """An empty log and an empty store, on each kind of database."""
    bus = await EmbeddedBus.open(tmp_path / "log.db", [topic.name for topic in TOPICS], partitions=partitions)
    yield Ground(bus, await open_store(SERVICE, VERSIONS))
    await bus.close()


@pytest.fixture
def objects(tmp_path: Path, sealing: Sealer) -> FolderObjects:
    return FolderObjects(tmp_path / "objects", sealing)


@pytest.fixture
def gather() -> GatherPolicy:
    """A test that wants another one overrides this."""
    return GatherPolicy()


@pytest.fixture
def make_rig(
    *,
    sealing: Sealer,
    objects: FolderObjects,
    drafter: Drafter,
    sources: dict[str, Source],
    views: dict[str, SourceView],
    gather: GatherPolicy,
) -> Callable[[Ground], Rig]:
    """Makes a normalizer's parts on any log and store."""

    def make(ground: Ground) -> Rig:
        clock, index, judge = TestClock(), CandidateIndex(t.dedup), Judge()
        decider = Decider(Cases(sealing), drafter, views, index, judge)
        rivals = Rivals(index.maker, judge, sealing)
        documents = Documents(sealing, Calendar(DeadlineRules()))
        return Rig(
            ground=ground,
            sealing=sealing,
            sources=sources,
            acceptance=Acceptance(ground.bus, sealing, objects, clock, ConnectorMetrics(CollectorRegistry())),
            reader=RawReader(views, sealing, objects),
            intake=IntakeWriter(ground.store, sealing, Targets(views, gather), gather, clock),
            settler=Settler(ground.store, decider, documents, rivals, index, clock=clock),
            statuses=StatusWriter(ground.store, clock),
            commands=CommandWriter(ground.store, index, sealing, drafter.topics, clock),
            clock=clock,
        )

    return make


@pytest.fixture
async def rig(make_rig: Callable[[Ground], Rig], ground: Ground) -> Rig:
    await settle_origin(ground.store, ground.bus)  # as the service does before anything settles
    return make_rig(ground)
