"""PostgreSQL dies under a running normalizer, and comes back: everything goes on by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

import normalizer.service
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.service import Normalizer
from normalizer.settling.drafting import Drafter
from normalizer.source import GatherPolicy, SourceView
from runtime.bus.embedded import EmbeddedBus
from runtime.objects.folder import FolderObjects
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.migrate import migrate
from schemas.topics import TOPICS
from tests.stores import on_server
from tools.services.postgres import PostgresServer

from .rig import Ground, Rig

STREETS = ("Melati", "Kenanga", "Mawar", "Anggrek", "Cempaka", "Flamboyan", "Kamboja", "Teratai", "Dahlia", "Seruni")


@pytest.fixture
async def ground(own_postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Ground]:
    bus = await EmbeddedBus.open(tmp_path / "log.db", [topic.name for topic in TOPICS], partitions=2)
    store = Store(on_server(own_postgres.url, "postgres"))
    await migrate(store, SERVICE, VERSIONS)
    yield Ground(bus, store)
    await store.close()
    await bus.close()


async def test_a_database_that_is_killed_again_and_again(
    *,
    rig: Rig,
    own_postgres: PostgresServer,
    objects: FolderObjects,
    views: dict[str, SourceView],
    drafter: Drafter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(normalizer.service, "Drafter", lambda *_: drafter)
    registry, quickly = CollectorRegistry(), GatherPolicy(wait=timedelta(milliseconds=20))
    service = Normalizer(rig.bus, rig.store, rig.sealing, objects, sources=views, registry=registry, gather=quickly)
    await service.start()
    sent = 0

    async def say(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            street, sent = STREETS[sent % len(STREETS)], sent + 1
            await rig.say(f"Lampu jalan mati di Jalan {street} nomor {sent}", sender=f"628110000{sent:04d}", after=sent)

    async def published() -> int:
        try:
            counts = (await service.ledger()).counts
        except StoreUnavailable:
            return -1
        done = counts["positions_raw"] == sent and not counts["unsettled"] and not counts["outbox"]
        return counts["received"] if done else -1

    async with asyncio.timeout(90):
        for _ in range(3):
            await say(10)
            own_postgres.kill()
            await say(10)
            while not service.health.problems:  # noqa: ASYNC110 health has no event to wait for
                await asyncio.sleep(0.01)
            await asyncio.to_thread(own_postgres.start)
            await say(10)
            while await published() != sent or service.health.problems:  # noqa: ASYNC110 lies in a database
                await asyncio.sleep(0.02)
    await service.stop()
    complaints, merged = await rig.counts("complaint", "merged")
    assert complaints + merged == 90
    newest = await rig.newest()
    assert len([each for each in newest.values() if each.merged_into is None]) == complaints
