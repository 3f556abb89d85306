"""A dispatcher on a real log and a real store, against simulated hubs on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Row, select

from dispatcher import service
from dispatcher import tables as t
from dispatcher.door import DoorSettings
from dispatcher.hub import PROFILES, Hub
from dispatcher.migrations import SERVICE, VERSIONS
from dispatcher.service import Dispatcher
from recipes.document import open_document
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Partition, Record
from runtime.delivery.backoff import Backoff
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.trying import TryPolicy
from runtime.objects.protocol import Objects
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from sandbox.hub.server import HubSimulation
from schemas.complaint import Complaint, PrivatePart
from schemas.events import Command, ComplaintEvent, DeadLetter, StatusEvent
from schemas.identity import NAMESPACE, event_id
from schemas.parts import Reporter
from schemas.topics import COMMANDS, COMPLAINTS, DEAD, STATUSES
from tests.stores import OpenStore

TOKEN = "token-pengirim"
ADMIN = "token-pengelola"
START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SHIPPED = open_document(PROFILES / "sandbox.yaml").build(HubProfile)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def profile(**changes: Any) -> Profile:  # noqa: ANN401 any field of a profile
    """The shipped profile of the simulated hub, changed."""
    return Profile(SHIPPED.model_copy(update=changes))


NO_KEYS: dict[str, Any] = {"idempotency": None}
NO_NEWS: dict[str, Any] = {"changes": None}
"""Nothing is polled: a fault that the hub is told to have strikes what the test sends."""


@dataclass
class House:
    """What the dispatcher stands on, and how a test speaks to it and looks at what came of it."""

    bus: EmbeddedBus
    store: Store
    sealing: Sealer
    clock: Clock
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    running: list[Dispatcher] = field(default_factory=list)
    objects: Objects | None = None

    async def dispatcher(
        self,
        hubs: dict[str, Hub],
        *,
        alone: bool = True,
        unserved: dict[str, str] | None = None,
        door: DoorSettings | None = None,
    ) -> Dispatcher:
        """Start one."""
        self.registry = CollectorRegistry()
        dispatcher = Dispatcher(
            self.bus,
            self.store,
            self.sealing,
            hubs=hubs,
            registry=self.registry,
            objects=self.objects,
            unserved=unserved,
            door=door,
            clock=self.clock,
            alone=alone,
        )
        await dispatcher.start()
        self.running.append(dispatcher)
        return dispatcher

    def hub(self, simulation: HubSimulation, **changes: Any) -> Hub:  # noqa: ANN401 any field of a hub
        """A hub in mode `send`, polled and retried without long waits."""
        fields: dict[str, Any] = {
            "profile": profile(),
            "base_url": simulation.url,
            "secrets": {"token": TOKEN},
            "mode": "send",
            "poll_every": 0.05,
            "tries": TryPolicy(12, Backoff(timedelta(seconds=1), timedelta(seconds=8), lambda: 1.0)),
            "circuit": CircuitPolicy(threshold=1000),
        }
        return Hub(**fields | changes)

    def complaint(self, name: str, revision: int = 1, **changes: Any) -> Complaint:  # noqa: ANN401 any field
        """An invented complaint. `private` takes fields of its private part."""
        complaint_id = uuid5(NAMESPACE, name)
        private = {
            "title": "Lampu jalan mati",
            "text": f"Lampu jalan di Jalan Melati mati sejak Senin ({name})",
            "name": "Siti Contoh",
            "phone": "+6281100000001",
            **changes.pop("private", {}),
        }
        fields: dict[str, Any] = {
            "complaint_id": complaint_id,
            "revision": revision,
            "agency": "kota-muara",
            "channel": "whatsapp_cloud",
            "source": "wa-1",
            "title": "Lampu jalan mati",
            "text": "Lampu jalan mati sejak Senin",
            "reporter": Reporter(name="S*** C***", phone="********001"),
            "private": self.sealing.seal(
                PrivatePart(**private).model_dump_json().encode(), subject=str(complaint_id), field="private"
            ),
            "sent_at": START - timedelta(seconds=30),
            "received_at": START - timedelta(seconds=20),
            "updated_at": START,
        }
        return Complaint(**fields | changes)

    async def publish(self, *complaints: Complaint, origin: str = "normalizer") -> None:
        """Put revisions on the log."""
        await self.bus.publish(
            COMPLAINTS.name,
            [
                Record(
                    str(c.complaint_id),
                    ComplaintEvent(
                        event_id=event_id(c.complaint_id, "complaint", c.revision),
                        occurred_at=self.clock(),
                        origin=origin,
                        complaint=c,
                    )
                    .model_dump_json()
                    .encode(),
                )
                for c in complaints
            ],
        )

    async def command(
        self, action: str, subject: object, reason: str | None = None, *, target: str | None = None
    ) -> str:
        """Ask for something, and wait for what came of it."""
        before = len(await self.rows(t.commands))
        command = Command.model_validate(
            {
                "event_id": uuid5(NAMESPACE, f"{action}{subject}{before}"),
                "occurred_at": self.clock(),
                "origin": "operator",
                "action": action,
                "subject": str(subject),
                "target": target,
                "reason": reason,
            }
        )
        await self.bus.publish(COMMANDS.name, [Record(str(subject), command.model_dump_json().encode())])

        async def noted() -> bool:
            return len(await self.rows(t.commands)) > before

        await until(noted)
        return str((await self.rows(t.commands))[-1].outcome)

    async def leave(self) -> None:
        """Stop all dispatchers."""
        running, self.running = self.running, []
        for dispatcher in running:
            await dispatcher.stop()

    async def rows(self, table: Any) -> Sequence[Row[Any]]:  # noqa: ANN401 a table
        """All rows of a table, in the order of its key."""
        async with self.store.reading() as connection:
            return (await connection.execute(select(table).order_by(*table.primary_key))).all()

    async def deliveries(self, hub: str | None = None) -> dict[tuple[str, str], list[str]]:
        """(hub, kind) → states, in the order of their making."""
        async with self.store.reading() as connection:
            d = t.deliveries.c
            rows = await connection.execute(
                select(d.destination, d.kind, d.state).order_by(d.subject_id, d.destination, d.sequence)
            )
            found: dict[tuple[str, str], list[str]] = {}
            for row in rows:
                if hub in (None, row.destination):
                    found.setdefault((row.destination, row.kind), []).append(row.state)
            return found

    async def delivery(self, complaint: Complaint, hub: str = "sp4n", kind: str = "create") -> Row[Any]:
        """The last delivery of a complaint to a hub."""
        async with self.store.reading() as connection:
            d = t.deliveries.c
            rows = await connection.execute(
                select(t.deliveries)
                .where(d.subject_id == complaint.complaint_id, d.destination == hub, d.kind == kind)
                .order_by(d.sequence.desc())
            )
            return rows.all()[0]

    async def statuses(self) -> list[StatusEvent]:
        """All status events on the log."""
        records = await self.bus.fetch(Partition(STATUSES.name, 0), 0, 100_000)
        return [StatusEvent.model_validate_json(r.value) for r in records]

    async def dead(self) -> list[DeadLetter]:
        """All dead letters on the log."""
        records = await self.bus.fetch(Partition(DEAD.name, 0), 0, 100_000)
        return [DeadLetter.model_validate_json(r.value) for r in records]

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value; 0 when nothing was counted."""
        return self.registry.get_sample_value(name, labels) or 0.0


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until something is so; fails when it does not come to be."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 the condition lies in a database or at a hub
            await asyncio.sleep(0.02)


