"""An agency's topic on a real broker: each record once, whatever happens to either side; nothing is written there."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete  # type: ignore[import-untyped]

from connectors.cursors import Cursors
from connectors.kafka_source.poller import LOST, TopicPoller
from connectors.kafka_source.settings import cluster
from connectors.kafka_source.topic import AgencyTopic, OutOfReach, TopicUnavailable
from connectors.leases import Leases
from connectors.probing import probed
from connectors.source import Source
from connectors.tables import METADATA
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import Store
from tests.connectors.conftest import NOW, House, make_channel

CHANNEL = make_channel(
    "topik",
    {"transport": "kafka", "external_id": "value.id", "sent_at": {"timestamp": "timestamp"}},
    {"text": "value.isi"},
)
AT = 1_790_000_000_000


@dataclass
class Office:
    """An agency with a topic, and Muara that reads it."""

    name: str
    url: str
    house: House
    store: Store
    producer: Any
    admin: Any
    make_source: Callable[..., Source]

    async def write(self, *values: object, partition: int = 0, at: int = AT, **more: Any) -> None:  # noqa: ANN401
        for value in values:
            raw = value if isinstance(value, bytes | None) else json.dumps(value).encode()
            await self.producer.send_and_wait(self.name, raw, partition=partition, timestamp_ms=at, **more)

    async def make_topic(self) -> None:
        await self.admin.create_topics([NewTopic(self.name, 2, 1)])

    def source(self, **settings: Any) -> Source:  # noqa: ANN401 any setting
        return self.make_source(CHANNEL, settings={"kafka": self.url, "topic": self.name, **settings})

    def poller(self, *, alone: bool = True, **settings: Any) -> TopicPoller:  # noqa: ANN401 any setting
        cursors = Cursors(self.store, lambda value: self.house.sealing.blind("row", value), lambda: NOW)
        leases = Leases(self.store, lambda: NOW, alone=alone)
        return TopicPoller(self.source(**settings), self.house.acceptance, cursors, leases, lambda: NOW, doubt=0)

    async def ids(self) -> list[str]:
        return sorted(self.house.external_id(raw) for raw in await self.house.raws())

    async def drained(self, poller: TopicPoller, wanted: int) -> int:
        """Rounds until so many were taken."""
        taken = 0
        async with asyncio.timeout(20):
            while taken < wanted:
                taken += await poller.round() or 0
        return taken


async def _tried(source: Source) -> list[tuple[bool, str]]:
    return [(found.ok, found.words) async for found in probed([source], lambda: NOW)]


@pytest.fixture
async def office(
    kafka: str, kafka_prefix: str, house: House, tmp_path: Path, make_source: Callable[..., Source]
) -> AsyncIterator[Office]:
    server = kafka.removeprefix("kafka://").rstrip("/")
    admin = AIOKafkaAdminClient(bootstrap_servers=server)
    producer = AIOKafkaProducer(bootstrap_servers=server)
    await admin.start()
    await producer.start()
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'connectors.db'}")
    async with store.writing() as connection:
        await connection.run_sync(METADATA.create_all)
    office = Office(f"{kafka_prefix}aduan", kafka, house, store, producer, admin, make_source)
    await office.make_topic()
    yield office
    await producer.stop()
    await admin.delete_topics([office.name])
    await admin.close()
    await store.close()


async def _remove(office: Office, before: int) -> None:
    await office.admin.delete_records({TopicPartition(office.name, 0): RecordsToDelete(before_offset=before)})


def _errors(office: Office) -> Sequence[str]:
    return [tally.error for tally in office.house.acceptance.activity.drain().values() if tally.error]


async def test_each_record_once_over_failures_and_restarts(office: Office) -> None:
    headers = [("asal", b"igd"), ("Authorization", b"Bearer rahasia"), ("biner", b"\xff\x00")]
    await office.write({"id": 1, "isi": "Air mati"}, key=b"K-1", headers=headers)
    await office.write(b'{"id": 2, rusak', b"\x00\x00\x00\x00\x07avro", {"isi": "tanpa nomor"})
    await office.write(None, key=b"K-0")
    await office.write({"id": 3, "isi": "Jalan rusak"}, partition=1)
    poller = office.poller()
    office.house.bus.away = True
    with pytest.raises(BusUnavailable):
        await poller.round()
    office.house.bus.away = False
    assert await office.drained(poller, 6) == 6
    assert await poller.round() == 0
    place = f"{office.name}:0"
    known = ["1", "3", *(f"{place}:{offset}@{AT}" for offset in (1, 2, 3, 4))]
    assert await office.ids() == sorted(known)
    raws = {office.house.external_id(raw): raw for raw in await office.house.raws()}
    assert raws["1"].provenance == f"{place}:0"
    assert json.loads(await office.house.payload(raws["1"])) == {
        "topic": office.name, "partition": 0, "offset": 0, "timestamp": "2026-09-21T14:13:20.000Z", "key": "K-1",
        "headers": {"asal": "igd", "biner": "ff00"}, "value": {"id": 1, "isi": "Air mati"},
    }  # fmt: skip
    broken, binary = raws[f"{place}:1@{AT}"], raws[f"{place}:2@{AT}"]
    assert str(broken.defect).startswith(f"record {place}:1: its value cannot be read: the body is not JSON")
    assert json.loads(await office.house.payload(broken))["value"] == '{"id": 2, rusak'
    assert "binary form, such as Avro" in str(binary.defect)
    await poller.close()
    await office.write({"id": 4, "isi": "Lampu padam"})
    again = office.poller()
    assert await office.drained(again, 1) == 1
    assert await office.ids() == sorted([*known, "4"])
    await again.close()
    assert not [group for group, _ in await office.admin.list_consumer_groups() if office.name in group]


async def test_what_was_removed_is_told_and_what_was_made_anew_is_read(office: Office) -> None:
    await office.write({"id": 1}, {"id": 2})
    poller = office.poller()
    await office.drained(poller, 2)
    await poller.close()
    await office.write({"id": 3}, {"id": 4}, {"id": 5})
    await _remove(office, 4)
    assert await office.drained(poller, 1) == 1
    assert await office.ids() == ["1", "2", "5"]
    assert office.house.counted("topik", LOST) == 2
    assert "up to 2 records" in _errors(office)[0]
    assert await poller.round() == 0  # and nothing is told twice
    assert office.house.counted("topik", LOST) == 2
    await poller.close()

    await office.admin.delete_topics([office.name])
    async with asyncio.timeout(10):
        while office.name in await office.admin.list_topics():  # noqa: ASYNC110 no broker tells of it
            await asyncio.sleep(0.05)
    with pytest.raises(TopicUnavailable, match=f'no topic "{office.name}" that we may see'):
        await poller.round()
    await office.make_topic()
    later = AT + 60_000
    await office.write(*({"isi": f"baru {number}"} for number in range(9)), at=later)  # longer than the old one was
    assert await office.drained(poller, 9) == 9
    assert len(await office.ids()) == 12
    assert "was made anew" in _errors(office)[0]
    assert office.house.counted("topik", LOST) == 2
    await poller.close()


async def test_of_two_processes_one_reads_until_it_is_stopped(office: Office) -> None:
    first, second, stopping = office.poller(alone=False, interval=0.05), office.poller(alone=False), asyncio.Event()
    running = asyncio.create_task(first.run(stopping))
    await office.write({"id": 1})
    async with asyncio.timeout(10):
        while await office.ids() != ["1"]:  # noqa: ASYNC110 the log tells nobody
            await asyncio.sleep(0.02)
        assert await second.round() is None
        stopping.set()
        await running
    assert first.problem is None


async def test_now_passes_over_what_is_there(office: Office) -> None:
    await office.write({"id": 1})
    poller = office.poller(since="now", batch=2)
    assert await poller.round() == 0
    await poller.close()
    await office.write({"id": 2}, {"id": 3}, {"id": 4}, partition=1)
    assert await office.drained(poller, 3) == 3
    assert await office.ids() == ["2", "3", "4"]
    await poller.close()


async def test_what_a_transaction_takes_back_is_never_seen_and_its_mark_is_no_loss(office: Office) -> None:
    bank = AIOKafkaProducer(
        bootstrap_servers=office.url.removeprefix("kafka://").rstrip("/"), transactional_id=f"{office.name}-tx"
    )
    await bank.start()
    for number, kept in ((1, True), (2, False)):
        await bank.begin_transaction()
        await bank.send_and_wait(office.name, json.dumps({"id": number}).encode(), partition=0)
        await (bank.commit_transaction() if kept else bank.abort_transaction())
    await bank.stop()
    poller = office.poller()
    async with asyncio.timeout(10):
        while await _next(office) < 4:  # a record and a mark, twice
            await poller.round()
    assert await office.ids() == ["1"]
    await poller.close()
    await _remove(office, 4)
    assert await poller.round() == 0
    assert office.house.counted("topik", LOST) == 0
    await poller.close()


async def _next(office: Office) -> int:
    state = await Cursors(office.store, str, lambda: NOW).load("sumber-1")
    return int(state["partitions"]["0"][0]) if state else 0


async def test_a_look_takes_nothing_and_says_in_words_what_is_there(office: Office, unused_tcp_port: int) -> None:
    await office.write({"id": 1, "isi": "Air mati"}, b"{rusak")
    (held, ok), (defect, bad) = [(words, well) for well, words in await _tried(office.source())]
    assert (held, ok) == (f'the topic "{office.name}" has 2 partitions with about 2 records', True)
    assert (bad, "the body is not JSON" in defect) == (False, True)
    topic = AgencyTopic(cluster(office.source()), office.name, 10)
    await topic.open()
    topic.read_from({0: 99})
    with pytest.raises(OutOfReach):
        assert [await topic.records() for _ in range(20)] == []
    await topic.close()
    [(well, words)] = await _tried(office.source(topic=f"{office.name}-lain"))
    assert not well
    assert "correct `topic:`" in words
    [(well, words)] = await _tried(office.source(kafka=f"kafka://127.0.0.1:{unused_tcp_port}"))
    assert (well, words) == (
        False,
        f"127.0.0.1:{unused_tcp_port}: nobody listens there: is the broker running, and is the port right?",
    )
    assert await office.ids() == []
