"""Faults of what everything stands on: the process, the log, the store, the machine."""

import asyncio
import math
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID

from prometheus_client import Gauge
from sqlalchemy import delete, insert

import normalizer.tables
from runtime.bus.protocol import Partition
from schemas.topics import RAW
from tests.certificates import Authority
from tests.chaos.alarming import Stage
from tests.pipeline.sizes import locked

_EMBEDDED, _KAFKA = frozenset({"embedded"}), frozenset({"kafka"})
_BUDGETS = {name: f"MuaraBudgetBurns{name}" for name in ("Acceptance", "Durable", "Delivered")}


@asynccontextmanager
async def down(stage: Stage) -> AsyncIterator[None]:
    await stage.town.end()
    yield
    await stage.town.begin()


@asynccontextmanager
async def log_locked(stage: Stage) -> AsyncIterator[None]:
    """Another program writes into the log's file, and does not come to an end."""
    other = sqlite3.connect(stage.town.ground.home.log, isolation_level=None, timeout=30, check_same_thread=False)
    with closing(other):
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    await stage.all_said()


@asynccontextmanager
async def log_slow(stage: Stage) -> AsyncIterator[None]:
    """Others write into the log's file for a second and a half, again and again."""

    async def disturb() -> None:
        while True:
            async with log_locked(stage):
                await asyncio.sleep(1.5)
            await asyncio.sleep(0.1)

    disturbing = asyncio.create_task(disturb())
    yield
    disturbing.cancel()
    await asyncio.gather(disturbing, return_exceptions=True)


@asynccontextmanager
async def broker_stands(stage: Stage) -> AsyncIterator[None]:
    assert stage.broker is not None
    stage.broker.pause(1)
    try:
        await stage.say()
        yield
    finally:
        stage.broker.resume(1)


@asynccontextmanager
async def store_locked(stage: Stage) -> AsyncIterator[None]:
    async with locked(stage.town.ground.store):
        await stage.say()
        yield


@asynccontextmanager
async def row_too_many(stage: Stage) -> AsyncIterator[None]:
    """A row that nobody wrote."""
    rows, store = normalizer.tables.redeliveries, stage.town.ground.store
    place = {"partition": 0, "offset": 2**40}
    async with store.writing() as connection:
        await connection.execute(insert(rows), [place | {"message_id": UUID(int=1)}])
    yield
    async with store.writing() as connection:
        await connection.execute(delete(rows).where(rows.c.offset == place["offset"]))


@asynccontextmanager
async def records_dropped(stage: Stage) -> AsyncIterator[None]:
    """The log forgets what the normalizer, which stands, has not read."""
    bus = stage.town.ground.bus
    async with locked(stage.town.ground.store):
        for _ in range(4):
            await stage.say()
        ends = await bus.ends(RAW.name)
        floors = {Partition(RAW.name, place.number): end for place, end in ends.items()}
        assert await bus.prune(RAW.name, math.inf, floors) > 0
    yield


@asynccontextmanager
async def disk_full(stage: Stage) -> AsyncIterator[None]:
    """As the system tells it."""
    del stage
    told = SimpleNamespace(disk_usage=lambda path: shutil.disk_usage(path)._replace(total=1000, free=50))
    with patch("runtime.telemetry.process.shutil", told):
        yield


@asynccontextmanager
async def certificate_ends(stage: Stage) -> AsyncIterator[None]:
    """In six hours: those of production are asked for two weeks, and these for half a day."""
    for name, hours in (("ends", 6), ("new", 24 * 365)):
        (folder := stage.folder / name).mkdir()
        stage.door.load_cert_chain(*Authority(folder, timedelta(hours=hours)).issue("lapor"))
        if name == "ends":
            yield


@asynccontextmanager
async def clock_off(stage: Stage) -> AsyncIterator[None]:
    """Prometheus' clock and that of the machine differ, as the machine tells it."""
    gauge = stage.town.application.registry._names_to_collectors["muara_clock_timestamp_seconds"]
    assert isinstance(gauge, Gauge)
    gauge.set_function(lambda: time.time() + 90)
    yield
    gauge.set_function(time.time)
