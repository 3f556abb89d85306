"""The log or the database is away while citizens write: their providers hear 2xx all the same, and nothing is lost."""

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from connectors.service import Connectors
from connectors.settings import ConnectorSettings
from connectors.source import Source
from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Bus, BusUnavailable, Gap, Partition, Record
from runtime.bus.spool import SpoolingBus
from runtime.bus.spool_file import SpoolLimits
from runtime.store.engine import Store
from runtime.telemetry.health import Health
from schemas.raw import RawComplaint
from schemas.topics import RAW
from tests.stores import on_server
from tools.services.kafka import KafkaCluster
from tools.services.places import free_ports

from .conftest import NOW, House, make_channel

WEB = make_channel(
    "web",
    {
        "signature": {"scheme": "token", "header": "X-Key", "secret": "kunci"}, "external_id": "id",
        "sender": "sender",
    },
)  # fmt: skip
FILES = make_channel("berkas", {"transport": "files", "decode": "row", "external_id": "id"})


def make_connectors(house: House, bus: Bus, store: Store, *sources: Source, spooled: Callable[[], int]) -> Connectors:
    return Connectors(
        sources,
        bus=bus,
        sealing=house.sealing,
        objects=house.objects,
        store=store,
        registry=CollectorRegistry(),
        settings=ConnectorSettings(folder_interval=0.02),
        clock=lambda: NOW,
        spooled=spooled,
    )


