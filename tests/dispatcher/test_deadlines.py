"""The clock at a hub: each step has its end, near and missed are said once, whoever sweeps and whatever crashes."""

import asyncio
import json
import random
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from dispatcher import service
from dispatcher import tables as t
from dispatcher.deadline_book import near
from dispatcher.deadlines import STEPS, DeadlineRules
from dispatcher.service import Dispatcher
from normalizer.statuses import apply
from runtime.bus.protocol import Partition
from runtime.working_days import WorkingDays
from sandbox.hub.pushing import signed
from sandbox.hub.server import HubSimulation
from schemas.complaint import Complaint
from schemas.events import DeadlineEvent, StatusEvent
from schemas.parts import Category
from schemas.topics import STATUSES

from .conftest import START, House, settled, until
from .test_pushes import SECRET, change, client, folded

CALENDAR = WorkingDays("Asia/Jakarta")
RULES = DeadlineRules(CALENDAR, field_check=frozenset({"jalan_rusak"}))
"""START is a Tuesday, 24 November 2026, at ten in Jakarta."""


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T16:59:59+00:00")


@pytest.mark.parametrize(
    ("state", "classification", "category", "due"),
    [
        ("received", "pengaduan", None, "2026-11-30"),  # 3 from Wednesday 25
        ("disposed", "pengaduan", None, "2026-12-02"),  # 5
        ("agency_responded", "pengaduan", None, "2026-12-09"),  # 10
        ("reporter_replied", "aspirasi", None, "2026-12-02"),
        ("in_progress", "permintaan_informasi", "jalan_rusak", "2026-12-01"),  # 5 from the receipt on Tuesday 24
        ("in_progress", "pengaduan", "lampu_jalan", "2026-12-14"),  # 14
        ("in_progress", "pengaduan", "jalan_rusak", "2027-02-19"),  # 60
        ("on_hold", "pengaduan", None, None),
        ("closed", "pengaduan", None, None),
    ],
)
def test_each_step_has_its_limit(state: Any, classification: str, category: str | None, due: str | None) -> None:  # noqa: ANN401
    since = START + timedelta(days=1)
    found = RULES.deadline(state, since, START, classification=classification, category=category)
    assert (found.due if found else None) == (day(due) if due else None)
    if found is not None:
        assert found.step == STEPS[state]
        assert START < found.approaching < found.due
        assert CALENDAR.after(found.approaching, 1) == found.due, "one working day is left"


async def events(house: House) -> list[DeadlineEvent]:
    """What the log says of deadlines."""
    records = await house.bus.fetch(Partition(STATUSES.name, 0), 0, 100_000)
    return [DeadlineEvent.model_validate_json(r.value) for r in records if "step" in json.loads(r.value)]


async def said(house: House) -> list[tuple[str, str]]:
    return [(each.step, each.standing) for each in await events(house)]


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_SWEEP", 0.05)


async def test_near_and_missed_are_said_once_over_restarts_and_by_two(
    house: House, simulation: HubSimulation, swept: None
) -> None:
    hub = house.hub(simulation, push_secrets=(SECRET,), poll_every=0, deadlines=RULES)
    category = Category(key="jalan_rusak", title="Jalan rusak", confidence=1.0, version="1")
    mine, past = house.complaint("c", category=category), house.complaint("lama", historical=True)
    one = await house.dispatcher({"sp4n": hub}, alone=False)
    await house.publish(mine, past)
    await settled(house, one)
    await until(lambda: _rows(house, 1))
    two = await house.dispatcher({"sp4n": hub}, alone=False)
    assert await said(house) == []

    house.clock.now = day("2026-11-26")
    await until(lambda: _said(house, [("forward", "approaching")]))
    (shown,) = await near(house.store, None, house.clock())
    assert (shown.step, shown.missed, shown.tracking_id) == ("forward", False, (await house.delivery(mine)).receipt)
    await house.leave()
    one = await house.dispatcher({"sp4n": hub}, alone=False)
    two = await house.dispatcher({"sp4n": hub}, alone=False)
    await asyncio.sleep(0.2)  # a chance to say it again
    assert await said(house) == [("forward", "approaching")]

    # A day late it is disposed; told twice and followed by what happened before, which moves nothing.
    late, before = (START + timedelta(days=4)).isoformat(), (START + timedelta(days=3)).isoformat()
    number = shown.tracking_id
    for told in (
        change(1, number, "terdisposisi", waktu=late),
        change(1, number, "terdisposisi", waktu=late),
        change(2, number, "ditindaklanjuti", waktu=before),
    ):
        await post(one, told)
    (row,) = await house.rows(t.deadlines)
    assert (row.state, row.step, row.due, row.told) == ("disposed", "follow_up", day("2026-12-04"), "")
    assert await near(house.store, "sp4n", house.clock()) == []

    # Nobody sweeps while it comes near; then it is missed, and was never called near.
    await house.leave()
    house.clock.now = day("2026-12-08")
    one = await house.dispatcher({"sp4n": hub}, alone=False)
    two = await house.dispatcher({"sp4n": hub}, alone=False)
    await until(lambda: _said(house, [("forward", "approaching"), ("follow_up", "missed")]))
    assert [each.missed for each in await near(house.store, "sp4n", house.clock())] == [True]

    async def gauged() -> bool:
        return house.metric("muara_deadlines", hub="sp4n", step="follow_up", state="missed") == 1

    two._gauging.wake()
    await until(gauged)
    # Resolving counts from the receipt, 60 days in this category; the end of it all is the end of the clock.
    await post(two, change(3, number, "ditindaklanjuti", waktu=house.clock().isoformat()))
    (row,) = await house.rows(t.deadlines)
    assert (row.step, row.due) == ("resolve", day("2027-02-19"))
    await post(two, change(4, number, "selesai", waktu=(house.clock() + timedelta(hours=1)).isoformat()))
    (row,) = await house.rows(t.deadlines)
    assert (row.state, row.step, row.next_at) == ("closed", None, None)
    assert house.metric("muara_deadlines_ended_total", hub="sp4n", step="follow_up", outcome="late") == 1
    assert house.metric("muara_deadlines_ended_total", hub="sp4n", step="resolve", outcome="in_time") == 1
    house.clock.now = day("2027-06-01")
    await asyncio.sleep(0.2)  # a chance to say something
    assert await said(house) == [("forward", "approaching"), ("follow_up", "missed")]
    assert len({each.event_id for each in await events(house)}) == 2
    assert [c.name for c in (await two.ledger()).checks if not c.holds] == []


