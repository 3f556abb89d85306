"""What the hub says of complaints, back onto the log."""

import httpx

from sandbox.hub.server import HubSimulation

from .conftest import NO_KEYS, TOKEN, House, profile, settled, until


async def test_each_change_is_told_once_in_order_over_a_restart(house: House, simulation: HubSimulation) -> None:
    hubs = {"sp4n": house.hub(simulation)}
    complaints = [house.complaint(f"c{n}") for n in range(6)]
    dispatcher = await house.dispatcher(hubs)
    await house.publish(*complaints)
    await settled(house, dispatcher)
    await simulation.advance(3)
    await until(lambda: _told(house, simulation))
    await dispatcher.stop()
    await simulation.advance(30)
    await house.dispatcher(hubs)
    await until(lambda: _told(house, simulation))

    statuses = [s for s in await house.statuses() if s.kind == "status"]
    assert len(statuses) == (await simulation.summary()).changes
    assert len({s.event_id for s in statuses}) == len(statuses)
    for report in await simulation.reports():
        mine = [s for s in statuses if s.tracking_id == report.tracking_id]
        assert [s.complaint_id for s in mine] == [
            s.complaint_id for s in mine if str(s.complaint_id) == report.referensi
        ]
        assert [s.at for s in mine] == sorted(s.at for s in mine)
        assert mine[0].state == "received"
        assert mine[-1].words == report.keterangan
    assert {s.state for s in statuses} <= set(profile().model.statuses.values())
    assert {"disposed", "in_progress"} <= {s.state for s in statuses}


async def test_reports_of_others_are_counted_and_passed_over(house: House, simulation: HubSimulation) -> None:
    form = {
        "referensi": "milik-lain", "judul": "Bukan dari kami", "isi": "Laporan dari pengirim lain", "kanal": "web",
        "klasifikasi": "pengaduan", "instansi_tujuan": "DPU", "anonim": True,
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False, verify=False) as other:  # noqa: S501 nothing here speaks TLS
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await other.post(f"{simulation.url}/api/v1/pengaduan", json=form, headers=headers)
    assert answer.status_code == 201
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher)

    async def counted() -> bool:
        return house.metric("muara_hub_changes_total", hub="sp4n", outcome="unknown_report") == 1

    await until(counted)
    await until(lambda: _statuses(house, 1))


async def test_a_word_that_the_profile_does_not_know_keeps_its_words(house: House, simulation: HubSimulation) -> None:
    hub = house.hub(simulation, profile=profile(statuses={"selesai": "closed"}))
    dispatcher = await house.dispatcher({"sp4n": hub})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher)
    await until(lambda: _statuses(house, 1))
    [event] = [s for s in await house.statuses() if s.kind == "status"]
    assert (event.state, event.words) == (None, "Belum diverifikasi")
    assert house.metric("muara_hub_changes_total", hub="sp4n", outcome="unknown_word") == 1


async def test_news_of_a_report_whose_receipt_is_still_in_doubt_are_not_lost(
    house: House, simulation: HubSimulation
) -> None:
    simulation.behave(p_drop_after_accept=1, idempotency=False)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_KEYS))})
    complaint = house.complaint("c")
    await house.publish(complaint)
    await until(lambda: _statuses(house, 1))
    assert (await house.delivery(complaint)).state != "delivered"
    [event] = await house.statuses()
    assert event.complaint_id == complaint.complaint_id
    await settled(house, dispatcher, step=1)
    assert (await house.delivery(complaint)).receipt == event.tracking_id
    assert (await simulation.summary()).doubled == 0


async def test_a_hub_without_news_says_why_in_health(house: House, simulation: HubSimulation) -> None:
    simulation.behave(p_wrong_json=1)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})

    async def told() -> bool:
        return "dispatcher.news.sp4n" in dispatcher.health.problems

    await until(told)
    assert "cannot be read" in dispatcher.health.problems["dispatcher.news.sp4n"]
    simulation.behave()

    async def well() -> bool:
        return not await told()

    await until(well)


async def _told(house: House, simulation: HubSimulation) -> bool:
    return await _statuses(house, (await simulation.summary()).changes)


async def _statuses(house: House, number: int) -> bool:
    return sum(s.kind == "status" for s in await house.statuses()) == number
