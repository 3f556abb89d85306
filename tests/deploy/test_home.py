"""The example home: Muara understands it, and finds nothing wrong but what only an operator can supply."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from muara.checking import examine
from muara.config import Config, missing_variables
from muara.finding import Finding
from muara.home import Home
from muara.parts import build_hubs, build_sources
from recipes.library import load_channels
from runtime.sealing.keyfile import ENVIRONMENT


@pytest.fixture
def home(deploy: Path, tmp_path: Path) -> Path:
    """A copy, since a check may write."""
    return Path(shutil.copytree(deploy / "home", tmp_path / "home"))


def faults(found: Sequence[Finding]) -> set[str]:
    return {finding.what for finding in found if not finding.ok}


def test_every_source_has_its_channel_and_every_hub_its_profile(
    home: Path, config: Config, example: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SP4N_TOKEN", example["SP4N_TOKEN"])
    sources = build_sources(Home(home), config, load_channels(Home(home).channels))
    assert {name: source.channel.name for name, source in sources.items()} == {
        "wa-kota": "whatsapp_cloud",
        "surel": "email",
        "rsud": "opd_webhook",
    }
    assert build_hubs(Home(home), config).keys() == {"sp4n"}


def test_nothing_is_sent_before_somebody_says_so(config: Config) -> None:
    assert {hub.mode for hub in config.hubs.values()} == {"shadow"}


def test_the_example_environment_names_every_secret(config: Config, example: dict[str, str]) -> None:
    assert missing_variables(config, environment=example) == []
    assert len(missing_variables(config, environment={})) == 4


async def test_a_check_finds_nothing_but_the_hub_that_does_not_run(
    home: Path, example: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**example, ENVIRONMENT: "00" * 32}.items():
        monkeypatch.setenv(name, value)
    found = await examine(home)
    # The ports may be held by something on this machine; in a container nobody else is there.
    assert faults(found) - {"http port", "smtp port", "disk"} == {"hub sp4n"}


async def test_a_check_says_which_secrets_are_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WA_APP_SECRET", raising=False)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert {"secrets", "master key"} <= faults(await examine(home))
