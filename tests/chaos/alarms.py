"""What has to happen so that each alert fires: real faults where a machine can have them, told ones where it cannot."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID
from zoneinfo import ZoneInfo

from prometheus_client import Gauge
from sqlalchemy import select, update

import dispatcher.tables
from connectors.habit import Habit, window_of
from connectors.source_table import SOURCES
from tests.chaos import ground_faults
from tests.chaos.alarming import Alarm, Stage
from tests.outside import until
from tests.pipeline.town import Person

_EMBEDDED, _KAFKA = frozenset({"embedded"}), frozenset({"kafka"})
_BUDGETS = {name: f"MuaraBudgetBurns{name}" for name in ("Acceptance", "Durable", "Delivered")}


@asynccontextmanager
async def _nothing(stage: Stage) -> AsyncIterator[None]:
    """All of it goes on meanwhile."""
    await stage.mumble()  # so that the counter is there before it rises
    yield


@asynccontextmanager
async def _hub_refuses(stage: Stage) -> AsyncIterator[None]:
    """The hub's tables have none of our categories."""
    stage.town.hub.behave(strict_tables=True)
    yield
    stage.town.hub.behave()


@asynccontextmanager
async def _source_silent(stage: Stage) -> AsyncIterator[None]:
    """As after weeks in which messages came all day, and hours in which none came."""
    rows, now = SOURCES.c.source == "sms-kota", datetime.now(UTC)
    habit = Habit(ZoneInfo("Asia/Jakarta"), heard=500, passed=50.0)
    habit.upto = habit.counted = window_of(now)
    values: dict[str, Any] = {"habit": habit.to_state(), "last_at": now - timedelta(hours=5)}
    async with stage.town.ground.store.writing() as connection:
        assert (await connection.execute(update(SOURCES).where(rows).values(**values))).rowcount == 1
    yield
    public, ident = stage.town.ground.config.connectors.webhook.public_url, f"SM-{time.time_ns()}"
    someone = Person("Warga Contoh", 3999)
    answer = await stage.town.sms(someone, "Sampah menumpuk di Jalan Kembali", ident, public=public or "")
    assert answer.is_success


@asynccontextmanager
async def _token_refused(stage: Stage) -> AsyncIterator[None]:
    stage.town.hub.behave(p_401=1.0)
    await stage.say()
    yield
    stage.town.hub.behave()
    await stage.town.muara("hubs", "resume", "sp4n")


@asynccontextmanager
async def _hub_broken(stage: Stage) -> AsyncIterator[None]:
    stage.town.hub.behave(p_5xx=1.0)
    yield
    stage.town.hub.behave()


@asynccontextmanager
async def _hub_busy(stage: Stage) -> AsyncIterator[None]:
    """It asks for a pause, and then for another one."""
    stage.town.hub.behave(p_429=1.0, retry_after=5)
    await stage.say()
    yield
    stage.town.hub.behave()


@asynccontextmanager
async def _parked(stage: Stage) -> AsyncIterator[None]:
    """A delivery stands as parked; how one comes to be so is tried elsewhere."""
    d, town = dispatcher.tables.deliveries, stage.town
    await town.muara("hubs", "pause", "sp4n")
    await until(lambda: _unpaused(stage), "the hub is not paused")
    await stage.say()
    chosen: list[UUID] = []

    async def nothing_waits() -> bool:
        async with town.ground.store.reading() as connection:
            found = await connection.execute(
                select(d.c.delivery_id).where(d.c.state == "pending", d.c.kind == "create")
            )
            chosen[:] = found.scalars()
        return not chosen

    await until(nothing_waits, "nothing waits for the hub")

    async def stand(state: str) -> None:
        async with town.ground.store.writing() as connection:
            await connection.execute(update(d).where(d.c.delivery_id.in_(chosen)).values(state=state))

    await stand("parked")
    await town.muara("hubs", "resume", "sp4n")
    yield
    await stand("pending")


async def _unpaused(stage: Stage) -> bool:
    async with stage.town.ground.store.reading() as connection:
        hubs = dispatcher.tables.hubs
        found = await connection.execute(select(hubs.c.paused).where(hubs.c.destination == "sp4n"))
        return found.scalar_one() is None


