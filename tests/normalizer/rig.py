"""The normalizer taken apart, step by step under the test's own clock, on a real log, a real store and real recipes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from connectors.acceptance import Acceptance
from connectors.source import Source
from normalizer import ledger, queries
from normalizer import tables as t
from normalizer.commands import CommandWriter
from normalizer.intake.reading import RawReader
from normalizer.intake.writing import IntakeWriter, Written
from normalizer.settling.claiming import claim
from normalizer.settling.deciding import Round
from normalizer.settling.settle import Settled, Settler
from normalizer.statuses import StatusWriter
from recipes.inbound import Inbound
from runtime.bus.protocol import Bus, Gap, Partition, Received, Record
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from schemas.complaint import Complaint, PrivatePart
from schemas.events import Command, ComplaintEvent, DeadLetter, StatusEvent
from schemas.identity import complaint_id, message_id
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMMANDS, COMPLAINTS, DEAD, RAW, STATUSES

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
JSON = "application/json"
SITI, WAYAN, KETUT = "6281100000001", "6281100000002", "6281100000003"
"""Numbers that no one can own."""


@dataclass
class TestClock:
    """Stands still until it is moved."""

    __test__ = False
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Ground:
    """The log and the store: the one thing that differs between the sizes."""

    bus: Bus
    store: Store


@dataclass
class Rig:
    """The parts, and what a test does with them."""

    ground: Ground
    sealing: Sealer
    sources: dict[str, Source]
    acceptance: Acceptance
    reader: RawReader
    intake: IntakeWriter
    settler: Settler
    statuses: StatusWriter
    commands: CommandWriter
    clock: TestClock
    batches: list[Written] = field(default_factory=list)

    @property
    def bus(self) -> Bus:
        return self.ground.bus

    @property
    def store(self) -> Store:
        return self.ground.store

    # What citizens and others send

    async def receive(self, source: str, body: bytes, media_type: str = JSON, **delivery: Any) -> None:  # noqa: ANN401 as `Acceptance.accept`
        """One request, accepted as its transport would."""
        each = self.sources[source]
        await self.acceptance.accept(each, each.channel.split(Inbound(body, media_type), zone=each.zone), **delivery)

    async def whatsapp(self, *messages: dict[str, Any], name: str = "Siti Rahayu", source: str = "wa-kota") -> None:
        """One webhook request with these messages."""
        people = sorted({message["from"] for message in messages})
        contacts = [{"profile": {"name": name}, "wa_id": each} for each in people]
        value = {"messaging_product": "whatsapp", "contacts": contacts, "messages": list(messages)}
        change = {"field": "messages", "value": value}
        body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
        await self.receive(source, json.dumps(body).encode())

    async def say(self, words: str, *, sender: str = SITI, after: float = 0, name: str = "Siti Rahayu") -> UUID:
        """One WhatsApp message; returns its id. `after` counts seconds by the sender's clock."""
        ident = f"wamid.{uuid4()}"
        await self.whatsapp(text(words, ident=ident, sender=sender, after=after), name=name)
        return wa(ident)

    async def row(self, number: int, *, historical: bool = False, **columns: str) -> UUID:
        """One row of an agency's list."""
        body = json.dumps({"id": str(number), **columns}).encode()
        await self.receive("daftar", body, historical=historical, ordinals=[0], provenance=[f"laporan.csv:{number}"])
        return message_id("pemkot", "laporan_csv", "daftar", str(number))

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        await self.bus.publish(topic, [Record(key, value)])

    async def command(self, action: str, subject: object, target: UUID | None = None, **fields: Any) -> None:  # noqa: ANN401 fields of the event
        """An operator's command, obeyed."""
        command = Command.model_validate(
            {
                "event_id": uuid4(),
                "occurred_at": self.clock(),
                "origin": "operator",
                "action": action,
                "subject": str(subject),
                "target": None if target is None else str(target),
                **fields,
            }
        )
        await self.publish(COMMANDS.name, "one key, so that they stay in order", command.model_dump_json().encode())
        await self.take_commands()

    async def status(self, complaint: UUID, **fields: Any) -> None:  # noqa: ANN401 fields of the event
        """A hub's word on a complaint, taken in."""
        event = StatusEvent.model_validate(
            {
                "event_id": uuid4(),
                "occurred_at": self.clock(),
                "origin": "sp4n",
                "kind": "status",
                "complaint_id": complaint,
                "hub": "sp4n",
                "tracking_id": "9197446",
                "at": self.clock(),
                **fields,
            }
        )
        await self.publish(STATUSES.name, str(complaint), event.model_dump_json().encode())
        await self.take_statuses()

    # The normalizer's steps

    async def records(self, topic: str, limit: int = 1_000_000) -> list[Received]:
        """What the normalizer has not read yet."""
        positions = t.positions
        consumer = await self.bus.subscribe(
            f"muara.normalizer.{topic}", [topic], positions.source(self.store), positions.on_gap(self.store)
        )
        batch = await consumer.poll(limit, 0.0)
        await consumer.close()
        return [record for partition in sorted(batch) for record in batch[partition]]

    async def take_in(self) -> Written | None:
        """One batch from the log into the tables, and its events out."""
        records = await self.records(RAW.name)
        if not records:
            return None
        written = await self.intake.write(await self.reader.read(records))
        await t.outbox.publish(self.store, self.bus, written.events)
        self.batches.append(written)
        return written

    async def settle(self) -> list[Settled]:
        """Rounds of settling until nothing is due."""
        rounds = []
        while (settled := await self.settler.settle()) is not None:
            rounds.append(settled)
            await t.outbox.publish(self.store, self.bus, settled.events)
        return rounds

    async def decided(self) -> Round:
        """A round that is decided but not yet written."""
        async with self.store.reading() as view:
            prepared = await self.settler._decider.prepare(view, await claim(view, self.clock(), 200))
        await self.settler._announce(prepared)
        return await self.settler._decide(prepared, self.clock())

    async def take_statuses(self) -> None:
        if records := await self.records(STATUSES.name):
            await t.outbox.publish(self.store, self.bus, await self.statuses.write(records))

    async def take_commands(self) -> None:
        if records := await self.records(COMMANDS.name):
            await t.outbox.publish(self.store, self.bus, await self.commands.write(records))

    async def work(self, wait: float = 600) -> None:
        """Take everything in, let the time for more pieces pass, settle."""
        while await self.take_in():
            pass
        self.clock.advance(wait)
        await self.settle()

    # What can be seen

    async def log(self, topic: str) -> list[Received]:
        """All records of a topic, as a new reader gets them."""

        async def from_start(partitions: object) -> dict[Partition, int]:
            return {}

        async def on_gap(gap: Gap) -> None:
            return None

        consumer = await self.bus.subscribe(f"test.{uuid4()}", [topic], from_start, on_gap)
        found: list[Received] = []
        while batch := await consumer.poll(10_000, 0.0):
            found += [record for partition in sorted(batch) for record in batch[partition]]
        await consumer.close()
        return found

    async def events(self) -> list[ComplaintEvent]:
        """The complaint events that were published, of each complaint in order."""
        return [ComplaintEvent.model_validate_json(record.value) for record in await self.log(COMPLAINTS.name)]

    async def newest(self) -> dict[UUID, Complaint]:
        """The newest revision of every complaint, as a reader of the log keeps it."""
        found: dict[UUID, Complaint] = {}
        for event in await self.events():
            known = found.get(event.complaint.complaint_id)
            if known is None or event.complaint.revision > known.revision:
                found[event.complaint.complaint_id] = event.complaint
        return found

    async def live(self) -> list[Complaint]:
        """Complaints that were not merged away, oldest first."""
        found = [complaint for complaint in (await self.newest()).values() if complaint.merged_into is None]
        return sorted(found, key=lambda complaint: (complaint.sent_at, complaint.complaint_id))

    async def one(self) -> Complaint:
        """The only live complaint."""
        (complaint,) = await self.live()
        return complaint

    async def of(self, founder: UUID) -> Complaint:
        """The complaint that a message founded."""
        return (await self.newest())[complaint_id(founder)]

    async def dead(self) -> list[DeadLetter]:
        return [DeadLetter.model_validate_json(record.value) for record in await self.log(DEAD.name)]

    def private(self, complaint: Complaint) -> PrivatePart:
        opened = self.sealing.open(complaint.private, subject=str(complaint.complaint_id), field="private")
        return PrivatePart.model_validate_json(opened)

    async def states(self) -> dict[UUID, tuple[str, str | None]]:
        """What became of each message: its state, and why it was ignored."""
        return {row.message_id: (row.state, row.reason) for row in await queries.messages(self.store)}

    async def ledger(self) -> ServiceLedger:
        return await ledger.read(self.store)

    async def wrong(self) -> list[Check]:
        """The equations of the ledger that do not hold."""
        return [check for check in (await self.ledger()).checks if not check.holds]

    async def counts(self, *names: str) -> tuple[int, ...]:
        """Terms of the ledger, which balances."""
        found = await self.ledger()
        c = found.counts
        assert [check for check in found.checks if not check.holds] == []
        told = c["redelivered"] + c["replays"] + c["complaint"] + c["merged"] + c["ignored"] + c["dead"] + c["lost"]
        assert c["positions_raw"] == told
        return tuple(c[name] for name in names)

    async def told(self) -> Sequence[str]:
        """What came of each command, in order."""
        columns = t.commands.c
        async with self.store.reading() as connection:
            rows = await connection.execute(
                t.commands.select().order_by(columns.partition, columns.offset).with_only_columns(columns.outcome)
            )
            return [row.outcome for row in rows]


def wa(ident: str) -> UUID:
    """The id of a WhatsApp message."""
    return message_id("kominfo", "whatsapp_cloud", "wa-kota", ident)


def text(words: str, *, ident: str, sender: str = SITI, after: float = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    """A text message, sent `after` seconds after the test began."""
    stamp = str(int(START.timestamp() + after))
    return {"from": sender, "id": ident, "timestamp": stamp, "type": "text", "text": {"body": words}, **more}


def image(ident: str, *, sender: str = SITI, after: float = 0, caption: str | None = None) -> dict[str, Any]:
    """A picture, by its media id."""
    content = {"id": f"media-{ident}", "mime_type": "image/jpeg"} | ({"caption": caption} if caption else {})
    stamp = str(int(START.timestamp() + after))
    return {"from": sender, "id": ident, "timestamp": stamp, "type": "image", "image": content}