def client_of(connectors: Connectors) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(connectors.router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muara.example")


async def write(http: httpx.AsyncClient, ident: object, sender: str = "+62 811-0000-0001") -> httpx.Response:
    message = {"id": ident, "text": "Air mati", "sender": sender}
    return await http.post("/in/web", json=message, headers={"X-Key": "k"})


class Away:
    """A log that is never there."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        raise BusUnavailable(f"no broker answers for {len(records)} of {topic}")

    async def close(self) -> None:
        """There is nothing to close."""


async def test_a_full_spool_is_answered_503_with_the_time_to_come_again(
    house: House, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    bus = await SpoolingBus.open(
        Away(),  # type: ignore[arg-type]  # publishing is all it needs
        tmp_path / "spool.db",
        [RAW.name],
        registry=CollectorRegistry(),
        health=Health(),
        limits=SpoolLimits(records=3),
    )
    web = make_source(WEB, id="web", secrets={"kunci": ("k",)})
    connectors = make_connectors(house, bus, store, web, spooled=bus.spooled)
    async with client_of(connectors) as http:
        answers = [await write(http, n) for n in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503, 503]
    assert answers[3].headers["Retry-After"] == "5"
    await bus.close()
    await store.close()


async def test_webhooks_need_no_database_and_folders_wait_for_it(
    house: House, make_source: Callable[..., Source], tmp_path: Path, postgres: str
) -> None:
    """PostgreSQL is away when the process starts, and comes later."""
    port = free_ports(1)[0]
    store = Store(f"postgresql+asyncpg://muara@127.0.0.1:{port}/muara")
    folder = tmp_path / "masuk"
    folder.mkdir()
    (folder / "a.csv").write_text("id,text\n1,x\n", encoding="utf-8")
    sources = (
        make_source(WEB, id="web", secrets={"kunci": ("k",)}),
        make_source(FILES, id="berkas", settings={"folder": str(folder)}),
    )
    connectors = make_connectors(house, house.bus, store, *sources, spooled=lambda: 0)  # type: ignore[arg-type]
    await connectors.start()
    running = asyncio.create_task(connectors.run())
    async with client_of(connectors) as http:
        assert (await write(http, 1)).status_code == 200
    async with asyncio.timeout(20):
        while not connectors.ready():  # noqa: ASYNC110 readiness is asked, not told
            await asyncio.sleep(0.01)
    [words] = connectors.ready()
    assert "tables and folders wait for the database: " in words
    assert "is not to be reached" in words
    assert [raw.source for raw in await house.raws()] == ["web"]
    there = Store(on_server(postgres, postgres.rpartition("/")[2]))
    connectors._store = connectors._leases._store = there  # as if the server had come up at the same address
    async with asyncio.timeout(20):
        while len(await house.raws()) < 2:  # noqa: ASYNC110 the log tells nobody outside
            await asyncio.sleep(0.01)
    assert connectors.ready() == []
    found = await connectors.ledger()
    assert (found.counts["leases"], found.counts["spooled"]) == (1, 0)
    assert all(check.holds for check in found.checks)
    await connectors.stop()
    await running
    await there.close()
    await store.close()


async def read_all(bus: KafkaBus, enough: Callable[[list[RawComplaint]], bool]) -> list[RawComplaint]:
    """What a service finds on the log, in order within each partition."""
    positions: dict[Partition, int] = {}

    async def known(partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {p: positions[p] for p in partitions if p in positions}

    async def on_gap(gap: Gap) -> None:
        raise AssertionError(gap)

    consumer = await bus.subscribe("dinas", [RAW.name], known, on_gap)
    found: list[RawComplaint] = []
    async with asyncio.timeout(60):
        while not enough(found):
            for partition, records in (await consumer.poll(500, 0.5)).items():
                positions[partition] = records[-1].offset + 1
                found += [RawComplaint.model_validate_json(record.value) for record in records]
    return found


@pytest.mark.parametrize("how", ["killed", "stopped for a while"])
async def test_the_broker_is_away_and_comes_back_while_webhooks_keep_coming(
    house: House, make_source: Callable[..., Source], tmp_path: Path, own_kafka: KafkaCluster, how: str
) -> None:
    settings = KafkaSettings.from_url(
        f"kafka://{own_kafka.bootstrap}", prefix=f"{uuid.uuid4().hex[:8]}.", partitions=3, replication=1,
        ack_timeout=3, connect_timeout=1.5,
    )  # fmt: skip
    kafka = await KafkaBus.open(settings, [RAW])
    registry = CollectorRegistry()
    bus = await SpoolingBus.open(
        kafka, tmp_path / "spool.db", [RAW.name], registry=registry, health=Health(), patience=1
    )
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    web = make_source(WEB, id="web", secrets={"kunci": ("k",)})
    connectors = make_connectors(house, bus, store, web, spooled=bus.spooled)
    senders = [f"+62 811-0000-{n:04}" for n in range(6)]
    sent: dict[str, list[str]] = defaultdict(list)
    slowest, over = 0.0, asyncio.Event()

    async def talk(http: httpx.AsyncClient, sender: str) -> None:
        nonlocal slowest
        while not over.is_set():
            ident = f"{sender[-1]}-{len(sent[sender])}"
            started = time.monotonic()
            answer = await write(http, ident, sender)
            slowest = max(slowest, time.monotonic() - started)
            assert answer.status_code == 200, answer.text
            sent[sender].append(ident)
            await asyncio.sleep(0.02)

    async def trouble() -> None:
        await asyncio.sleep(0.3)
        if how == "killed":
            own_kafka.kill(1)
        else:
            own_kafka.pause(1)
        async with asyncio.timeout(20):
            while bus.spooled() < 60:  # noqa: ASYNC110 the spool tells nobody outside
                await asyncio.sleep(0.02)
        own_kafka.resume(1)
        await asyncio.to_thread(own_kafka.start)
        async with asyncio.timeout(60):
            while bus.spooled():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        over.set()

    async with client_of(connectors) as http, asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(talk(http, sender))
        group.create_task(trouble())
    assert slowest < 5, "no sender waits longer than providers do"
    assert (registry.get_sample_value("muara_spool_drained_records_total") or 0) >= 60
    expected = {ident for idents in sent.values() for ident in idents}
    found = await read_all(kafka, lambda raws: {house.external_id(raw) for raw in raws} >= expected)
    first: dict[str, dict[str, None]] = defaultdict(dict)
    for raw in found:
        first[raw.conversation].setdefault(house.external_id(raw))
    assert sorted(list(idents) for idents in first.values()) == sorted(sent.values())
    assert len({raw.message_id for raw in found}) == len(expected)
    await bus.close()
    await store.close()


async def test_a_process_starts_while_kafka_is_away(
    house: House, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    kafka = KafkaBus(KafkaSettings.from_url(f"kafka://127.0.0.1:{free_ports(1)[0]}"), [RAW])
    bus = await SpoolingBus.open(
        kafka, tmp_path / "spool.db", [RAW.name], registry=CollectorRegistry(), health=Health()
    )
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    web = make_source(WEB, id="web", secrets={"kunci": ("k",)})
    connectors = make_connectors(house, bus, store, web, spooled=bus.spooled)
    async with client_of(connectors) as http:
        answers = await asyncio.gather(*(write(http, n) for n in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert bus.spooled() == 50
    await bus.close()
    await store.close()
