"""From the log to the hub, and the hub's receipt back onto the log."""

import asyncio
import json
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from dispatcher import tables as t
from runtime.delivery.circuit import CircuitPolicy
from sandbox.hub.server import HubSimulation
from schemas.parts import Attachment, Follower, HubReceipt, Place, Supporter

from .conftest import NO_NEWS, START, House, ids, profile, settled, until


async def test_a_complaint_reaches_the_hub_once_and_its_receipt_the_log(
    house: House, simulation: HubSimulation
) -> None:
    complaints = [house.complaint(f"c{n}") for n in range(20)]
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(*complaints)
    await house.publish(*complaints)  # the log may say everything twice
    await settled(house, dispatcher)

    reports = await simulation.reports()
    receipts = [s for s in await house.statuses() if s.kind == "receipt"]
    assert {r.referensi for r in reports} == {str(i) for i in ids(complaints)}
    assert len(reports) == 20
    assert {s.complaint_id: s.tracking_id for s in receipts} == {
        c.complaint_id: next(r.tracking_id for r in reports if r.referensi == str(c.complaint_id)) for c in complaints
    }
    ledger = await dispatcher.ledger()
    assert [c.name for c in ledger.checks if not c.holds] == []
    assert ledger.counts["delivered"] == 20
    assert house.metric("muara_end_to_end_seconds_count", channel="whatsapp_cloud") == 20


async def test_the_whole_complaint_reaches_the_hub(house: House, simulation: HubSimulation) -> None:
    complaint = house.complaint(
        "whole",
        classification="aspirasi",
        directed_to="Dinas PU",
        incident_date=date(2026, 11, 20),
        rahasia=True,
        place=Place(),
        private={
            "email": "siti@warga.example",
            "address": "Gang Kelinci 4",
            "place": Place(
                region_code="16.73.01.1001", region_name="Kota Muara", street="Jalan Melati", rt="3", rw="5",
                latitude=-3.29, longitude=102.86, landmark="depan SD 3",
            ).model_dump(mode="json"),
        },
        attachments=(Attachment(media_type="image/jpeg", filename="foto.jpg", size=7, object="a" * 64),),
        supporters=(
            Supporter(
                message_id=house.complaint("s1").complaint_id, channel="email", source="m", received_at=START,
                reason="same_report",
            ),
            Supporter(
                message_id=house.complaint("s2").complaint_id, channel="email", source="m", received_at=START,
                reason="conversation",
            ),
        ),
        followers=(Follower(complaint_id=house.complaint("f").complaint_id, linked_at=START),),
    )  # fmt: skip
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(complaint)
    await settled(house, dispatcher)

    assert [letter.reason for letter in await house.dead()] == []
    [report] = await simulation.reports()
    assert report.formulir == {
        "referensi": str(complaint.complaint_id),
        "revisi": 1,
        "judul": "Lampu jalan mati",
        "isi": "Lampu jalan di Jalan Melati mati sejak Senin (whole)",
        "klasifikasi": "aspirasi",
        "tanggal_kejadian": "2026-11-20",
        "lokasi_kejadian": "Jalan Melati, RT 3, RW 5, depan SD 3, Kota Muara, Gang Kelinci 4",
        "kode_wilayah": "16.73.01.1001",
        "lintang": -3.29,
        "bujur": 102.86,
        "instansi_tujuan": "Dinas PU",
        "kategori": None,
        "anonim": False,
        "rahasia": True,
        "pelapor": {"nama": "Siti Contoh", "telepon": "+6281100000001", "surel": "siti@warga.example"},
        "kanal": "whatsapp_cloud",
        "lampiran": [{"nama": "foto.jpg", "jenis": "image/jpeg", "ukuran": 7, "sha256": "a" * 64}],
        "jumlah_pendukung": 2,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"private": {"text": ""}}, {"isi": "(Warga tidak menulis uraian yang lebih panjang.)"}),
        ({"private": {"text": "Pak"}}, {"isi": "Pak (Warga tidak menulis uraian yang lebih panjang.)"}),
        (
            {"private": {"text": ""}, "attachments": (Attachment(media_type="image/jpeg"),)},
            {"isi": "(Warga mengirim lampiran tanpa uraian tertulis yang lebih panjang.)", "lampiran": []},
        ),
        ({"private": {"title": "", "text": ""}}, {"judul": "Laporan warga"}),
        ({"private": {"title": "j" * 400}}, {"judul": "j" * 149 + "…"}),
        ({"private": {"text": "x" * 150_000}}, {"isi": "x" * 99_999 + "…"}),
        ({"private": {"phone": None}}, {"anonim": True, "pelapor": {"nama": "Siti Contoh"}}),
        ({"private": {"name": None}}, {"pelapor": {"nama": "Pelapor tanpa nama", "telepon": "+6281100000001"}}),
        ({"anonim": True}, {"anonim": True, "pelapor": {"nama": "Siti Contoh", "telepon": "+6281100000001"}}),
        ({"incident_date": date(2031, 1, 1)}, {"tanggal_kejadian": None}),
        ({"place": Place(region_code="bps-1673")}, {"kode_wilayah": None}),
        ({"private": {"email": "not an address"}}, {}),
        (
            {"attachments": (Attachment(media_type="gambar", object="b" * 64),)},
            {"lampiran": [{"nama": "lampiran", "jenis": "application/octet-stream", "ukuran": 0, "sha256": "b" * 64}]},
        ),
        (
            {"attachments": tuple(Attachment(object=f"{n:064x}", size=1) for n in range(40))},
            {},
        ),
        ({"private": {"text": "Tolong \U0001f64f jalan rusak <script> \u2028 'x'"}}, {}),
        ({"place": Place(landmark="y" * 900)}, {"lokasi_kejadian": "y" * 499 + "…"}),
    ],
)
async def test_no_citizen_is_lost_to_the_form(
    house: House, simulation: HubSimulation, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(house.complaint("odd", **changes))
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"]}
    [report] = await simulation.reports()
    form: dict[str, Any] = {key: report.formulir[key] for key in expected}
    if "pelapor" in form:
        form["pelapor"] = {key: value for key, value in form["pelapor"].items() if value is not None}
    assert form == expected


async def test_an_unreachable_reporter_goes_with_the_contact_of_the_settings(
    house: House, simulation: HubSimulation
) -> None:
    hub = house.hub(simulation, settings={"contact_email": "aduan@kota.example"})
    dispatcher = await house.dispatcher({"sp4n": hub})
    await house.publish(house.complaint("c", private={"phone": None}))
    await settled(house, dispatcher)
    [report] = await simulation.reports()
    assert report.formulir["anonim"] is False
    assert report.formulir["pelapor"] == {"nama": "Siti Contoh", "telepon": None, "surel": "aduan@kota.example"}


async def test_two_hubs_one_down_only_that_one_is_tried_again(
    house: House, simulation: HubSimulation, second: HubSimulation
) -> None:
    second.behave(outage=True, outage_mode="closed")
    complaints = [house.complaint(f"c{n}") for n in range(4)]
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation), "provinsi": house.hub(second)})
    await house.publish(*complaints)

    async def one_is_done() -> bool:
        done = await house.deliveries("sp4n")
        return done.get(("sp4n", "create")) == ["delivered"] * 4

    await until(one_is_done)
    posts = [r for r in await simulation.requests() if r.method == "POST"]
    second.behave()
    await settled(house, dispatcher, step=1)

    assert [r for r in await simulation.requests() if r.method == "POST"] == posts
    assert len(posts) == 4
    summary = await second.summary()
    assert (summary.reports, summary.doubled) == (4, 0)
    assert {s.hub for s in await house.statuses() if s.kind == "receipt"} == {"sp4n", "provinsi"}


