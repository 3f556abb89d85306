"""What the pages say exists, exists."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from muara.__main__ import app
from muara.config import Config, HubConfig, SourceConfig
from muara.lazy import unfold

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/operations.md",
    "docs/channels.md",
    "docs/feed.md",
    "docs/panduan-singkat.md",
)
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def blocks(page: Path, kind: str) -> Iterator[str]:
    for indent, found, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if found == kind:
            yield "\n".join(line.removeprefix(indent) for line in body.splitlines())


def yaml(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(text)
    return found


def commands() -> set[str]:
    """Every command, with its group: `dead replay`."""
    found: set[str] = set()

    def walk(command: object, path: str) -> None:
        for name, sub in getattr(command, "commands", {}).items():
            found.add(f"{path} {name}".strip())
            walk(sub, f"{path} {name}".strip())

    walk(unfold(app), "")
    return found


def mentioned(page: Path) -> Iterator[tuple[str, str]]:
    """(group or command, next word) of every `muara …` in code."""
    text = page.read_text(encoding="utf-8")
    for code in [*re.findall(r"`([^`\n]+)`", text), *blocks(page, "sh")]:
        yield from re.findall(r"(?:^|[\s/])muara ([a-z]+)(?: +([a-z]+))?", code, flags=re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_on_a_page_can_be_given(root: Path, name: str) -> None:
    known = commands()
    groups = {command.split()[0] for command in known if " " in command}
    for first, second in mentioned(root / name):
        assert first in known, f"there is no `muara {first}`"
        if first in groups and second:
            assert f"{first} {second}" in known, f"there is no `muara {first} {second}`"


def test_options_on_the_pages_exist(root: Path) -> None:
    def options(command: object) -> set[str]:
        own = {
            option
            for parameter in getattr(command, "params", [])
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        return own.union(*(options(sub) for sub in getattr(command, "commands", {}).values()))

    known = options(unfold(app))
    for name in PAGES:
        for block in blocks(root / name, "sh"):
            for line in block.splitlines():
                if re.match(r"\S*muara ", line):
                    assert set(re.findall(r"\s(--[a-z-]+)", line)) <= known, line


def test_the_configuration_on_the_page_is_the_whole_configuration(root: Path) -> None:
    shown = next(found for text in blocks(root / "docs/operations.md", "yaml") if "agency" in (found := yaml(text)))

    def compare(part: Mapping[str, Any], model: type[BaseModel], where: str) -> None:
        assert set(part) == set(model.model_fields), where
        for key, field in model.model_fields.items():
            inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if kind is not NoneType]
            below = next((kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
            if below is not None and isinstance(part[key], Mapping) and key not in ("sources", "hubs"):
                compare(part[key], below, f"{where}.{key}")

    compare(shown, Config, "muara.yaml")
    compare(shown["sources"]["NAME"], SourceConfig, "a source")
    compare(shown["hubs"]["NAME"], HubConfig, "a hub")


def test_the_defaults_on_the_page_are_the_defaults(root: Path) -> None:
    shown = next(found for text in blocks(root / "docs/operations.md", "yaml") if "agency" in (found := yaml(text)))
    defaults = Config(agency="kota-contoh")
    for name in ("gather", "deadlines", "http", "zone", "partitions"):
        kept = getattr(defaults, name)
        assert shown[name] == (kept.model_dump() if isinstance(kept, BaseModel) else kept), name
    webhook = defaults.connectors.webhook.model_dump(mode="json")
    assert shown["connectors"]["webhook"] == webhook | {"public_url": shown["connectors"]["webhook"]["public_url"]}


@pytest.mark.parametrize("name", ["docs/channels.md", "docs/panduan-singkat.md"])
def test_the_snippets_of_the_channels_are_accepted(root: Path, name: str) -> None:
    seen: set[str] = set()
    for text in blocks(root / name, "yaml"):
        config = Config.model_validate({"agency": "kota-contoh"} | yaml(text))
        seen |= {source.channel for source in config.sources.values()}
    shipped = {file.stem for file in (root / "connectors" / "channels").glob("*.yaml")}
    assert seen <= shipped
    if name == "docs/channels.md":
        assert seen == shipped, "every channel that comes with Muara is on the page"


def test_every_metric_on_the_page_is_exported(root: Path) -> None:
    page = (root / "docs/operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(muara_[a-z_]+)", page))
    code = "".join(
        file.read_text(encoding="utf-8")
        for room in ("connectors", "normalizer", "dispatcher", "portal", "runtime", "muara")
        for file in (root / room).rglob("*.py")
    )
    assert named
    assert {name for name in named if f'"{name}"' not in code} == set()
