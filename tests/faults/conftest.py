"""A small home of one webhook and one hub."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.hub.server import HubSimulation
from tests.outside import Place, make_place, start, whatsapp


@dataclass
class House:
    """A home, and the hub that it sends to."""

    place: Place
    hub: HubSimulation

    async def reports(self) -> int:
        """What the hub has, which must have nothing twice."""
        summary = await self.hub.summary()
        assert summary.doubled == 0
        return summary.reports


FIRST = "Lampu jalan di Jalan Melati padam sejak Senin"
"""What the house with a past was told."""


async def _past(folder: Path) -> None:
    async with HubSimulation(folder / "hub.db", token="t", admin_token="a") as hub:
        place = make_place(folder / "home", hub.url)
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        with start(place) as running:
            await running.ready()
            assert await whatsapp(place.url, place.secret, FIRST) == 200
            await place.rest(1)
            assert await running.stop() == 0


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and its hub's database after a life in which one message came and was delivered."""
    folder = tmp_path_factory.mktemp("past")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _past(folder)).result()
    return folder


@pytest.fixture
async def lived(past: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house with a past, stopped."""
    shutil.copy(past / "hub.db", tmp_path)
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        yield _house(hub, make_place(tmp_path / "home", hub.url, history=past / "home"))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        yield _house(hub, make_place(tmp_path / "home", hub.url))


def _house(hub: HubSimulation, place: Place) -> House:
    place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
    place.rewrite("connectors:\n", "connectors:\n  log_timeout: 0.5\n")
    return House(place, hub)
