"""The services without their timers: each step is taken when it is asked for, so that what it costs can be counted."""

# ruff: noqa: SLF001 - the services' own steps are taken; parts put together here would not be what runs.

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import select

import connectors
import dispatcher
from connectors.acceptance import Acceptance
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from dispatcher import migrations as dispatcher_tables
from dispatcher import queries
from dispatcher import tables as dispatcher_rows
from dispatcher.client import HubClient
from dispatcher.hub import Hub
from dispatcher.sending import HubSender
from dispatcher.service import Dispatcher
from normalizer import migrations as normalizer_tables
from normalizer import tables as normalizer_rows
from normalizer.origin import settle_origin
from normalizer.parts import open_parts
from normalizer.service import Normalizer
from normalizer.source import GatherPolicy, SourceView
from portal import migrations as portal_tables
from portal import tables as portal_rows
from portal.service import Portal
from recipes.document import open_document
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from recipes.inbound import Inbound
from recipes.library import load_channel
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Bus
from runtime.delivery.outcomes import Delivered, Delivery, Outcome
from runtime.delivery.worker import Worker
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import KEY_BYTES, Sealer
from runtime.store.engine import Store
from runtime.store.migrate import migrate
from runtime.store.positions import PositionTable
from schemas.topics import COMPLAINTS, RAW, STATUSES, TOPICS

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTITIONS = 4
"""Of each topic."""
_CHANNEL = Path(connectors.__file__).parent / "channels" / "whatsapp_cloud.yaml"
_PROFILE = Path(dispatcher.__file__).parent / "hubs" / "sandbox.yaml"


@dataclass
class Stopped:
    """A clock that is moved by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Works:
    """Everything between a webhook and a hub. A step does all that there is to do, in as many batches as it takes."""

    bus: Bus
    store: Store
    sealer: Sealer
    objects: FolderObjects
    source: Source
    normalizer: Normalizer
    dispatcher: Dispatcher
    portal: Portal
    acceptance: Acceptance
    clock: Stopped
    worker: Worker
    """Sends to the hub."""
    client: HubClient
    looking: Store
    """The same database, for looks of our own, which nobody counts."""

    async def accept(self, deliveries: Sequence[Inbound]) -> None:
        """Split, sealed, on the log."""
        for delivery in deliveries:
            await self.acceptance.accept(self.source, await self.source.split(delivery))

    async def take_in(self) -> None:
        """From the log into the normalizer's tables."""
        while await self._unread(normalizer_rows.positions, RAW.name):
            await self.normalizer._read(RAW.name, self.normalizer._take_in)

    async def settle(self) -> None:
        """Understood, compared, published."""
        more = True
        while more:
            more = await self.normalizer._settle()
        await self.normalizer._published()  # the last round's events are on their way meanwhile

    async def plan(self) -> None:
        """From the log into the dispatcher's tables: a delivery for each complaint."""
        while await self._unread(dispatcher_rows.positions, COMPLAINTS.name):
            await self.dispatcher._read(COMPLAINTS.name, self.dispatcher._intake.write)

    async def project(self) -> None:
        """From the log into the portal's tables."""
        while await self._unread(portal_rows.positions, COMPLAINTS.name):
            await self.portal._read()

    async def send(self) -> None:
        """Every delivery that is due: claimed, rendered, taken by a hub that answers at once, recorded."""
        more = True
        while more:
            more = bool(await self.worker.step())

    async def hear(self) -> None:
        """What the hub said, into the normalizer's tables."""
        while await self._unread(normalizer_rows.positions, STATUSES.name):
            await self.normalizer._read(STATUSES.name, self.normalizer._statuses.write)

    async def show(self) -> None:
        """The numbers that the dispatcher reads from its tables every few seconds."""
        await self.dispatcher._gauging._step()

    async def understand(self) -> None:
        """Every complaint that stands in the tables once more, without writing or comparing anything."""
        row = normalizer_rows.complaints.c
        async with self.looking.reading() as connection:
            found = (await connection.execute(select(row.complaint_id, row.parts).order_by(row.complaint_id))).all()
        for complaint_id, sealed in found:
            self.normalizer._drafter.draft(open_parts(self.sealer, complaint_id, sealed), self.source.zone, None)

    async def close(self) -> None:
        """Leave the log; what is in the tables stays."""
        for reader in (*self.normalizer._readers.values(), *self.dispatcher._readers.values()):
            await reader.close()
        await self.portal._reader.close()
        await self.client.close()
        await self.looking.close()

    async def _unread(self, positions: PositionTable, topic: str) -> int:
        ends = await self.bus.ends(topic)
        async with self.looking.reading() as connection:
            read = await positions.read(connection, list(ends))
        return sum(end - read.get(partition, 0) for partition, end in ends.items())


class _Taker(HubSender):
    """A hub that takes everything before one can look."""

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        """Taken."""
        del frozen
        return Delivered(str(delivery.delivery_id.int % 10**10))


@asynccontextmanager
async def works(folder: Path, store: Store, *, bus: Bus | None = None) -> AsyncIterator[Works]:
    """Everything put together on a store, whose tables are made; with a log of its own where none is given."""
    for tables in (normalizer_tables, dispatcher_tables, portal_tables):
        await migrate(store, tables.SERVICE, tables.VERSIONS)
    own = None if bus else await EmbeddedBus.open(folder / "log.db", [t.name for t in TOPICS], partitions=PARTITIONS)
    log = bus or own
    assert log is not None  # noqa: S101 one of the two
    sealer, clock, registry = Sealer(bytes(KEY_BYTES)), Stopped(), CollectorRegistry()
    objects = FolderObjects(folder / "objects", sealer)
    channel = load_channel(_CHANNEL)
    profile = Profile(open_document(_PROFILE).build(HubProfile))
    at_once = timedelta(0)
    hub = Hub(profile, "http://127.0.0.1:9", secrets={"token": "of nobody"}, mode="send")
    normalizer = Normalizer(
        log,
        store,
        sealer,
        objects,
        sources={"wa": SourceView(channel)},
        registry=registry,
        gather=GatherPolicy(at_once, at_once, at_once),
        clock=clock,
    )
    sending = Dispatcher(
        log, store, sealer, hubs={"sp4n": hub}, registry=registry, objects=objects, clock=clock, alone=True
    )
    client = HubClient(hub, clock, ssl.create_default_context, objects)
    worker = sending._worker("sp4n", hub, client)
    worker._sender = _Taker(hub, client, partial(queries.taken, store, "sp4n"))
    made = Works(
        bus=log,
        store=store,
        sealer=sealer,
        objects=objects,
        source=Source("wa", "kota", channel),
        normalizer=normalizer,
        dispatcher=sending,
        portal=Portal(log, store, keys=(), registry=registry, clock=clock),
        acceptance=Acceptance(log, sealer, objects, clock, ConnectorMetrics(registry)),
        clock=clock,
        worker=worker,
        client=client,
        looking=Store(store.url.render_as_string(hide_password=False)),
    )
    try:
        await sending._know_hubs()
        await settle_origin(store, log)
        yield made
    finally:
        await made.close()
        if own is not None:
            await own.close()
