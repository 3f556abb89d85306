"""Traps 5 and 6: whether the hub took a complaint is not known, and it must have it once all the same."""

import asyncio
from typing import Any

import pytest

from dispatcher.service import Dispatcher
from runtime.delivery import worker as worker_module
from runtime.delivery.outcomes import Delivery
from runtime.delivery.queue import DeliveryQueue
from runtime.store.engine import StoreUnavailable
from sandbox.hub.server import HubSimulation

from .conftest import NO_KEYS, NO_NEWS, House, profile, settled, until

KEYS: dict[str, Any] = NO_NEWS
KEYLESS: dict[str, Any] = {**NO_NEWS, **NO_KEYS}
UNPROVED: dict[str, Any] = {**KEYLESS, "lookup_proves_absence": False}


async def _kill(house: House, dispatcher: Dispatcher) -> None:
    """End it as `kill -9` would: at once, wherever it is."""
    house.running.remove(dispatcher)
    tasks: list[asyncio.Task[Any]] = [loop._task for loop in dispatcher._loops if loop._task]
    tasks += [task for worker in dispatcher._workers for task in worker._under_way]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in dispatcher._clients:
        await client.close()


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_a_connection_that_breaks_after_acceptance_makes_no_double_and_no_loss(
    house: House, simulation: HubSimulation, how: str, keys: bool
) -> None:
    hub = house.hub(simulation, profile=profile(**(KEYS if keys else KEYLESS)))
    dispatcher = await house.dispatcher({"sp4n": hub})
    longest = 450  # each answer breaks one byte later than the one before, up to the whole answer
    once = {"p_drop_after_accept": longest}
    simulation.behave(next_n=once, drop_at_byte=0, drop_further=1, drop_with=how, idempotency=keys)
    await house.publish(*(house.complaint(f"at {byte}") for byte in range(longest + 5)))
    await settled(house, dispatcher, step=1)
    assert simulation.behaviour.next_n == {"p_drop_after_accept": 0}
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (longest + 5, 0)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"] * (longest + 5)}
    receipts = {str(s.complaint_id): s.tracking_id for s in await house.statuses() if s.kind == "receipt"}
    assert receipts == {r.referensi: r.tracking_id for r in await simulation.reports()}


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        {"next_n": {"p_half_answer": 2}},
        {"next_n": {"p_wrong_json": 2}, "wrong_json": "broken"},
        {"next_n": {"p_wrong_json": 2}, "wrong_json": "other_shape"},
        {"next_n": {"p_wrong_json": 2}, "wrong_json": "html"},
        {"next_n": {"p_wrong_json": 2}, "wrong_json": "empty"},
        {"next_n": {"p_5xx": 2}, "accept_before_5xx": True},
        {"next_n": {"p_5xx": 2}, "accept_before_5xx": True, "status_5xx": 503},
        {"next_n": {"p_5xx": 2}},
    ],
)
async def test_an_answer_that_says_nothing_makes_no_double_and_no_loss(
    house: House, simulation: HubSimulation, fault: dict[str, Any], keys: bool
) -> None:
    simulation.behave(idempotency=keys, **fault)
    hub = house.hub(simulation, profile=profile(**(KEYS if keys else KEYLESS)))
    dispatcher = await house.dispatcher({"sp4n": hub})
    await house.publish(house.complaint("a"), house.complaint("b"))
    await settled(house, dispatcher, step=1)
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (2, 0)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"] * 2}


async def test_a_hub_that_never_answers_in_time_makes_no_double(house: House, simulation: HubSimulation) -> None:
    simulation.behave(next_n={"latency_ms": 1}, latency_ms=600, idempotency=False)
    limits = profile().model.limits.model_copy(update={"timeout": 0.15})
    hub = house.hub(simulation, profile=profile(limits=limits, **KEYLESS))
    dispatcher = await house.dispatcher({"sp4n": hub})
    complaint = house.complaint("c")
    await house.publish(complaint)

    await settled(house, dispatcher, step=1)
    assert (await simulation.summary()).reports == 1
    assert (await house.delivery(complaint)).state == "delivered"


