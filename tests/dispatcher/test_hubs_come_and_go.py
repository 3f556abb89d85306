"""Hubs are added to muara.yaml and taken out of it; secrets come later. The books balance after each start."""

from collections.abc import Collection

from sqlalchemy import insert, select

from dispatcher import ledger
from dispatcher import tables as t
from dispatcher.hub import Route
from sandbox.hub.server import HubSimulation

from .conftest import House, settled, until


async def _failing(house: House, hubs: Collection[str]) -> list[str]:
    found = await ledger.read(house.store, hubs, house.clock())
    return [f"{check.name}: {check.left} != {check.right}" for check in found.checks if not check.holds]


async def _rows(house: House) -> list[str]:
    async with house.store.reading() as connection:
        return list((await connection.execute(select(t.hubs.c.destination).order_by(t.hubs.c.destination))).scalars())


async def test_hubs_that_are_added_and_taken_away(house: House, simulation: HubSimulation) -> None:
    hub = house.hub(simulation)
    of_others = house.hub(simulation, route=Route(agencies=frozenset({"somebody-else"})))
    first = await house.dispatcher({"sp4n": hub, "province": of_others})
    await house.publish(house.complaint("a"))
    await settled(house, first)
    assert await _failing(house, ["sp4n", "province"]) == []
    await first.stop()

    # One that never had anything is forgotten, and one that is new is known, from the next start on.
    (said,) = await _failing(house, ["sp4n"])
    assert "when the dispatcher starts again" in said
    second = await house.dispatcher({"sp4n": hub})
    assert (await _rows(house), await _failing(house, ["sp4n"])) == (["sp4n"], [])
    await second.stop()
    third = await house.dispatcher({"sp4n": hub, "ministry": of_others})
    assert (await _rows(house), await _failing(house, ["sp4n", "ministry"])) == (["ministry", "sp4n"], [])
    await third.stop()

    # One that had something is kept, also when no hub is left at all.
    last = await house.dispatcher({})
    assert (await _rows(house), await _failing(house, [])) == (["sp4n"], [])
    await last.stop()

    # A process that did not know yet gave something to a hub that others had forgotten.
    async with house.store.writing() as connection:
        row = (await connection.execute(select(t.deliveries))).one()._asdict()
        route = (await connection.execute(select(t.routes))).one()._asdict()
        stray = {**row, "destination": "ministry", "delivery_id": house.complaint("b").complaint_id}
        await connection.execute(insert(t.deliveries), [stray])
        await connection.execute(insert(t.routes), [{**route, "hub": "ministry"}])
    await house.dispatcher({"sp4n": hub})
    assert await _rows(house) == ["ministry", "sp4n"]


async def test_a_hub_without_its_secret_waits_and_the_others_go_on(house: House, simulation: HubSimulation) -> None:
    hub = house.hub(simulation)
    poor = house.hub(simulation, secrets={})
    why = "the environment variable SP4N_TOKEN is not set"
    dispatcher = await house.dispatcher({"sp4n": poor, "city": hub}, unserved={"sp4n": why})
    await house.publish(house.complaint("a"))

    async def sent() -> bool:
        counts = (await dispatcher.ledger()).counts
        return (counts["routed"], counts["delivered"], counts["pending"]) == (2, 1, 1)

    await until(sent)
    assert why in str(dispatcher.health.problems)
    assert house.metric("muara_hub_stopped", hub="sp4n", why="configuration") == 1
    assert await _failing(house, ["sp4n", "city"]) == []
    await dispatcher.stop()
    rich = await house.dispatcher({"sp4n": hub, "city": hub})
    await settled(house, rich)
    counts = (await rich.ledger()).counts
    assert (counts["delivered"], counts["pending"]) == (2, 0)
    assert rich.health.problems == {}