async def test_posts_that_cross_end_at_the_newest_state(house: House, simulation: HubSimulation) -> None:
    """Two dispatchers, many posts at the same instant, each about all reports in an order of its own."""
    hub = house.hub(simulation, push_secrets=(SECRET,), poll_every=0, deadlines=RULES)
    one = await house.dispatcher({"sp4n": hub}, alone=False)
    complaints = [house.complaint(f"c{n}") for n in range(6)]
    await house.publish(*complaints)
    await settled(house, one)
    two = await house.dispatcher({"sp4n": hub}, alone=False)
    numbers = [str((await house.delivery(each)).receipt) for each in complaints]
    words = ["terdisposisi", "ditindaklanjuti", "ditanggapi_pelapor", "ditindaklanjuti", "tunda", "terdisposisi"]
    dice = random.Random(7)
    told = [(minute, words[minute % 6]) for minute in range(12)]
    dice.shuffle(told)

    async def send(http: httpx.AsyncClient, minute: int, word: str) -> int:
        order = dice.sample(numbers, len(numbers))
        changes = [change(minute, each, word, nomor=f"{each}-{minute}") for each in order]
        content = json.dumps({"perubahan": changes}).encode()
        return (await http.post("/hubs/sp4n/changes", content=content, headers=signed(content, SECRET))).status_code

    async with client(one) as first, client(two) as second:
        answers = await asyncio.gather(*(send(http, *each) for each in told for http in (first, second)))
    assert set(answers) == {200}
    rows = await house.rows(t.deadlines)
    assert {(row.state, row.step, row.since) for row in rows} == {
        ("disposed", "follow_up", START + timedelta(minutes=11))
    }
    assert len(rows) == len(complaints)
    assert [c.name for c in (await two.ledger()).checks if not c.holds] == []
    states = [s for s in await house.statuses() if s.kind == "status"]
    assert len({s.event_id for s in states}) == len(told) * len(complaints)
    for each in complaints:
        assert folded(each, await house.statuses()).status.since == START + timedelta(minutes=11)


async def post(dispatcher: Dispatcher, told: dict[str, Any]) -> None:
    content = json.dumps({"perubahan": [told]}).encode()
    async with client(dispatcher) as http:
        answer = await http.post("/hubs/sp4n/changes", content=content, headers=signed(content, SECRET))
    assert answer.json() == {"told": 1, "unknown": 0}


async def _rows(house: House, number: int) -> bool:
    return len(await house.rows(t.deadlines)) == number


async def _said(house: House, wanted: list[tuple[str, str]]) -> bool:
    return await said(house) == wanted


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_reader_of_status_events_passes_deadlines_over(
    house: House, simulation: HubSimulation, swept: None
) -> None:
    """Also one that was written before there were any; and a report from before the clock stands where it stood."""
    before = await house.dispatcher({"sp4n": house.hub(simulation, poll_every=0)})
    complaint = house.complaint("c")
    await house.publish(complaint)
    await settled(house, before)
    await house.leave()
    status = complaint.status.model_copy(
        update={"state": "disposed", "hub": "sp4n", "since": START + timedelta(hours=1)}
    )
    document = complaint.model_copy(update={"status": status}).model_dump_json()
    async with house.store.writing() as connection:
        await connection.execute(update(t.complaints).values(document=document))
    house.clock.now = day("2026-12-31")
    await house.dispatcher({"sp4n": house.hub(simulation, deadlines=RULES, poll_every=0)})
    await until(lambda: _said(house, [("follow_up", "missed")]))
    (event,) = await events(house)
    assert (event.due, event.origin) == (day("2026-12-01"), "dispatcher")
    as_status = StatusEvent.model_validate_json(event.model_dump_json())
    assert (as_status.kind, as_status.state, as_status.words) == ("status", None, None)
    assert apply(Complaint.model_validate_json(document), as_status) is None