async def test_a_look_up_is_not_made_too_soon(house: House, simulation: HubSimulation) -> None:
    simulation.behave(next_n={"p_drop_after_accept": 1}, idempotency=False)
    hub = house.hub(simulation, profile=profile(settle_after=60.0, **KEYLESS))
    dispatcher = await house.dispatcher({"sp4n": hub})
    complaint = house.complaint("c")
    await house.publish(complaint)

    async def in_doubt() -> bool:
        rows = await house.deliveries()
        return bool(rows) and (await house.delivery(complaint)).doubt

    async def looked_up() -> int:
        return sum(r.method == "GET" and r.path.endswith("/pengaduan") for r in await simulation.requests())

    await until(in_doubt)
    house.clock.forward(59)
    await asyncio.sleep(0.3)  # time in which a worker that cannot wait would have asked
    assert await looked_up() == 0
    house.clock.forward(2)
    await settled(house, dispatcher)
    assert await looked_up() == 1
    assert (await simulation.summary()).reports == 1


@pytest.mark.parametrize("changes", [UNPROVED, {**UNPROVED, "lookup": None}])
async def test_what_cannot_be_decided_is_parked_with_its_evidence_and_never_sent_blindly(
    house: House, simulation: HubSimulation, changes: dict[str, Any]
) -> None:
    # Closed without a byte: the hub has nothing, but nobody on this side can know.
    simulation.behave(next_n={"outage": 1}, outage_mode="closed", idempotency=False)
    complaint = house.complaint("c")
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**changes))})
    await house.publish(complaint)
    await settled(house, dispatcher, step=1)
    row = await house.delivery(complaint)
    assert row.state == "parked"
    assert "an earlier try may have been taken" in row.reason
    [letter] = await house.dead()
    assert letter.subject == row.delivery_id
    assert sum(r.method == "POST" for r in await simulation.requests()) == 1

    # A person has looked, and decides that it is to be sent.
    await house.command("replay", row.delivery_id)
    await settled(house, dispatcher)
    assert (await simulation.summary()).reports == 1
    assert (await house.delivery(complaint)).state == "delivered"


async def test_a_later_update_waits_behind_what_is_parked(house: House, simulation: HubSimulation) -> None:
    simulation.behave(next_n={"outage": 1}, outage_mode="closed", idempotency=False)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**UNPROVED))})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher, step=1)
    await house.publish(house.complaint("c", 2, private={"text": "Sekarang sudah dua minggu mati"}))
    await until(lambda: _has(house, {("sp4n", "create"): ["parked"], ("sp4n", "update"): ["pending"]}))
    assert not [r for r in await simulation.requests() if r.method == "PATCH"]

    await house.command("discard", (await house.delivery(house.complaint("c"))).delivery_id)
    await settled(house, dispatcher)
    assert await house.deliveries() == {("sp4n", "create"): ["withheld"], ("sp4n", "update"): ["superseded"]}
    assert all(check.holds for check in (await dispatcher.ledger()).checks)


