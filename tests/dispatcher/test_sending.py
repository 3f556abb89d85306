"""From the log to the hub, and the hub's receipt back onto the log."""

from sandbox.hub.server import HubSimulation

from .conftest import House, ids, settled


async def test_a_complaint_reaches_the_hub_once_and_its_receipt_the_log(
    house: House, simulation: HubSimulation
) -> None:
    complaints = [house.complaint(f"c{n}") for n in range(20)]
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(*complaints)
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