async def test_a_replay_goes_only_where_it_failed(
    house: House, simulation: HubSimulation, second: HubSimulation
) -> None:
    second.behave(strict_tables=True)
    complaint = house.complaint("c")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation), "provinsi": house.hub(second)})
    await house.publish(complaint)
    await settled(house, dispatcher)
    row = await house.delivery(complaint, "provinsi")
    assert (row.state, row.attempts) == ("rejected", 1)
    [letter] = await house.dead()
    assert (letter.subject, letter.stage, letter.source) == (row.delivery_id, "dispatcher", "provinsi")
    assert "422" in letter.reason
    assert "instansi_tujuan" in letter.reason
    sealed = house.sealing.open(row.answer, subject=str(row.delivery_id), field="answer")
    assert json.loads(sealed)["galat"]

    second.behave()
    assert await house.command("replay", row.delivery_id) == "to be sent again"
    await settled(house, dispatcher)
    assert await house.command("replay", row.delivery_id) == "not rejected or parked: it is delivered"
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"], ("provinsi", "create"): ["delivered"]}
    assert (await simulation.summary()).requests["answered_201"] == 1


async def test_429_with_retry_after_is_obeyed_and_burns_no_attempt(house: House, simulation: HubSimulation) -> None:
    simulation.behave(next_n={"p_429": 1}, retry_after=30)
    complaint = house.complaint("c")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_NEWS))})
    await house.publish(complaint)

    async def told_to_wait() -> bool:
        return (await house.rows(t.hubs))[0].wait_until is not None

    await until(told_to_wait)
    row = await house.delivery(complaint)
    assert (row.state, row.attempts) == ("pending", 0)
    before = len(await simulation.requests())
    house.clock.forward(29)
    await house.publish(house.complaint("another"))
    await until(lambda: seen(house, 2))
    await asyncio.sleep(0.3)  # time in which a worker that does not obey would have sent
    assert len(await simulation.requests()) == before
    house.clock.forward(2)
    await settled(house, dispatcher)
    assert (await house.delivery(complaint)).attempts == 1
    assert (await simulation.summary()).reports == 2


