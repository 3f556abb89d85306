"""What a comparison of our ledger with a hub's listing tells, and what it leaves alone."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatcher import service
from dispatcher.asking import NotListed, listing
from dispatcher.client import HubClient
from dispatcher.hub import Hub
from dispatcher.reconciling import Asked, Noted, compare, count, mended_by
from recipes.hubs.listings import ListedReport
from sandbox.hub.server import HubSimulation
from schemas.events import StatusEvent
from schemas.parts import Status

from .conftest import NO_NEWS, SHIPPED, TOKEN, Clock, House, profile, settled, until

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
COMPLAINT = UUID("7f0d5c1e-1111-5222-8333-444455556666")
ASKED = Asked("sp4n", NOW, {"baru": "received", "selesai": "closed"})
OURS = Noted(UUID(int=1), COMPLAINT, "create", "delivered", "10", LONG_AGO, LONG_AGO, None, Status())
PARKED = replace(OURS, state="parked", receipt=None, reason="no answer")
THERE = ListedReport("10", str(COMPLAINT), "baru", "Baru", LONG_AGO, LONG_AGO)
CLOSED = replace(THERE, word="selesai", words="Selesai")
SECOND = replace(THERE, tracking_id="11")


@pytest.mark.parametrize(
    ("listed", "noted", "found"),
    [
        ([THERE], [OURS], []),
        ([], [OURS], [("missing", "10", None)]),
        ([], [replace(OURS, finished=NOW)], []),
        ([], [replace(OURS, state="adopted")], [("missing", "10", None)]),
        ([], [replace(OURS, kind="update")], []),
        ([THERE, SECOND], [OURS], [("extra", "11", None)]),
        ([SECOND], [OURS], [("missing", "10", None), ("extra", "11", None)]),
        ([replace(THERE, reference="lain")], [], [("extra", "10", None)]),
        ([replace(THERE, reference=None)], [], [("extra", "10", None)]),
        ([replace(THERE, reference=None)], [OURS], []),
        ([THERE], [replace(PARKED, state="withheld")], [("extra", "10", "10")]),
        ([THERE], [replace(PARKED, state="superseded")], [("extra", "10", None)]),
        ([THERE], [replace(PARKED, state="leased", created=NOW)], []),
        ([CLOSED], [OURS], [("different", "10", None)]),
        ([replace(CLOSED, at=NOW)], [OURS], []),
        ([CLOSED], [replace(OURS, status=Status(hub="sp4n", since=NOW))], []),
        ([CLOSED], [replace(OURS, status=Status(since=NOW))], [("different", "10", None)]),
        ([CLOSED], [replace(OURS, status=Status(hub="provinsi", since=LONG_AGO))], []),
        ([replace(CLOSED, at=None)], [OURS], [("different", "10", None)]),
        ([replace(CLOSED, at=None)], [replace(OURS, status=Status(hub="sp4n", since=NOW))], []),
        ([replace(THERE, word="entah")], [OURS], []),
        ([replace(THERE, word=None)], [OURS], []),
        ([], [PARKED], [("stuck", None, None)]),
        ([THERE], [PARKED], [("stuck", "10", "10")]),
        (
            [THERE, SECOND],
            [PARKED],
            [("extra", "10", None), ("extra", "11", None), ("stuck", None, None)],
        ),
        ([], [replace(PARKED, state="pending")], [("stuck", None, None)]),
        ([], [replace(PARKED, state="pending", created=NOW - timedelta(minutes=59))], []),
        ([THERE], [OURS, replace(PARKED, kind="update", receipt="10")], [("stuck", "10", None)]),
    ],
)
def test_what_differs(
    listed: list[ListedReport], noted: list[Noted], found: list[tuple[str, str | None, str | None]]
) -> None:
    differences = compare(ASKED, listed, noted)
    assert [(each.kind, each.tracking_id, each.adopt) for each in differences] == found
    assert all(each.sentence and each.hub == "sp4n" for each in differences)
    assert sum(count(differences).values()) == len(found)


def test_only_what_was_to_go_there_since_a_day_is_judged() -> None:
    asked = replace(ASKED, since=NOW - timedelta(days=1))
    later = NOW - timedelta(hours=3)
    assert compare(asked, [replace(THERE, reference="lain")], [replace(OURS, receipt="9"), PARKED]) == []
    assert compare(asked, [CLOSED], [OURS]) == []
    young = replace(OURS, receipt="9", created=later, finished=later)
    report = replace(THERE, reference="lain", created=later)
    assert count(compare(asked, [report], [young])) == {"missing": 1, "extra": 1, "different": 0, "stuck": 0}
    assert compare(asked, [], [replace(young, state="adopted")]) == [], "it stood there before"


def test_a_difference_is_mended_by_the_news_that_a_poll_would_have_told() -> None:
    (different,) = compare(ASKED, [CLOSED], [OURS])
    event = mended_by(different, ASKED.states, NOW)
    assert event is not None
    told = StatusEvent.model_validate_json(event.value)
    assert (event.topic, event.key) == ("complaints.statuses", str(COMPLAINT))
    assert (told.kind, told.state, told.words, told.at, told.tracking_id) == (
        "status", "closed", "Selesai", LONG_AGO, "10",
    )  # fmt: skip
    again = mended_by(different, ASKED.states, NOW + timedelta(hours=1))
    assert again is not None
    assert StatusEvent.model_validate_json(again.value).event_id == told.event_id
    (missing,) = compare(ASKED, [], [OURS])
    assert mended_by(missing, ASKED.states, NOW) is None


def hub_of(simulation: HubSimulation, **changes: Any) -> Hub:  # noqa: ANN401 any field of a profile
    """The simulated hub, listed two at a time."""
    assert SHIPPED.listing is not None
    small = SHIPPED.listing.model_copy(update={"query": {**SHIPPED.listing.query, "batas": {"value": 2}}})
    return Hub(profile(**{"listing": small, **changes}), simulation.url, {"token": TOKEN})


async def test_a_hub_is_listed_page_by_page_and_left_alone_while_it_asks_for_it(simulation: HubSimulation) -> None:
    form = {"judul": "Lampu mati", "isi": "Lampu di Jalan Melati mati", "klasifikasi": "pengaduan", "kanal": "sms",
            "instansi_tujuan": "kota-muara", "anonim": True, "revisi": 1}  # fmt: skip
    headers = {"Authorization": f"Bearer {TOKEN}"}
    simulation.behave(stores_twice=True)
    async with httpx.AsyncClient(base_url=simulation.url, headers=headers, trust_env=False, verify=False) as http:  # noqa: S501
        for number in range(2):
            answer = await http.post("/api/v1/pengaduan", json={**form, "referensi": f"r-{number}"})
            assert answer.status_code == 201, answer.text
        simulation.behave()
        answer = await http.post("/api/v1/pengaduan", json={**form, "referensi": "r-2"})
    number = answer.json()["tracking_id"]
    await simulation.advance(1)
    seen: list[int] = []
    hub = hub_of(simulation)
    async with HubClient(hub, Clock(), ssl.create_default_context) as client:
        simulation.behave(next_n={"p_429": 1}, retry_after=0)
        found = await listing(hub, client, progress=seen.append)
        assert [each.reference for each in found] == ["r-0", "r-0", "r-1", "r-1", "r-2"]
        assert (found[-1].tracking_id, seen) == (number, [2, 4, 5])
        assert all(each.word in SHIPPED.statuses and each.at and each.created for each in found)
        later = datetime.now(UTC) + timedelta(days=2)
        assert await listing(hub, client, since=later) == []
        simulation.behave(next_n={"p_401": 2})
        with pytest.raises(NotListed, match="correct the secret"):
            await listing(hub, client)
        simulation.behave(next_n={"p_429": 1}, retry_after=3600)
        with pytest.raises(NotListed, match="fewer requests"):
            await listing(hub, client)
        simulation.behave()
        assert SHIPPED.listing is not None
        endless = hub_of(simulation, listing=SHIPPED.listing.model_copy(update={"next": {"value": "0"}}))
        with pytest.raises(NotListed, match="in a circle"):
            await listing(endless, client)
        with pytest.raises(NotListed, match="no `listing:`"):
            await listing(hub_of(simulation, listing=None), client)


async def test_a_running_dispatcher_compares_on_a_schedule(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_RECONCILE", 0.02)
    simulation.behave(stores_twice=True)
    dispatcher = await house.dispatcher(
        {"sp4n": house.hub(simulation, profile=profile(**NO_NEWS), reconcile_every=24.0)}
    )
    await house.publish(house.complaint("lampu"))
    await settled(house, dispatcher)
    assert house.metric("muara_hub_reconciled_timestamp_seconds", hub="sp4n") == 0

    async def compared() -> bool:
        return house.metric("muara_hub_reconciled_timestamp_seconds", hub="sp4n") == house.clock().timestamp()

    house.clock.forward(600)
    await until(compared)
    assert house.metric("muara_hub_reconciliation", hub="sp4n", kind="extra") == 1
    assert house.metric("muara_hub_reconciliation", hub="sp4n", kind="missing") == 0
    simulation.behave(next_n={"p_401": 1})
    house.clock.forward(24 * 3600)

    async def refused() -> bool:
        return simulation.behaviour.next_n["p_401"] == 0

    await until(refused)
    simulation.behave()
    assert not await compared(), "one that failed is no comparison"
    house.clock.forward(3600)
    await until(compared)
    assert (await simulation.summary()).reports == 2