async def test_what_a_person_has_seen_at_the_hub_is_adopted_and_told_of_changes(
    house: House, simulation: HubSimulation
) -> None:
    # The hub has it, and its answer got lost; the hub takes no keys and finds nothing.
    simulation.behave(next_n={"p_drop_after_accept": 1}, drop_at_byte=0, idempotency=False)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**UNPROVED, lookup=None))})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher, step=1)
    await house.publish(house.complaint("c", 2, private={"text": "Sekarang sudah dua minggu mati"}))
    row = await house.delivery(house.complaint("c"))
    [report] = await simulation.reports()
    assert row.state == "parked"

    assert await house.command("adopt", row.delivery_id) == "the hub's number is missing"
    assert await house.command("adopt", row.delivery_id, target=report.tracking_id) == "adopted"
    await settled(house, dispatcher)
    assert await house.command("adopt", row.delivery_id, target="9000001") == "it is adopted, which stands"
    assert await house.deliveries() == {("sp4n", "create"): ["adopted"], ("sp4n", "update"): ["delivered"]}
    [report] = await simulation.reports()
    assert report.formulir["isi"] == "Sekarang sudah dua minggu mati"
    receipts = [(s.tracking_id, s.adopted) for s in await house.statuses() if s.kind == "receipt"]
    assert receipts == [(report.tracking_id, True)]
    assert all(check.holds for check in (await dispatcher.ledger()).checks)


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("alone", [True, False])
async def test_a_crash_between_the_request_and_its_record_makes_no_double(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch, keys: bool, alone: bool
) -> None:
    simulation.behave(idempotency=keys)
    hub = house.hub(simulation, profile=profile(**(KEYS if keys else KEYLESS)))
    complaints = [house.complaint(f"c{n}") for n in range(5)]

    async def no_record(*_: object) -> None:
        raise StoreUnavailable("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(DeliveryQueue, "finish", no_record)
        first = await house.dispatcher({"sp4n": hub})
        await house.publish(*complaints)

        async def all_sent() -> bool:
            return (await simulation.summary()).reports == 5

        await until(all_sent)
        await _kill(house, first)
    assert await house.deliveries() == {("sp4n", "create"): ["leased"] * 5}

    second = await house.dispatcher({"sp4n": hub}, alone=alone)
    if not alone:
        await asyncio.sleep(0.2)  # time in which a dispatcher that takes others' leases would have sent
        assert await house.deliveries() == {("sp4n", "create"): ["leased"] * 5}
    await settled(house, second, step=2)
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (5, 0)
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"] * 5}
    assert all(check.holds for check in (await second.ledger()).checks)


async def test_a_crash_before_anything_was_sent_loses_nothing(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dispatcher.sending import HubSender  # noqa: PLC0415

    hub = house.hub(simulation, profile=profile(**KEYLESS))
    began = asyncio.Event()

    async def hang(*_: object) -> None:
        began.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(HubSender, "send", hang)
        first = await house.dispatcher({"sp4n": hub})
        await house.publish(house.complaint("c"))
        await began.wait()
        await _kill(house, first)
    second = await house.dispatcher({"sp4n": hub})
    await settled(house, second, step=2)
    assert (await simulation.summary()).reports == 1


async def test_a_store_that_is_away_when_the_answer_comes_forgets_nothing(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, failures = DeliveryQueue.finish, 3

    async def sometimes(self: DeliveryQueue, *arguments: Any) -> Any:  # noqa: ANN401 as the original
        nonlocal failures
        if failures > 0:
            failures -= 1
            raise StoreUnavailable("the disk is full")
        return await finish(self, *arguments)

    monkeypatch.setattr(DeliveryQueue, "finish", sometimes)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation)})
    await house.publish(house.complaint("c"))
    await settled(house, dispatcher)
    assert sum(r.method == "POST" for r in await simulation.requests()) == 1
    assert await house.deliveries() == {("sp4n", "create"): ["delivered"]}


async def _has(house: House, wanted: dict[tuple[str, str], list[str]]) -> bool:
    return await house.deliveries() == wanted


async def test_a_hub_that_is_not_there_burns_no_attempts(house: House, simulation: HubSimulation) -> None:
    hub = house.hub(simulation, profile=profile(**KEYLESS))
    await simulation.stop()
    dispatcher = await house.dispatcher({"sp4n": hub})
    complaint = house.complaint("c")
    await house.publish(complaint)

    async def tried_often() -> bool:
        house.clock.forward(1)
        return house.metric("muara_delivery_attempts_total", hub="sp4n", outcome="retry") >= 3

    await until(tried_often)
    assert (await house.delivery(complaint)).attempts == 0
    assert not (await house.delivery(complaint)).doubt  # nothing was written, so there is none
    await simulation.start()
    await settled(house, dispatcher, step=1)
    assert (await simulation.summary()).reports == 1


