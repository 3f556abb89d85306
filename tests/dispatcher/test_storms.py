"""Everything wrong at once, under load: whatever a hub does, each report stands there once, or a person is asked."""

import asyncio
from typing import Any

import pytest

from dispatcher import tables as t
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.trying import TryPolicy
from sandbox.hub.server import HubSimulation

from .conftest import NO_KEYS, House, profile, settled, until

STORM: dict[str, Any] = {
    "p_429": 0.1, "retry_after": 1, "p_5xx": 0.1, "accept_before_5xx": True, "p_drop_after_accept": 0.15,
    "drop_at_byte": 40, "p_half_answer": 0.1, "p_wrong_json": 0.1, "latency_ms": 3,
}  # fmt: skip
COUNT = 120


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("processes", [1, 2])
async def test_a_storm_of_all_faults_under_load(
    house: House, simulation: HubSimulation, keys: bool, processes: int
) -> None:
    """With keys nothing is left over; without them the look-up decides, and what it cannot decide is parked."""
    simulation.behave(idempotency=keys, **STORM)
    served = profile(**({} if keys else NO_KEYS))
    hub = house.hub(simulation, profile=served, circuit=CircuitPolicy(threshold=8))
    running = [await house.dispatcher({"sp4n": hub}, alone=processes == 1) for _ in range(processes)]
    names = [f"c{n}" for n in range(COUNT)]
    await house.publish(*(house.complaint(name) for name in names))
    # While they are under way, a third of them changes twice: an update has to follow its report, however late.
    for revision in (2, 3):
        await house.publish(
            *(house.complaint(name, revision, private={"text": f"{name} sudah {revision}"}) for name in names[::3])
        )

    async def stormed() -> bool:
        house.clock.forward(1)
        rows = await house.rows(t.deliveries)
        return len(rows) >= COUNT and sum(row.state == "delivered" for row in rows) >= COUNT // 2

    await until(stormed)
    simulation.behave(idempotency=keys)
    for dispatcher in running:
        await settled(house, dispatcher, step=2)

    reports = {report.referensi: report for report in await simulation.reports()}
    assert (await simulation.summary()).doubled == 0
    states = {row.state for row in await house.rows(t.deliveries) if row.kind == "create"}
    parked = [row for row in await house.rows(t.deliveries) if row.state == "parked"]
    assert states <= ({"delivered"} if keys else {"delivered", "parked"})
    assert all(row.answer or "may have been taken" in row.reason for row in parked)
    assert {letter.subject for letter in await house.dead()} >= {row.delivery_id for row in parked}
    waiting = {row.subject_id for row in parked}
    for number, name in enumerate(names):
        complaint = house.complaint(name)
        if complaint.complaint_id in waiting:
            continue
        written = reports[str(complaint.complaint_id)].formulir["isi"]
        assert written == (
            f"{name} sudah 3" if number % 3 == 0 else f"Lampu jalan di Jalan Melati mati sejak Senin ({name})"
        )
    assert [check.name for check in (await running[0].ledger()).checks if not check.holds] == []


