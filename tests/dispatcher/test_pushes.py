"""Hubs that tell their changes by themselves: durable before 2xx, harmless twice and out of order, refused in words."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import update

from dispatcher import tables as t
from dispatcher.door import DoorSettings
from dispatcher.hearing import Hearing
from dispatcher.service import Dispatcher
from normalizer.statuses import apply
from recipes.hubs.operation_model import Webhook
from runtime.bus.protocol import BusUnavailable
from runtime.http import HttpServer, application
from runtime.store.engine import StoreUnavailable
from sandbox.hub.pushing import signed
from sandbox.hub.server import HubSimulation
from schemas.complaint import Complaint
from schemas.events import StatusEvent

from .conftest import START, House, profile, settled, until

SECRET, OLD = "kata-sandi-baru", "kata-sandi-lama"
SECRETS = (SECRET, OLD)


def body(*changes: dict[str, Any]) -> bytes:
    return json.dumps({"perubahan": list(changes)}).encode()


def change(number: int, report: str = "9165001", status: str = "terdisposisi", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    at = (START + timedelta(minutes=number)).isoformat()
    return {"nomor": number, "tracking_id": report, "referensi": "x", "status": status, "waktu": at, **more}


def folded(complaint: Complaint, events: Sequence[StatusEvent]) -> Complaint:
    """What whoever keeps complaints makes of events, in the order of the log."""
    for event in events:
        if event.complaint_id == complaint.complaint_id:
            complaint = apply(complaint, event) or complaint
    return complaint


@asynccontextmanager
async def client(dispatcher: Dispatcher) -> AsyncIterator[httpx.AsyncClient]:
    app = application("Muara", "", dispatcher.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muara.example") as http:
        yield http


async def test_what_is_posted_twice_and_backwards_and_then_polled_has_the_effect_of_once(
    house: House, simulation: HubSimulation
) -> None:
    hub = house.hub(simulation, push_secrets=(SECRET,), poll_every=0)
    complaints = [house.complaint(f"c{n}") for n in range(4)]
    dispatcher = await house.dispatcher({"sp4n": hub})
    server = HttpServer(application("Muara", "", dispatcher.router))
    await server.start()

    async def told() -> bool:
        said = {s.event_id for s in await house.statuses() if s.kind == "status"}
        return len(said) == (await simulation.summary()).changes

    await house.publish(*complaints)
    await settled(house, dispatcher)
    for _ in range(12):
        await simulation.advance()
        await asyncio.sleep(0.002)  # the hub's clock has milliseconds, and tells apart what is not in the same one
    assert not [s for s in await house.statuses() if s.kind == "status"], "nobody asks"
    simulation.behave(
        push_to=f"{server.url}/hubs/sp4n/changes", push_secret=SECRET, push_twice=True, push_backwards=True
    )
    await until(told)
    pushed = await house.statuses()
    assert len({s.event_id for s in pushed}) < len(pushed), "they came twice"
    for report in await simulation.reports():
        mine = next(c for c in complaints if str(c.complaint_id) == report.referensi)
        after = folded(mine, pushed)
        states = [s for s in pushed if s.kind == "status" and s.complaint_id == mine.complaint_id]
        assert (after.status.words, after.status.hub) == (report.keterangan, "sp4n")
        assert after.status.since == max(s.at for s in states)
        assert after.status.since != states[-1].at or len({s.event_id for s in states}) == 1, "the oldest came last"
    simulation.behave()
    await server.stop()
    await house.leave()

    asked = await house.dispatcher({"sp4n": house.hub(simulation)})
    changes = (await simulation.summary()).changes
    await until(lambda: _applied(house, changes))
    await until(asked.idle)
    events = await house.statuses()
    assert {s.event_id for s in events} == {s.event_id for s in pushed}, "asked or told, it is the same event"
    assert [folded(c, events).status for c in complaints] == [folded(c, pushed).status for c in complaints]


async def _applied(house: House, changes: int) -> bool:
    return house.metric("muara_hub_changes_total", hub="sp4n", outcome="applied") == changes


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_body_that_never_ends_gives_way_to_a_hub_that_has_news(house: House, simulation: HubSimulation) -> None:
    hubs = {"sp4n": house.hub(simulation, push_secrets=SECRETS, poll_every=0)}
    dispatcher = await house.dispatcher(hubs, door=DoorSettings(max_in_flight=1, body_timeout=3600))
    news, begun, never = body(), asyncio.Event(), asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        begun.set()
        yield b"{"
        await never.wait()

    async with client(dispatcher) as http:

        async def answer() -> int:
            return (await http.post("/hubs/sp4n/changes", content=news, headers=signed(news, SECRET))).status_code

        sitting = asyncio.create_task(http.post("/hubs/sp4n/changes", content=endless()))
        await begun.wait()
        await until(lambda: _is(answer(), 200))
        assert (await sitting).status_code == 408


async def _is(found: Awaitable[int], wanted: int) -> bool:
    return await found == wanted


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_refused_is_refused_in_words_and_counted(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubs = {
        "sp4n": house.hub(simulation, push_secrets=SECRETS, poll_every=0),
        "tanpa-kunci": house.hub(simulation, mode="shadow", poll_every=0),
        "diam": house.hub(simulation, mode="shadow", poll_every=0, profile=profile(webhook=None)),
    }
    dispatcher = await house.dispatcher(hubs, door=DoorSettings(max_body=4096))
    complaint = house.complaint("c")
    await house.publish(complaint)
    await settled(house, dispatcher)
    number = (await house.delivery(complaint)).receipt
    deep, good = b'{"perubahan":' + b"[" * 70 + b"]" * 70 + b"}", body(change(1, number))
    dtd = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    table: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
        ("sp4n", "POST", good, signed(good, "salah"), 401, "bad_signature"),
        ("sp4n", "POST", good, {}, 401, "bad_signature"),
        ("sp4n", "POST", good + b" ", signed(good, SECRET), 401, "bad_signature"),
        ("sp4n", "GET", b"", {}, 405, "method_not_allowed"),
        ("sp4n", "POST", b" " * 5000, signed(b" " * 5000, SECRET), 413, "too_large"),
        ("sp4n", "POST", good, {**signed(good, SECRET), "Content-Encoding": "gzip"}, 415, "unsupported_encoding"),
        ("sp4n", "POST", deep, signed(deep, SECRET), 422, "unreadable"),
        ("sp4n", "POST", b"bukan", signed(b"bukan", SECRET), 422, "unreadable"),
        ("sp4n", "POST", dtd, signed(dtd, SECRET), 422, "unreadable"),
        ("tanpa-kunci", "POST", good, signed(good, ""), 503, "misconfigured"),
        ("diam", "POST", good, signed(good, SECRET), 404, "unknown_hub"),
        ("siapa", "POST", good, signed(good, SECRET), 404, "unknown_hub"),
    ]
    with structlog.testing.capture_logs() as logs:
        async with client(dispatcher) as http:
            for hub, method, content, headers, status, outcome in table:
                label = "unknown" if outcome == "unknown_hub" else hub
                before = house.metric("muara_hub_pushes_total", hub=label, outcome=outcome)
                answer = await http.request(method, f"/hubs/{hub}/changes", content=content, headers=headers)
                assert (answer.status_code, set(answer.json())) == (status, {"error", "remedy"}), (hub, outcome)
                assert house.metric("muara_hub_pushes_total", hub=label, outcome=outcome) == before + 1
                assert ("Retry-After" in answer.headers) == (status == 503)
            assert len(await house.statuses()) == 1, "the receipt alone"
            assert "cannot be read" in dispatcher.health.problems["dispatcher.news.sp4n.posted"]

            with monkeypatch.context() as away:
                away.setattr(house.store, "writing", _away)
                answer = await http.post("/hubs/sp4n/changes", content=good, headers=signed(good, SECRET))
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

            with monkeypatch.context() as away:
                away.setattr(house.bus, "publish", _no_log)
                other = body(change(7, number, "tunda", keterangan="Ditunda"))
                answer = await http.post("/hubs/sp4n/changes", content=other, headers=signed(other, SECRET))
                assert answer.status_code == 200, "the log is away; what was told is safe"
            assert [s.words for s in await house.statuses() if s.kind == "status"] == []
            assert await t.outbox.sweep(house.store, house.bus, older_than=timedelta(0)) == 1

            for secret in SECRETS:
                answer = await http.post("/hubs/sp4n/changes", content=good, headers=signed(good, secret))
                assert (answer.status_code, answer.json()) == (200, {"told": 1, "unknown": 0})
            assert "dispatcher.news.sp4n.posted" not in dispatcher.health.problems

            mixed = body(
                change(2, number, "entah", keterangan="Entah"), {"nomor": 3}, change(4, number, "selesai"),
                change(5, "1"), change(6, number, "selesai", tracking_id=None),
            )  # fmt: skip
            answer = await http.post("/hubs/sp4n/changes", content=mixed, headers=signed(mixed, SECRET))
            assert answer.status_code == 422, "the hub comes again with what could not be read"
    said = {(s.state, s.words) for s in await house.statuses() if s.kind == "status"}
    assert said == {
        ("on_hold", "Ditunda"), ("disposed", "terdisposisi"), (None, "Entah"), ("closed", "selesai"),
    }, "the others are told"  # fmt: skip
    assert house.metric("muara_hub_heard_timestamp_seconds", hub="sp4n") == START.timestamp()
    for outcome, times in (("applied", 4), ("unknown_word", 1), ("unknown_report", 1)):
        assert house.metric("muara_hub_changes_total", hub="sp4n", outcome=outcome) == times, outcome
    assert not any(secret in str(logs) for secret in SECRETS)


async def _no_log(*_: object) -> None:
    raise BusUnavailable("the log is away")


def _away() -> None:
    raise StoreUnavailable("the database is away")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_state_that_overtakes_its_receipt_is_not_lost(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = Webhook.model_validate(
        {
            "signature": {"scheme": "token", "query": "kunci", "secret": "webhook"},
            "when": "body.peristiwa.jenis == 'status'",
            "found": "body.peristiwa.laporan",
            "within": "body.peristiwa",
            "id": {"join": ["nomor", "status", "waktu"], "with": ":"},
            "tracking_id": "nomor",
            "word": "status",
            "at": "waktu",
            "answer": {"media_type": "text/plain", "body": "OK"},
        }
    )
    hub = house.hub(simulation, profile=profile(webhook=posted), push_secrets=(SECRET,), poll_every=0)
    dispatcher = await house.dispatcher({"sp4n": hub})
    complaint = house.complaint("c")
    await house.publish(complaint)
    await settled(house, dispatcher)
    number = (await house.delivery(complaint)).receipt
    await house.leave()
    d = t.deliveries.c

    async def write(**values: Any) -> None:  # noqa: ANN401
        async with house.store.writing() as connection:
            await connection.execute(update(t.deliveries).where(d.subject_id == complaint.complaint_id).values(values))

    looked, look = asyncio.Event(), Hearing.may_become_known

    async def looking(*arguments: Any) -> bool:  # noqa: ANN401
        found = await look(*arguments)
        looked.set()
        return found

    monkeypatch.setattr(Hearing, "may_become_known", looking)
    await write(state="leased", receipt=None)
    xml = (
        "<peristiwa><jenis>status</jenis><laporan><nomor>{}</nomor><status>selesai</status>"
        "<waktu>2026-11-24T05:00:00Z</waktu></laporan></peristiwa>"
    )
    async with client(dispatcher) as http:
        where = f"/hubs/sp4n/changes?kunci={SECRET}"
        posting = asyncio.create_task(http.post(where, content=xml.format(number)))
        await asyncio.wait_for(looked.wait(), 30)
        await write(state="delivered", receipt=number)
        assert ((await posting).status_code, (await posting).text) == (200, "OK")
        other = await http.post(where, content="<peristiwa><jenis>uji</jenis></peristiwa>")
        assert (other.status_code, other.text) == (200, "OK")
        assert (await http.post("/hubs/sp4n/changes", content=xml.format(number))).status_code == 401
    [event] = [s for s in await house.statuses() if s.kind == "status"]
    assert (event.complaint_id, event.state, event.tracking_id) == (complaint.complaint_id, "closed", number)
    assert house.metric("muara_hub_pushes_total", hub="sp4n", outcome="passed_over") == 1
