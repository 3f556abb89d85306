"""An agency of odd shape is plugged in by one file from the guide; and a recipe that was wrong is mended."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from muara.commanding import command

from .sizes import Size
from .town import HUB_AGENCIES, Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]

GUIDE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)
KEY = "kunci-dishub-2026"

DEVICE = "6281100009999"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town whose home has recipes of its own, that of the guide as it stands on the page."""
    recipe = next(text for kind, text in BLOCKS if kind == "yaml")
    sources = {
        "dishub": {
            "channel": "dishub",
            "agency": "dishub",
            "zone": "Asia/Makassar",
            "secrets": {"kunci": "DISHUB_KEY"},
        },
        "wablas": {"channel": "wablas", "agency": "kominfo"},
        "fonnte": {"channel": "fonnte", "agency": "kominfo"},
    }
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setenv("DISHUB_KEY", KEY)
        async with AsyncExitStack() as stack:
            yield await open_town(
                stack,
                tmp_path_factory.mktemp("town"),
                size,
                recipes={"dishub": recipe},
                sources=sources,
                hubs={"sp4n": {"agencies": HUB_AGENCIES}},
            )


async def post(town: Town, document: Any, key: str = KEY) -> int:  # noqa: ANN401 any JSON
    answer = await town.http.post(f"{town.url}/in/dishub", json=document, headers={"X-Kunci": key})
    return answer.status_code


async def test_an_agency_is_plugged_in_from_the_guide_alone(town: Town) -> None:
    body = json.loads(next(text for kind, text in BLOCKS if kind == "json"))
    assert await post(town, body, "tebakan") == 401
    assert await post(town, body) == 200
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    report, shown = await town.report(Person("Luh Contoh", 61))
    form = report.formulir
    assert form["isi"] == "Lampu lalu lintas di simpang pasar mati."
    assert form["pelapor"] == {"nama": "Luh Contoh", "telepon": "+6281100000061", "surel": None}
    assert (form["lintang"], form["bujur"], form["kanal"]) == (-8.112, 115.088, "dishub")
    assert (shown["sent_at"], shown["agency"]) == ("2026-11-24T06:05:00Z", "dishub")
    assert len(shown["attachments"]) == 2
    assert await post(town, body) == 200
    assert await town.rest() == {"redelivered": 1}


async def test_trap_17_the_sender_of_wablas_is_our_device_and_that_of_fonnte_the_citizen(
    town: Town, person: People
) -> None:
    luh, made = person("Luh Contoh"), person("Made Contoh")
    wablas = {
        "id": "W1", "phone": luh.digits, "sender": DEVICE, "message": "Rambu di Simpang Nangka patah",
        "messageType": "text", "pushName": luh.name, "isGroup": False, "isFromMe": False,
    }  # fmt: skip
    fonnte = {
        "device": DEVICE, "sender": made.digits, "message": "Genangan di Simpang Pepaya", "name": made.name,
        "inboxid": 12,
    }  # fmt: skip
    assert (await town.http.post(f"{town.url}/in/wablas", json=wablas)).status_code == 200
    assert (await town.http.post(f"{town.url}/in/fonnte", json=fonnte)).status_code == 200
    assert await town.rest(2) == {"received": 2, "complaints": 2, "delivered": 2}
    for someone in (luh, made):
        report, _ = await town.report(someone)
        assert report.formulir["pelapor"] == {"nama": someone.name, "telepon": someone.phone, "surel": None}
    assert not await town.reports(Person("Perangkat", 9999))


async def test_trap_16_a_dead_letter_is_replayed_with_its_own_id_once_its_recipe_was_mended(town: Town) -> None:
    body = {
        "meta": {"kirim": "2026/11/24 15:30"},
        "data": [{"No. Aduan": 9001, "uraian": "Marka jalan di Simpang Durian hilang", "jenis": "K"}],
    }
    assert await post(town, body) == 200
    assert await town.rest(1) == {"received": 1, "dead": 1}
    (letter,) = json.loads((await town.muara("dead", "list", "--json")).stdout)
    assert "sent_at" in letter["reason"]

    # The office changed its clock; the recipe learns it, and Muara starts anew.
    path = town.scene.home / "channels" / "dishub.yaml"
    recipe = path.read_text(encoding="utf-8")
    assert '"DD-MM-YYYY [pukul] HH.mm Z"' in recipe
    path.write_text(
        recipe.replace('"DD-MM-YYYY [pukul] HH.mm Z"', '["DD-MM-YYYY [pukul] HH.mm Z", "YYYY/MM/DD HH:mm"]'),
        encoding="utf-8",
    )
    await town.end()
    await town.begin()
    replayed = await town.muara("dead", "replay", letter["id"])
    assert replayed.exit_code == 0, replayed.output
    await command(town.ground.bus, "replay", letter["id"])
    gained = await town.rest()
    assert gained == {"dead": -1, "complaints": 1, "delivered": 1}
    (complaint,) = [each for each in await town.feed() if "Durian" in each["text"]]
    assert complaint["sent_at"] == "2026-11-24T07:30:00Z"
    assert await post(town, body) == 200
    assert await town.rest() == {"redelivered": 1}
    gone = await town.muara("dead", "replay", letter["id"])
    assert gone.exit_code != 0
    assert len([r for r in await town.hub.reports() if "Durian" in str(r.formulir["isi"])]) == 1