async def test_two_hubs_one_away_for_a_day(house: House, simulation: HubSimulation, second: HubSimulation) -> None:
    """The healthy one gets everything as it comes. The other burns no attempts, and gets all of it in the end, once."""
    second.behave(outage=True, outage_mode="closed", idempotency=False)
    away = house.hub(second, profile=profile(**NO_KEYS), circuit=CircuitPolicy(), tries=TryPolicy(12))
    dispatcher = await house.dispatcher({"provinsi": house.hub(simulation), "pusat": away})
    for hour in range(24):
        await house.publish(
            house.complaint(f"at {hour}"),
            *([house.complaint(f"at {hour - 1}", 2, private={"text": f"masih {hour}"})] if hour else []),
        )

        async def here(hour: int = hour) -> bool:
            summary = await simulation.summary()
            mine = await house.deliveries("provinsi")
            return summary.reports == hour + 1 and {s for states in mine.values() for s in states} == {"delivered"}

        await until(here)
        house.clock.forward(3600)
        await asyncio.sleep(0)
    assert (await second.summary()).reports == 0
    rows = [row for row in await house.rows(t.deliveries) if row.destination == "pusat" and row.kind == "create"]
    assert len(rows) == 24
    assert max(row.attempts for row in rows) <= 5  # those that had opened the circuit; probes count for nothing

    tried = {row.subject_id for row in rows if row.request is not None}
    second.behave(idempotency=False)
    await settled(house, dispatcher, step=30)
    told = {report.referensi: report.formulir["isi"] for report in await second.reports()}
    assert told == {report.referensi: report.formulir["isi"] for report in await simulation.reports()}
    assert ((await simulation.summary()).doubled, (await second.summary()).doubled) == (0, 0)
    # Whatever changed before it was first tried is said in one report.
    all_ = await house.rows(t.deliveries)
    updates = {row.subject_id for row in all_ if (row.destination, row.kind) == ("pusat", "update")}
    assert updates <= tried
    assert all(check.holds for check in (await dispatcher.ledger()).checks)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_token_that_is_refused_in_the_middle_of_the_work(house: House, simulation: HubSimulation) -> None:
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(*(house.complaint(f"before {n}") for n in range(40)))
    await until(lambda: _reached(simulation, 10))
    simulation.behave(p_401=1.0)
    await house.publish(*(house.complaint(f"after {n}") for n in range(20)))

    async def stopped() -> bool:
        [row] = await house.rows(t.hubs)
        return row.stopped is not None and not [r for r in await house.rows(t.deliveries) if r.state == "leased"]

    await until(stopped)
    asked = len(await simulation.requests())
    house.clock.forward(3600)
    await asyncio.sleep(0.5)  # time in which a worker that does not stop would have asked again
    posts = [r for r in (await simulation.requests())[asked:] if r.method != "GET"]
    assert posts == []
    assert max(row.attempts for row in await house.rows(t.deliveries)) <= 1

    simulation.behave()
    assert await house.command("resume", "sp4n") == "resumed"
    await settled(house, dispatcher, step=1)
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (60, 0)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"] * 60}


async def _reached(simulation: HubSimulation, number: int) -> bool:
    return (await simulation.summary()).reports >= number


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_slow_hub_hears_the_last_word_and_not_every_word(house: House, simulation: HubSimulation) -> None:
    """Merges, corrections, withdrawals, undone again, in hundreds, while the hub takes one report at a time."""
    simulation.behave(latency_ms=20)
    limits = profile().model.limits.model_copy(update={"concurrency": 1})
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(limits=limits))})
    leader = house.complaint("leader")
    await house.publish(leader)
    await until(lambda: _reached(simulation, 1))
    for revision in range(2, 202):
        merged = revision % 2 == 0
        await house.publish(
            house.complaint(
                "restless",
                revision,
                merged_into=leader.complaint_id if merged else None,
                private={"text": f"kata ke-{revision}"},
            ),
            house.complaint("leader", revision, private={"text": f"kata ke-{revision}"}),
        )
    await settled(house, dispatcher, step=1)
    written = {report.referensi: report.formulir["isi"] for report in await simulation.reports()}
    restless = house.complaint("restless")
    assert written == {str(c.complaint_id): "kata ke-201" for c in (leader, restless)}
    sent = [r for r in await simulation.requests() if r.method in ("POST", "PATCH")]
    assert len(sent) < 200  # of four hundred revisions
    rows = await house.rows(t.deliveries)
    assert {row.state for row in rows} <= {"delivered", "superseded", "withheld"}
    # In the hub's own order: our clock stands still between steps, so that it cannot tell.
    sequences = {str(r.delivery_id): r.sequence for r in rows if r.subject_id == leader.complaint_id}
    arrived = [sequences[r.idempotency_key] for r in sent if r.idempotency_key in sequences]
    assert len(arrived) > 1
    assert arrived == sorted(arrived)
    assert all(check.holds for check in (await dispatcher.ledger()).checks)
