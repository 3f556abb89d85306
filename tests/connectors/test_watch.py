"""Sources that go silent, are paused and come back, by a moved clock, on both databases, with two processes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from structlog.testing import capture_logs

from connectors.activity import Activity
from connectors.metrics import ConnectorMetrics
from connectors.migrations import SERVICE, VERSIONS
from connectors.source import Source
from connectors.source_table import SOURCES
from connectors.standing import standings
from connectors.watch import Watch
from runtime.store.engine import Store, StoreUnavailable
from tests.stores import OpenStore

from .conftest import make_channel

WEB = make_channel("web", {"signature": {"scheme": "token", "header": "X-Key", "secret": "kunci"}, "external_id": "id"})
MakeSource = Callable[..., Source]
START = datetime(2026, 11, 2, 1, tzinfo=UTC)
"""Monday, 08:00 in Jakarta."""


class Process:
    """One process's watch, by a clock of the test."""

    def __init__(self, store: Store, *sources: Source, now: datetime = START) -> None:
        self.now = now
        self.registry = CollectorRegistry()
        self.problems: dict[str, str] = {}
        self.activity = Activity(lambda: self.now)
        self.watch = Watch(
            sources,
            store,
            self.activity,
            ConnectorMetrics(self.registry),
            clock=lambda: self.now,
            problems=lambda: self.problems,
        )

    def metric(self, name: str, source: str) -> float | None:
        return self.registry.get_sample_value(name, {"source": source})


async def _row(store: Store, source: str) -> Any:  # noqa: ANN401 a row
    async with store.reading() as connection:
        return (await connection.execute(select(SOURCES).where(SOURCES.c.source == source))).one()


async def test_silence_begins_once_and_ends_once(open_store: OpenStore, make_source: MakeSource) -> None:
    store = await open_store(SERVICE, VERSIONS)
    sources = [make_source(WEB, id="web"), make_source(WEB, id="lepas", silence_after=None)]
    one, two = Process(store, *sources), Process(store, *sources)
    with capture_logs() as logs:
        for step in range(60):  # ten hours, each message taken by one of two processes
            one.now = two.now = START + step * timedelta(minutes=10)
            for source in sources:
                (one if step % 2 else two).activity.took(source.id, 2)
            await one.watch.look()
            await two.watch.look()
        last = one.now
        row = await _row(store, "web")
        assert (row.messages, row.first_at, row.last_at) == (120, START, last)
        assert one.watch.words() == []
        # The next day at the same hours nothing comes.
        for step in range(144 - 59, 144 + 16):
            one.now = two.now = START + step * timedelta(minutes=10)
            await two.watch.look()
            await one.watch.look()
        [begun] = [each for each in logs if each["event"] == "source silent"]
        assert (begun["source"], begun["since"]) == ("web", last.isoformat(timespec="seconds"))
        for process in (one, two):
            assert process.metric("muara_source_silent", "web") == 1
            assert process.metric("muara_source_silent", "lepas") == 0
            assert process.metric("muara_source_last_message_timestamp_seconds", "web") == last.timestamp()
        [words] = one.watch.words()
        assert f'"web" is silent since {last.isoformat(timespec="seconds")}' in words
        [shown, other] = await standings(store, sources, one.now)
        assert (shown.state, shown.silent_since, other.state) == ("silent", last, "receiving")
        # A process that starts now tells nobody anew.
        three = Process(store, *sources, now=one.now)
        await three.watch.look()
        assert len([each for each in logs if each["event"] == "source silent"]) == 1
        two.activity.took("web", 1)
        await two.watch.look()
        await one.watch.look()
    assert [each["source"] for each in logs if each["event"] == "source not silent any more"] == ["web"]
    assert one.metric("muara_source_silent", "web") == 0
    assert (one.watch.words(), await _state(store, sources, one.now)) == ([], "receiving")


async def _state(store: Store, sources: list[Source], now: datetime) -> str:
    return (await standings(store, sources, now))[0].state


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_time_in_which_muara_was_down_is_nobodys_silence(
    open_store: OpenStore, make_source: MakeSource, dialect: str
) -> None:
    store = await open_store(SERVICE, VERSIONS)
    source = make_source(WEB, id="web")
    process = Process(store, source)
    for step in range(160):  # a day and more, day and night
        process.now = START + step * timedelta(minutes=10)
        process.activity.took("web", 1)
        await process.watch.look()
    again = Process(store, source, now=process.now + timedelta(hours=12))
    await again.watch.look()
    again.now += timedelta(minutes=40)
    await again.watch.look()
    assert again.watch.silent == {}
    again.now += timedelta(minutes=60)
    await again.watch.look()
    assert list(again.watch.silent) == ["web"], dialect


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_counts_wait_for_a_database_that_is_away(
    open_store: OpenStore, make_source: MakeSource, tmp_path: Path, dialect: str
) -> None:
    store = await open_store(SERVICE, VERSIONS)
    process = Process(store, make_source(WEB, id="web"))
    process.activity.took("web", 3)
    process.activity.failed("web", "the signature or key is missing or wrong")
    away = Store(f"sqlite+aiosqlite:///{tmp_path / 'tidak' / 'ada.db'}")
    process.watch._store = away
    with pytest.raises(StoreUnavailable):
        await process.watch.look()
    process.activity.took("web", 2)
    process.problems = {"web": "the mailbox is away"}
    process.watch._store = store
    await process.watch.look()
    await away.close()
    row = await _row(store, "web")
    assert (row.messages, row.errors, row.error, row.problem) == (5, 2, "the mailbox is away", "the mailbox is away")
    [shown] = await standings(store, [make_source(WEB, id="web")], process.now)
    assert (shown.state, shown.problem, shown.today) == ("failing", "the mailbox is away", 5), dialect
    process.problems = {}
    await process.watch.look()
    assert (await _row(store, "web")).problem is None
    process.problems = {"web": "the mailbox is away"}
    await process.watch.look()  # and then the process dies
    [later] = await standings(store, [make_source(WEB, id="web")], process.now + timedelta(minutes=4))
    assert later.state == "receiving"
