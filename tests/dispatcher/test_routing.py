"""Several hubs, each for its own kind of complaints, and at its own hours."""

import asyncio
from typing import Any

import pytest

from dispatcher import tables as t
from dispatcher.hub import Route
from dispatcher.routing import fits
from runtime.delivery.resting import Rest
from sandbox.hub.server import HubSimulation
from schemas.parts import Category, Place

from .conftest import House, settled, until

LAMP = Category(key="lampu_jalan", title="Penerangan jalan umum", confidence=0.9, version="1")
SERANG = Place(region_code="36.73.01.1002", region_scheme="kemendagri")


@pytest.mark.parametrize(
    ("route", "complaint", "expected"),
    [
        (Route(), {}, True),
        (Route(agencies=frozenset({"kota-muara"})), {}, True),
        (Route(agencies=frozenset({"kota-lain"})), {}, False),
        (Route(categories=frozenset({"lampu_jalan", "sampah"})), {"category": LAMP}, True),
        (Route(categories=frozenset({"sampah"})), {"category": LAMP}, False),
        (Route(categories=frozenset({"sampah"})), {}, False),
        (Route(regions=frozenset({"36"})), {"place": SERANG}, True),
        (Route(regions=frozenset({"36.73"})), {"place": SERANG}, True),
        (Route(regions=frozenset({"36.7"})), {"place": SERANG}, False),
        (Route(regions=frozenset({"31", "36.73.01.1002"})), {"place": SERANG}, True),
        (Route(regions=frozenset({"36.73.01.1002.1"})), {"place": SERANG}, False),
        (Route(regions=frozenset({"36"})), {}, False),
        (Route(rahasia="only"), {"rahasia": True}, True),
        (Route(rahasia="only"), {}, False),
        (Route(rahasia="never"), {"rahasia": True}, False),
        (Route(rahasia="never"), {}, True),
        (Route(agencies=frozenset({"kota-muara"}), categories=frozenset({"sampah"})), {"category": LAMP}, False),
    ],
)
def test_which_complaints_a_hub_is_there_for(
    house: House, route: Route, complaint: dict[str, Any], *, expected: bool
) -> None:
    assert fits(house.complaint("c", **complaint), route) is expected


async def test_what_has_gone_to_a_hub_is_kept_up_to_date_there_though_it_would_not_go_there_any_more(
    house: House, simulation: HubSimulation
) -> None:
    lamps = house.hub(simulation, route=Route(categories=frozenset({"lampu_jalan"})))
    dispatcher = await house.dispatcher({"lampu": lamps})
    await house.publish(house.complaint("c", category=LAMP), house.complaint("other"))
    await settled(house, dispatcher)
    other = LAMP.model_copy(update={"key": "sampah"})
    await house.publish(house.complaint("c", 2, category=other, private={"text": "Ternyata tumpukan sampah"}))
    await settled(house, dispatcher)
    [report] = await simulation.reports()
    assert (report.formulir["isi"], report.revisi) == ("Ternyata tumpukan sampah", 2)
    assert len(await house.rows(t.routes)) == 1


async def test_a_hub_at_rest_is_not_spoken_to_and_gets_everything_afterwards(
    house: House, simulation: HubSimulation
) -> None:
    resting = house.hub(simulation, rests=(Rest.parse("09:30-11:00", "Asia/Jakarta"),), poll_every=0.05)
    dispatcher = await house.dispatcher({"sp4n": resting})
    await house.publish(*(house.complaint(f"c{number}") for number in range(3)))

    async def taken_in() -> bool:
        return len(await house.rows(t.deliveries)) == 3

    await until(taken_in)
    await asyncio.sleep(0.3)  # time in which a worker or a poller that does not rest would have asked
    assert await simulation.requests() == []
    house.clock.forward(3600)
    await settled(house, dispatcher)
    assert len(await simulation.reports()) == 3
    assert {(await house.delivery(house.complaint(f"c{number}"))).attempts for number in range(3)} <= {0, 1}
