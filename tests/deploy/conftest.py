"""The files in deploy/, read as Docker Compose would read them. No Docker is needed, and none is used."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from muara.config import Config, load_config

ROOT = Path(__file__).parent.parent.parent
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<word>[^}]*))?\})")

Tree = dict[str, Any]


def interpolated(value: Any, environment: Mapping[str, str]) -> Any:  # noqa: ANN401 any tree
    """Every text of a tree with its variables filled in, as the Compose specification says."""
    if isinstance(value, dict):
        return {name: interpolated(each, environment) for name, each in value.items()}
    if isinstance(value, list):
        return [interpolated(each, environment) for each in value]
    if not isinstance(value, str):
        return value

    def fill(found: re.Match[str]) -> str:
        name, how, word = found["name"], found["how"] or "", found["word"] or ""
        if name is None:
            return "$"
        given = environment.get(name)
        if given or (given is not None and not how.startswith(":")):
            return given
        if how.endswith("?"):
            raise KeyError(word)
        return word

    return VARIABLE.sub(fill, value)


def dotenv(path: Path) -> dict[str, str]:
    """The variables of an environment file."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session")
def deploy() -> Path:
    return ROOT / "deploy"


@pytest.fixture(scope="session")
def example(deploy: Path) -> dict[str, str]:
    """What the example environment says."""
    return dotenv(deploy / "compose.env.example")


@pytest.fixture(scope="session")
def written(deploy: Path) -> Tree:
    """compose.yaml with its anchors resolved, and its variables as they are written."""
    found: Tree = YAML(typ="safe").load(deploy / "compose.yaml")
    return found


@pytest.fixture(scope="session")
def compose(written: Tree, example: dict[str, str]) -> Tree:
    """compose.yaml as it is used with the example environment."""
    found: Tree = interpolated(written, example)
    # A variable without a value passes on the one of the environment file.
    for service in found["services"].values():
        given = service.get("environment", {})
        service["environment"] = {name: example.get(name) if value is None else value for name, value in given.items()}
    return found


@pytest.fixture(scope="session")
def services(compose: Tree) -> dict[str, Tree]:
    found: dict[str, Tree] = compose["services"]
    return found


@pytest.fixture(scope="session")
def ours(services: dict[str, Tree], example: dict[str, str]) -> dict[str, Tree]:
    """The services that run our image."""
    return {name: each for name, each in services.items() if each["image"] == f"muara:{example['MUARA_VERSION']}"}


@pytest.fixture(scope="session")
def config(deploy: Path) -> Config:
    return load_config(deploy / "home")
