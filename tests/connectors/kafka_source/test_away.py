"""A broker that dies while its topic is read over TLS with a password: told in words, and read on when it is back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]

from connectors.cursors import Cursors
from connectors.kafka_source import poller
from connectors.kafka_source.topic import TopicUnavailable
from connectors.leases import Leases
from connectors.source import Source
from connectors.tables import METADATA
from runtime.store.engine import Store
from tests.connectors.conftest import NOW, House, make_channel
from tools.services.kafka import KafkaCluster


async def test_a_broker_that_dies_is_told_and_waited_for(
    own_kafka: KafkaCluster,
    house: House,
    make_source: Callable[..., Source],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "_LOOK", 0.0)
    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(tmp_path.name, 1, 1)])
    await admin.close()
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'connectors.db'}")
    async with store.writing() as connection:
        await connection.run_sync(METADATA.create_all)
    secure = own_kafka.secure
    source = make_source(
        make_channel("topik", {"transport": "kafka"}),
        settings={
            "kafka": f"kafka+tls://{secure.bootstrap}/?ca={secure.ca_file}",
            "user": secure.user,
            "topic": tmp_path.name,
            "timeout": 5,
        },
        secrets={"password": (secure.password,)},
    )
    leases = Leases(store, lambda: NOW, alone=True)
    reading = poller.TopicPoller(source, house.acceptance, Cursors(store, str, lambda: NOW), leases, lambda: NOW)
    assert await reading.round() == 0
    await asyncio.to_thread(own_kafka.stop)
    with pytest.raises(TopicUnavailable, match="does not answer"):
        await reading.round()
    with pytest.raises(TopicUnavailable, match="nobody listens there") as trouble:
        await reading.round()
    assert secure.password not in str(trouble.value)
    await asyncio.to_thread(own_kafka.start)
    assert await reading.round() == 0
    await reading.close()
    await store.close()
