"""An agency's API, and `kill -9` between the log and where the source stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.hub.server import HubSimulation
from sandbox.listening import Listening
from tests.outside import Place, make_place, start

COUNT = 7
SOURCE = """
sources:
  kota-tetangga:
    channel: pages
    settings: {{url: "{url}", interval: 0.2}}
"""
RECIPE = """
channel: pages
title: Pages
receive:
  transport: rest
  poll: {path: /aduan, query: {page: page}, pages: {by: number, size: 3}}
  split:
    each: [{list: body, as: aduan}]
    keep: {aduan: aduan}
  external_id: aduan.id
map: {text: aduan.isi}
"""


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async def listed(request: Request) -> JSONResponse:
        begin = (int(request.query_params["page"]) - 1) * 3
        places = ("Pasar Lama", "Jalan Melati", "Terminal", "Puskesmas", "Taman Kota", "Jembatan Merah", "Stasiun")
        words = [{"id": index, "isi": f"Lampu padam di {name} nomor {index}"} for index, name in enumerate(places)]
        return JSONResponse(words[begin : begin + 3])

    listening = Listening(Starlette(routes=[Route("/aduan", listed)]))
    await listening.start()
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        place = make_place(tmp_path / "home", hub.url)
        (place.home / "channels").mkdir(exist_ok=True)
        (place.home / "channels" / "pages.yaml").write_text(RECIPE, encoding="utf-8")
        head, _, rest = place.config.read_text(encoding="utf-8").partition("\nsources:")
        tail = rest[rest.index("\nhubs:") :]
        place.config.write_text(head + SOURCE.format(url=listening.url) + tail, encoding="utf-8")
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        yield place
    await listening.stop()


async def test_killed_when_the_log_has_its_second_page_and_the_cursor_does_not_know_it(place: Place) -> None:
    with start(place, env={"MUARA_FAULT_POINT": "connectors.polled:2"}, fresh=True) as running:
        assert await running.ended() == -9, running.said()[-2000:]
    with start(place) as running:
        await running.ready()
        found = await place.rest(COUNT)
    assert found.balanced, found.line()
    assert (found.terms["received"], found.terms["redelivered"]) == (COUNT, 3)
