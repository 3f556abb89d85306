"""docs/deployment.md speaks of what is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from muara.__main__ import app
from muara.lazy import unfold

Tree = dict[str, Any]


@pytest.fixture(scope="module")
def page(deploy: Path) -> str:
    return (deploy.parent / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_files_that_it_names_exist(page: str, deploy: Path) -> None:
    table = page.partition("| file in `deploy/` |")[2].partition("\n\n")[0]
    named = re.findall(r"`([\w./]+)`", table)
    made = {".env"}  # by the reader
    assert [name for name in named if name not in made and not (deploy / name).exists()] == []
    assert len(named) >= 7


def test_ports_that_it_names_are_published(page: str, services: dict[str, Tree]) -> None:
    published = {port.split(":")[1] for each in services.values() for port in each.get("ports", [])}
    assert set(re.findall(r"`127\.0\.0\.1:(\d+)`", page)) == published


def test_services_and_volumes_that_it_names_exist(page: str, compose: Tree) -> None:
    for command in re.findall(r"docker compose (?:up|exec|run|stop|logs|build)\b([^\n#`]*)", page):
        scaled = re.findall(r"--scale (\w+)=", command)
        words = [word for word in command.split() if word in compose["services"]]
        assert set(scaled) <= compose["services"].keys()
        assert words or scaled or not re.search(r"(exec|run) ", command)
    [volumes] = re.findall(r"for volume in ([^;]+);", page)
    assert set(volumes.split()) <= compose["volumes"].keys()
    assert compose["name"] == "muara", "the page calls volumes muara_…, and containers muara-…"


def test_commands_that_it_names_can_be_given(page: str) -> None:
    known = set(getattr(unfold(app), "commands", {}))
    given = set(re.findall(r"(?:`|exec \w+ )muara ([a-z]+)", page)) | set(
        re.findall(r"--env-from-file .env dispatcher ([a-z]+)", page)
    )
    assert given >= {"audit", "check"}
    assert given <= known


def test_it_says_how_many_partitions_there_are(page: str, deploy: Path) -> None:
    text = (deploy / "home" / "muara.yaml").read_text(encoding="utf-8")
    assert re.search(r"^partitions: 6\b", text, flags=re.MULTILINE)
    assert "there are partitions can work, six here" in page


def test_it_says_what_is_not_proved(page: str) -> None:
    assert "no container was started" in page