async def settled(house: House, dispatcher: Dispatcher, *, step: float = 0.0, seconds: float = 60) -> None:
    """Wait until the dispatcher has nothing more to do, moving the clock by `step` each time."""

    async def quiet() -> bool:
        house.clock.forward(step)
        return await dispatcher.idle()

    await until(quiet, seconds)


@pytest.fixture
async def house(tmp_path: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(service, "_POLL", 0.05)  # a stop waits for the turn to end
    bus = await EmbeddedBus.open(tmp_path / "log.db", [x.name for x in (COMPLAINTS, STATUSES, COMMANDS, DEAD)])
    made = House(bus, await open_store(SERVICE, VERSIONS), Sealer(b"k" * 32), Clock())
    yield made
    await made.leave()
    await bus.close()


@pytest.fixture
async def simulation(tmp_path: Path, house: House) -> AsyncIterator[HubSimulation]:
    async with HubSimulation(tmp_path / "hub.db", token=TOKEN, admin_token=ADMIN, seed=7) as running:
        yield running
        await house.leave()  # before the hub goes: nobody is left who asks it


@pytest.fixture
async def second(tmp_path: Path, house: House) -> AsyncIterator[HubSimulation]:
    async with HubSimulation(tmp_path / "hub2.db", token=TOKEN, admin_token=ADMIN, seed=8) as running:
        yield running
        await house.leave()


def ids(complaints: Sequence[Complaint]) -> set[UUID]:
    """The ids of complaints."""
    return {c.complaint_id for c in complaints}