async def test_401_stops_the_hub_says_so_and_burns_no_attempt(house: House, simulation: HubSimulation) -> None:
    complaints = [house.complaint(f"c{n}") for n in range(5)]
    dispatcher = await house.dispatcher(
        {"sp4n": house.hub(simulation, secrets={"token": "wrong"}, profile=profile(**NO_NEWS))}
    )
    await house.publish(*complaints)

    async def told() -> bool:
        return "dispatcher.hub.sp4n" in dispatcher.health.problems

    await until(told)
    assert "correct the secret (401" in dispatcher.health.problems["dispatcher.hub.sp4n"]
    assert house.metric("muara_hub_stopped", hub="sp4n", why="stopped") == 1
    assert {(await house.delivery(c)).attempts for c in complaints} == {0}
    before = len(await simulation.requests())
    house.clock.forward(3600)
    await asyncio.sleep(0.3)  # time in which a worker that does not stop would have sent
    assert len(await simulation.requests()) == before

    await dispatcher.stop()
    again = await house.dispatcher({"sp4n": house.hub(simulation)})
    assert await house.command("resume", "sp4n") == "resumed"
    await settled(house, again)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"] * 5}


async def test_an_open_circuit_claims_nothing_and_its_probes_burn_no_attempts(
    house: House, simulation: HubSimulation
) -> None:
    simulation.behave(outage=True)
    complaints = [house.complaint(f"c{n}") for n in range(24)]
    circuit = CircuitPolicy(threshold=3, first=timedelta(seconds=60), longest=timedelta(seconds=60))
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, circuit=circuit, profile=profile(**NO_NEWS))})
    await house.publish(*complaints)

    async def open_now() -> bool:
        return any("probed" in words for words in dispatcher.health.problems.values())

    async def posts() -> int:
        return sum(r.method == "POST" for r in await simulation.requests())

    await until(open_now)
    first = await posts()
    assert first <= 16  # what was under way when it opened
    for probes in (1, 2, 3):
        house.clock.forward(61)
        await until(partial(reached, posts, first + probes))
    await asyncio.sleep(0.2)  # time in which more than one probe would have gone
    assert await posts() == first + 3
    assert sum([(await house.delivery(c)).attempts for c in complaints]) <= first
    simulation.behave()
    await settled(house, dispatcher, step=5)
    assert (await simulation.summary()).reports == 24


async def test_a_hub_that_always_fails_on_one_complaint_parks_it_and_takes_the_others(
    house: House, simulation: HubSimulation
) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, base_url=simulation.url + "/nirgends")})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher, step=1)
    row = await house.delivery(house.complaint("c"))
    assert row.state == "rejected"
    assert "404" in row.reason


async def test_after_many_failures_a_delivery_is_parked_and_can_be_replayed(
    house: House, simulation: HubSimulation
) -> None:
    simulation.behave(p_5xx=1)
    complaint = house.complaint("c")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(complaint)
    await settled(house, dispatcher, step=5)
    row = await house.delivery(complaint)
    assert (row.state, row.attempts) == ("parked", 12)
    assert "given up after 12 tries" in (await house.dead())[0].reason
    simulation.behave()
    await house.command("replay", row.delivery_id)
    await settled(house, dispatcher)
    assert (await simulation.summary()).reports == 1


async def test_what_was_adopted_or_is_of_the_past_is_never_sent(house: House, simulation: HubSimulation) -> None:
    receipt = HubReceipt(hub="sp4n", tracking_id="9165816", delivered_at=START, adopted=True)
    adopted = house.complaint("adopted", hub_receipts=(receipt,))
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(adopted, house.complaint("past", historical=True))
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["adopted"]}
    assert not [r for r in await simulation.requests() if r.method == "POST"]
    [event] = [s for s in await house.statuses() if s.kind == "receipt"]
    assert (event.complaint_id, event.hub, event.tracking_id, event.adopted) == (
        adopted.complaint_id, "sp4n", "9165816", True,
    )  # fmt: skip
    counts = (await dispatcher.ledger()).counts
    assert (counts["complaints"], counts["historical"], counts["routed"], counts["adopted"]) == (2, 1, 1, 1)


async def test_a_receipt_that_our_tables_lost_is_not_sent_again(house: House, simulation: HubSimulation) -> None:
    receipt = HubReceipt(hub="sp4n", tracking_id="9165816", delivered_at=START)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(house.complaint("c", revision=3, hub_receipts=(receipt,)))
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["adopted"]}
    assert (await simulation.summary()).reports == 0


async def test_an_unreadable_record_holds_nobody_up(house: House, simulation: HubSimulation) -> None:
    from runtime.bus.protocol import Record  # noqa: PLC0415
    from schemas.topics import COMPLAINTS  # noqa: PLC0415

    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.bus.publish(COMPLAINTS.name, [Record("x", b'{"not": "ours"}')])
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher)
    ledger = await dispatcher.ledger()
    assert (ledger.counts["unreadable"], ledger.counts["delivered"]) == (1, 1)
    assert all(check.holds for check in ledger.checks)


async def seen(house: House, complaints: int) -> bool:
    found = await house.deliveries()
    return sum(len(states) for states in found.values()) == complaints


async def reached(count: Any, expected: int) -> bool:  # noqa: ANN401 a function
    return bool(await count() >= expected)
