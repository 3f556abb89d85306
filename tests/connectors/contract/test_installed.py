"""A transport that another package brings: found by its entry point, held to the contract, served beside our own."""

import asyncio
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.checks import TRANSPORTS, BadSources
from connectors.contract.ground import open_ground
from connectors.contract.suite import SENDER, TEXT, TransportContract
from connectors.installed import OWN, BadTransport, installed, recipe_folders
from connectors.service import Connectors
from connectors.settings import ConnectorSettings
from connectors.source import Source
from connectors.transports import Surroundings
from recipes.examples import run_examples
from recipes.library import load_channels
from schemas.topics import COMMANDS, RAW
from tests.cli.conftest import Run, cli

__all__ = ["cli"]
PACKAGE = Path(__file__).parent / "kotak"


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if it were installed: its folder and its metadata stand where Python looks."""
    monkeypatch.syspath_prepend(str(PACKAGE))
    yield
    sys.modules.pop("muara_kotak", None)


class BoxRig:
    """A letter box; letters that are gone were taken."""

    secrets: Sequence[str] = ()
    hosts: Collection[str] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._letters: list[tuple[str, bytes]] = []

    def source(self) -> Source:
        channel = load_channels(recipe_folders(), TRANSPORTS)["kotak_surat"]
        return Source("kotak", "dinas-air", channel, settings={"box": str(self._folder)})

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._put(ident, json.dumps({"id": ident, "from": sender, "text": text}).encode())

    async def put_bad(self) -> None:
        self._put("", b"{no json")

    async def serve(self, surroundings: Surroundings) -> None:
        box: Any = installed()["kotak"].serve(self.source(), surroundings)
        await box._rounds.one()

    async def acknowledged(self) -> Collection[str]:
        waiting = {path.name for path in self._folder.glob("*.json")}
        return [ident for name, (ident, _) in self._named() if ident and name not in waiting]

    async def offer_again(self) -> None:
        for name, (_, content) in self._named():
            (self._folder / name).write_bytes(content)

    def _put(self, ident: str, content: bytes) -> None:
        self._letters.append((ident, content))
        (self._folder / f"{len(self._letters):03}.json").write_bytes(content)

    def _named(self) -> list[tuple[str, tuple[str, bytes]]]:
        return [(f"{number:03}.json", each) for number, each in enumerate(self._letters, 1)]


class TestLetterBox(TransportContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> BoxRig:
        return BoxRig(tmp_path / "kotak")


async def test_it_is_served_and_checked_beside_our_own(tmp_path: Path) -> None:
    rig = BoxRig(tmp_path / "kotak")
    source = rig.source()
    assert "kotak" in TRANSPORTS
    assert len(TRANSPORTS) == len(list(TRANSPORTS)) == len(OWN) + 1
    assert all(result.passed for result in run_examples(source.channel))
    folder = tmp_path / "ground"
    folder.mkdir()
    async with open_ground(folder) as ground:
        log = await type(ground.log).open(folder / "beide.db", [RAW.name, COMMANDS.name])

        def connectors(*sources: Source) -> Connectors:
            return Connectors(
                sources,
                bus=log,
                sealing=ground.sealer,
                objects=ground.objects,
                store=ground.store,
                registry=CollectorRegistry(),
                settings=ConnectorSettings(),
                clock=ground.surroundings().clock,
            )

        with pytest.raises(BadSources, match="name the folder under"):
            connectors(Source("kotak", "dinas-air", source.channel))
        await rig.put("a", SENDER, TEXT)
        both = connectors(source)
        running = asyncio.create_task(both.run())
        async with asyncio.timeout(10):
            while not await rig.acknowledged():  # noqa: ASYNC110 a folder tells nobody
                await asyncio.sleep(0.02)
        await both.stop()
        await running
        assert sum((await log.ends(RAW.name)).values()) == 1
        assert both.ready() == []
        await log.close()


def test_its_recipe_is_among_the_channels(cli: Run, tmp_path: Path) -> None:
    assert "kotak_surat" in cli("channels", "list", "--home", tmp_path, "--json").said


def test_a_broken_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cli: Run) -> None:
    told = tmp_path / "muara_rusak-2.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: muara-rusak\nVersion: 2.0\n")
    (told / "entry_points.txt").write_text("[muara.transports]\nrusak = muara_rusak:TRANSPORT\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BadTransport, match=r"of muara-rusak cannot be loaded \(ModuleNotFoundError"):
        installed()
    done = cli("channels", "list", "--home", tmp_path)
    assert (done.returncode, "correct or remove that package" in done.said) == (2, True)
    (tmp_path / "muara_rusak.py").write_text("TRANSPORT = 1\n")
    with pytest.raises(BadTransport, match="has no `channels`"):
        installed()