@pytest.mark.parametrize("fault", [{"p_5xx": 1}, {"p_429": 1}, {"p_wrong_json": 1}, {"p_half_answer": 1}, {"p_401": 1}])
async def test_a_look_up_that_fails_proves_nothing(
    house: House, simulation: HubSimulation, fault: dict[str, Any]
) -> None:
    simulation.behave(next_n={"p_drop_after_accept": 1}, idempotency=False)
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**KEYLESS))})
    complaint = house.complaint("c")
    await house.publish(complaint)

    async def in_doubt() -> bool:
        return bool(await house.deliveries()) and bool((await house.delivery(complaint)).doubt)

    await until(in_doubt)
    simulation.behave(next_n=fault, idempotency=False)

    async def failed() -> bool:
        house.clock.forward(1)
        return not any(simulation.behaviour.next_n.values())

    await until(failed)
    if "p_401" in fault:
        await until(lambda: _stopped(dispatcher))
        await house.command("resume", "sp4n")
    await settled(house, dispatcher, step=1)
    assert (await house.delivery(complaint)).state == "delivered"
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (1, 0)


async def test_a_complaint_that_cannot_be_opened_is_parked_and_holds_nobody_up(
    house: House, simulation: HubSimulation
) -> None:
    strange = house.complaint("strange").model_copy(update={"private": house.complaint("another").private})
    dispatcher = await house.dispatcher({"sp4n": house.hub(simulation, profile=profile(**NO_NEWS))})
    await house.publish(strange, house.complaint("c"))
    await settled(house, dispatcher)
    row = await house.delivery(strange)
    assert (row.state, row.request) == ("parked", None)
    assert "sealed" in row.reason
    assert (await simulation.summary()).reports == 1
    assert [letter.subject for letter in await house.dead()] == [row.delivery_id]


async def _stopped(dispatcher: Dispatcher) -> bool:
    return "dispatcher.hub.sp4n" in dispatcher.health.problems


async def test_who_has_slept_over_its_lease_sends_nothing_any_more(
    house: House, simulation: HubSimulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = [0.0]
    monkeypatch.setattr(worker_module, "passed", lambda: slept[0])
    simulation.behave(idempotency=False)
    hub = house.hub(simulation, profile=profile(**KEYLESS))
    sleeper = await house.dispatcher({"sp4n": hub}, alone=False)
    [worker] = sleeper._workers
    claim, asleep, awake = worker._claim, asyncio.Event(), asyncio.Event()

    async def claim_and_sleep(room: int) -> list[tuple[Delivery, bytes]]:
        claimed = await claim(room)
        if claimed:
            asleep.set()
            await awake.wait()
        return claimed

    worker._claim = claim_and_sleep  # type: ignore[method-assign]  # it sleeps where SIGSTOP would stop it
    complaint = house.complaint("a")
    await house.publish(complaint)
    await asleep.wait()
    other = await house.dispatcher({"sp4n": hub}, alone=False)
    slept[0] += hub.worker_policy.lease.total_seconds() + 1
    house.clock.forward(slept[0])

    async def delivered() -> bool:
        house.clock.forward(1)
        return bool((await house.delivery(complaint)).state == "delivered")

    await until(delivered)
    awake.set()
    await settled(house, sleeper)
    await settled(house, other)
    await until(lambda: _nothing_under_way(sleeper))
    summary = await simulation.summary()
    assert (summary.reports, summary.doubled) == (1, 0)


async def _nothing_under_way(dispatcher: Dispatcher) -> bool:
    return not any(worker._under_way or worker._unrecorded for worker in dispatcher._workers)
