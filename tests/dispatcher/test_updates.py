"""Changes after the first delivery: in order, together when there are many, only those that the hub would notice."""

from functools import partial
from typing import Any

import pytest

from dispatcher import tables as t
from sandbox.hub.server import HubSimulation
from schemas.complaint import Complaint
from schemas.parts import HubReceipt, Status

from .conftest import NO_NEWS, START, House, profile, settled, until


def _text(house: House, revision: int, text: str, **changes: Any) -> Complaint:  # noqa: ANN401 any field
    return house.complaint("c", revision, private={"text": text}, **changes)


async def test_updates_follow_the_creation_in_order(house: House, simulation: HubSimulation) -> None:
    simulation.behave(next_n={"p_5xx": 2})
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_NEWS))})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"))

    async def tried() -> bool:
        rows = await house.rows(t.deliveries)
        return bool(rows) and rows[0].request is not None

    await until(tried)
    await house.publish(_text(house, 2, "Lampu mati sejak Senin, tiang miring"))
    await house.publish(_text(house, 3, "Lampu mati sejak Senin, tiang roboh"))
    await settled(house, dispatcher, step=1)

    accepted = [(r.method, r.status) for r in await simulation.requests() if r.status < 300]
    assert accepted == [("POST", 201), ("PATCH", 200)]
    [report] = await simulation.reports()
    assert (report.formulir["isi"], report.revisi) == ("Lampu mati sejak Senin, tiang roboh", 3)


async def test_what_changes_before_it_was_sent_is_one_request(house: House, simulation: HubSimulation) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_NEWS))})
    await house.command("pause", "sp4n", "pemeliharaan")
    for revision in range(1, 6):
        await house.publish(_text(house, revision, f"Lampu mati, catatan ke-{revision}"))
    await until(lambda: _revision(house, 5))
    assert await simulation.requests() == []
    await house.command("resume", "sp4n")
    await settled(house, dispatcher)
    assert [r.method for r in await simulation.requests()] == ["POST"]
    assert (await simulation.reports())[0].formulir["isi"] == "Lampu mati, catatan ke-5"

    await house.command("pause", "sp4n")
    for revision in range(6, 9):
        await house.publish(_text(house, revision, f"Lampu mati, catatan ke-{revision}"))
        await until(partial(_revision, house, revision))
    await house.command("resume", "sp4n")
    await settled(house, dispatcher)
    assert [r.method for r in await simulation.requests()] == ["POST", "PATCH"]
    assert (await simulation.reports())[0].formulir["isi"] == "Lampu mati, catatan ke-8"
    assert (await house.deliveries())["sp4n", "update"] == ["superseded", "superseded", "delivered"]
    assert all(check.holds for check in (await dispatcher.ledger()).checks)


async def test_only_what_the_hub_would_notice_is_told(house: House, simulation: HubSimulation) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"))
    await settled(house, dispatcher)
    receipt = HubReceipt(hub="sp4n", tracking_id="9165001", delivered_at=START)
    await house.publish(
        _text(house, 2, "Lampu mati sejak Senin", hub_receipts=(receipt,)),
        _text(house, 3, "Lampu mati sejak Senin", status=Status(state="disposed", hub="sp4n")),
    )
    await until(lambda: _revision(house, 3))
    await settled(house, dispatcher)
    assert ("sp4n", "update") not in await house.deliveries()


async def test_a_hubs_own_change_is_not_sent_back_to_it_but_to_the_others(
    house: House, simulation: HubSimulation, second: HubSimulation
) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation), "provinsi": house.hub(second)})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"))
    await settled(house, dispatcher)
    await house.publish(_text(house, 2, "Lampu mati, sudah dicek petugas"), origin="sp4n")
    await until(lambda: _revision(house, 2))
    await settled(house, dispatcher)
    found = await house.deliveries()
    assert ("sp4n", "update") not in found
    assert found["provinsi", "update"] == ["delivered"]


async def test_old_and_repeated_revisions_change_nothing(house: House, simulation: HubSimulation) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(_text(house, 2, "Lampu mati, tiang roboh"))
    await settled(house, dispatcher)
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"), _text(house, 2, "Lampu mati, tiang roboh"))
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"]}
    ledger = await dispatcher.ledger()
    assert (ledger.counts["positions_complaints"], ledger.counts["revisions"]) == (3, 2)
    assert all(check.holds for check in ledger.checks)


async def test_a_complaint_merged_before_it_was_sent_is_not_sent_until_the_merge_is_undone(
    house: House, simulation: HubSimulation
) -> None:
    other = house.complaint("other")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.command("pause", "sp4n")
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"))
    await until(lambda: _revision(house, 1))
    await house.publish(_text(house, 2, "Lampu mati sejak Senin", merged_into=other.complaint_id))
    await until(lambda: _revision(house, 2))
    await house.command("resume", "sp4n")
    await settled(house, dispatcher)
    row = await house.delivery(house.complaint("c"))
    assert (row.state, row.reason) == ("withheld", "merged")
    assert (await simulation.summary()).reports == 0

    await house.publish(_text(house, 3, "Lampu mati sejak Senin"))
    await until(lambda: _revision(house, 3))
    await settled(house, dispatcher)
    assert (await simulation.summary()).reports == 1
    assert all(check.holds for check in (await dispatcher.ledger()).checks)