@asynccontextmanager
async def _files_given_up(stage: Stage) -> AsyncIterator[None]:
    """After a day of tries, as the books of files tell it."""
    files = stage.town.application.registry._names_to_collectors["muara_media_files"]
    assert isinstance(files, Gauge)
    files.labels("wa-kota", "parked").set(2)
    yield
    files.labels("wa-kota", "parked").set(0)


@asynccontextmanager
async def _deadline_passes(stage: Stage) -> AsyncIterator[None]:
    """The day of a deadline has come and gone, as its row says."""
    x, store = dispatcher.tables.deadlines, stage.town.ground.store
    past = datetime.now(UTC) - timedelta(days=1)
    async with store.writing() as connection:
        chosen = select(x.c.complaint_id).where(x.c.step.is_not(None)).limit(1).scalar_subquery()
        done = await connection.execute(update(x).where(x.c.complaint_id == chosen).values(due=past, next_at=past))
        assert done.rowcount == 1
    yield
    await stage.town.hub.advance(3)


@asynccontextmanager
async def _accepted_long_ago(stage: Stage) -> AsyncIterator[None]:
    """What comes was accepted an hour ago, by the clock of who accepted it."""
    connectors = stage.town.application.connectors
    assert connectors is not None
    acceptance = connectors.acceptance
    with patch.object(acceptance, "_clock", lambda: datetime.now(UTC) - timedelta(hours=1)):
        yield


ALARMS = (
    Alarm("MuaraHubStopped", _token_refused),
    Alarm("MuaraDiskFilling", ground_faults.disk_full),
    Alarm("MuaraLedgerUnbalanced", ground_faults.row_too_many),
    Alarm("MuaraStageStands", ground_faults.store_locked),
    Alarm("MuaraDown", ground_faults.down),
    Alarm("MuaraClockOff", ground_faults.clock_off),
    Alarm("MuaraCertificateEnds", ground_faults.certificate_ends),
    Alarm("MuaraSourceSilent", _source_silent, meanwhile=Stage.say),
    Alarm("MuaraDeadlineMissed", _deadline_passes),
    Alarm("MuaraHubCircuitOpen", _hub_broken, meanwhile=Stage.say),
    Alarm("MuaraDeliveriesParked", _parked),
    Alarm("MuaraFilesGivenUp", _files_given_up),
    Alarm("MuaraDeliveriesLate", _hub_busy),
    Alarm("MuaraDeadLettersGrow", _nothing, meanwhile=Stage.mumble),
    Alarm("MuaraRefusedByHub", _hub_refuses, meanwhile=Stage.say),
    Alarm(
        "MuaraNotAccepting",
        ground_faults.log_locked,
        meanwhile=Stage.say_on,
        afterwards=Stage.say,
        also=frozenset({_BUDGETS["Acceptance"], _BUDGETS["Durable"]}),
        sizes=_EMBEDDED,
    ),
    Alarm(
        _BUDGETS["Acceptance"],
        ground_faults.log_locked,
        meanwhile=Stage.say_on,
        afterwards=Stage.say,
        also=frozenset({"MuaraNotAccepting", _BUDGETS["Durable"]}),
        sizes=_EMBEDDED,
    ),
    Alarm(_BUDGETS["Durable"], ground_faults.log_slow, meanwhile=Stage.say, afterwards=Stage.say, sizes=_EMBEDDED),
    Alarm(_BUDGETS["Delivered"], _accepted_long_ago, meanwhile=Stage.say, afterwards=Stage.say),
    Alarm("MuaraSpoolFilling", ground_faults.broker_stands, also=frozenset({_BUDGETS["Durable"]}), sizes=_KAFKA),
    Alarm(
        "MuaraRecordsLost",
        ground_faults.records_dropped,
        meanwhile=Stage.say,
        lasting=frozenset({"MuaraLedgerUnbalanced"}),
    ),
)
"""The quick ones first; last the one after which the books never balance again."""