async def test_a_complaint_merged_after_it_was_sent_says_so_at_the_hub(house: House, simulation: HubSimulation) -> None:
    other = house.complaint("other")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(other, _text(house, 1, "Lampu mati sejak Senin"))
    await settled(house, dispatcher)
    number = (await house.delivery(other)).receipt
    await house.publish(_text(house, 2, "Lampu mati sejak Senin", merged_into=other.complaint_id))
    await settled(house, dispatcher)
    [report] = [r for r in await simulation.reports() if r.referensi != str(other.complaint_id)]
    text = str(report.formulir["isi"])
    assert text.startswith("Lampu mati sejak Senin")
    assert f"[Laporan ini sama dengan laporan lain dari pelapor yang sama dan dilanjutkan di sana: {number}" in text

    await house.publish(_text(house, 3, "Lampu mati sejak Senin"))
    await settled(house, dispatcher)
    [report] = [r for r in await simulation.reports() if r.referensi != str(other.complaint_id)]
    assert report.formulir["isi"] == "Lampu mati sejak Senin"


async def test_nothing_leaves_the_shadow_but_what_would_be_sent_can_be_seen(
    house: House, simulation: HubSimulation
) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, mode="shadow", profile=profile(**NO_NEWS))})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"), _text(house, 2, "Lampu mati, tiang roboh"))
    await settled(house, dispatcher)
    await house.publish(_text(house, 3, "Lampu mati, tiang miring"))
    await settled(house, dispatcher)
    row = await house.delivery(house.complaint("c"))
    assert (row.state, row.reason) == ("withheld", "shadow")
    assert "tiang" not in row.request
    shown = house.sealing.open(row.request, subject=str(row.delivery_id), field="request").decode()
    assert "Lampu mati, tiang miring" in shown
    assert "token" not in shown
    assert await simulation.requests() == []
    assert (await dispatcher.ledger()).counts["withheld"] == 1


@pytest.mark.parametrize("by", ["complaint", "delivery", "all"])
async def test_in_approve_mode_a_person_lets_each_go(house: House, simulation: HubSimulation, by: str) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, mode="approve", profile=profile(**NO_NEWS))})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"), house.complaint("another"))
    await settled(house, dispatcher)
    assert await simulation.requests() == []
    row = await house.delivery(house.complaint("c"))
    subject = {"complaint": row.subject_id, "delivery": row.delivery_id, "all": "all"}[by]
    sent = 2 if by == "all" else 1
    assert await house.command("approve", subject) == f"approved: {sent}"
    await settled(house, dispatcher)
    assert (await simulation.summary()).reports == sent

    await house.publish(_text(house, 2, "Lampu mati, tiang roboh"))
    await settled(house, dispatcher)
    assert (await house.deliveries())["sp4n", "update"] == ["withheld"]
    await house.command("approve", row.subject_id)
    await settled(house, dispatcher)
    [report] = [r for r in await simulation.reports() if r.referensi == str(row.subject_id)]
    assert report.formulir["isi"] == "Lampu mati, tiang roboh"


@pytest.mark.parametrize(
    ("action", "subject", "outcome"),
    [
        ("replay", "3f1b0f5e-8f57-5a3c-9b64-6f7f0f1a2b3c", "no such delivery here"),
        ("replay", "not an id", "no such delivery here"),
        ("discard", "not an id", "no such delivery here"),
        ("approve", "not an id", 'the subject is neither an id nor "all"'),
        ("approve", "all", "nothing of that waits for approval"),
        ("pause", "nobody", "no such hub here"),
        ("resume", "nobody", "no such hub here"),
        ("merge", "x", "not for the dispatcher"),
    ],
)
async def test_commands_that_fit_nothing_say_so(
    house: House, simulation: HubSimulation, action: str, subject: str, outcome: str
) -> None:
    await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_NEWS))})
    assert await house.command(action, subject) == outcome


async def _revision(house: House, wanted: int) -> bool:
    rows = await house.rows(t.complaints)
    return any(row.revision == wanted for row in rows)


async def test_a_delivery_that_is_gone_from_the_books_is_not_made_anew(house: House, simulation: HubSimulation) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(_text(house, 1, "Lampu mati sejak Senin"))
    await settled(house, dispatcher)
    async with house.store.writing() as connection:
        await connection.execute(t.deliveries.delete())
    await house.publish(_text(house, 2, "Lampu mati, tiang roboh"))
    await until(lambda: _revision(house, 2))
    await settled(house, dispatcher)
    assert await house.deliveries() == {}
    assert (await simulation.summary()).reports == 1
    assert not all(check.holds for check in (await dispatcher.ledger()).checks)
