"""The image: a linter's rules, and what a linter cannot know of this project."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from muara.config import Config
from tools.constraints import closure, requirements

HADOLINT = Path(sys.executable).with_name("hadolint")

Instruction = tuple[str, str]


def parsed(text: str) -> list[Instruction]:
    """The instructions, each on one line. Comments may stand between continued lines."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


@pytest.fixture(scope="module")
def text(deploy: Path) -> str:
    return (deploy / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def instructions(text: str) -> list[Instruction]:
    return parsed(text)


@pytest.fixture(scope="module")
def final(instructions: list[Instruction]) -> list[Instruction]:
    """The last stage: what becomes the image."""
    last = max(number for number, (name, _) in enumerate(instructions) if name == "FROM")
    return instructions[last:]


@pytest.fixture(scope="module")
def root(deploy: Path) -> Path:
    return deploy.parent


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def only(instructions: Sequence[Instruction], name: str) -> str:
    [rest] = [rest for found, rest in instructions if found == name]
    return rest


def lint(path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([HADOLINT, str(path)], capture_output=True, text=True, check=False, timeout=60)


def test_the_linter_finds_nothing(deploy: Path) -> None:
    run = lint(deploy / "Dockerfile")
    assert (run.returncode, run.stdout) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("python:3.13-slim-bookworm", "python:latest", "DL3007"),
        ("hatchling==1.33.0", "hatchling", "DL3013"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ("COPY README.md LICENSE ./", "ADD README.md LICENSE ./", "DL3020"),
    ],
)
def test_the_linter_finds_what_is_wrong(text: str, tmp_path: Path, right: str, wrong: str, rule: str) -> None:
    assert right in text
    bad = tmp_path / "Dockerfile"
    bad.write_text(text.replace(right, wrong), encoding="utf-8")
    run = lint(bad)
    assert run.returncode == 1
    assert rule in run.stdout


def test_base_images_are_pinned_by_version_and_without_an_address(instructions: list[Instruction]) -> None:
    stages = [rest.split() for name, rest in instructions if name == "FROM"]
    named = {words[2] for words in stages if len(words) == 3}
    outside = [words[0] for words in stages if words[0] not in named]
    assert outside == ["python:3.13-slim-bookworm"]


def test_that_python_is_one_that_the_project_takes(instructions: list[Instruction], project: dict[str, Any]) -> None:
    major, minor = re.findall(r"python:(\d+)\.(\d+)", only(instructions[:1], "FROM"))[0]
    assert project["project"]["requires-python"] == ">=3.11"
    assert (int(major), int(minor)) >= (3, 11)


def test_it_runs_as_nobody_special(final: list[Instruction]) -> None:
    assert only(final, "USER") == "10001:10001"
    assert "--uid 10001" in only(final, "RUN")
    assert "--gid 10001" in only(final, "RUN")


def test_nothing_is_fetched_but_packages(instructions: list[Instruction]) -> None:
    assert [rest for name, rest in instructions if name == "ADD"] == []
    fetching = [rest for _, rest in instructions if re.search(r"\b(curl|wget|git|apt-get|apk)\b", rest)]
    assert fetching == []


def test_the_image_holds_no_tool_that_builds(final: list[Instruction]) -> None:
    run = only(final, "RUN")
    assert "pip uninstall" in run
    assert not re.search(r"pip3? (install|wheel)|gcc|build-essential", run)
    copied = [rest for name, rest in final if name == "COPY"]
    assert copied == ["--from=build /opt/muara /opt/muara"]


def allowed(ignore: Path) -> set[str]:
    """What .dockerignore lets through: it shuts everything out first."""
    lines = [line for line in ignore.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert [line for line in lines[1:] if not line.startswith("!")] == ["**/__pycache__"]
    return {line.removeprefix("!") for line in lines[1:] if line.startswith("!")}


def sources(instructions: list[Instruction]) -> set[str]:
    """What is copied from the project's folder."""
    copies = [rest.split() for name, rest in instructions if name == "COPY" and not rest.startswith("--from")]
    return {source.rstrip("/") for words in copies for source in words[:-1]}


def test_what_is_copied_exists_and_is_let_through_and_nothing_else_is(
    instructions: list[Instruction], root: Path
) -> None:
    copied = sources(instructions)
    assert {name for name in copied if not (root / name).exists()} == set()
    assert allowed(root / ".dockerignore") == copied


def test_every_package_is_in_the_image(instructions: list[Instruction], project: dict[str, Any]) -> None:
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    files = {"pyproject.toml", "constraints.txt", project["project"]["readme"], *project["project"]["license-files"]}
    assert sources(instructions) == packages | files


def test_a_folder_is_copied_into_a_folder_of_its_name(instructions: list[Instruction], root: Path) -> None:
    """`COPY schemas ./` would spill what is in it over the project."""
    copies = [rest.split() for name, rest in instructions if name == "COPY" and not rest.startswith("--from")]
    folders = [words for words in copies if (root / words[0]).is_dir()]
    assert folders
    assert all(len(words) == 2 and words[0] == words[1] for words in folders)


def test_dependencies_are_the_pinned_ones(instructions: list[Instruction], root: Path) -> None:
    installing = [rest for name, rest in instructions if name == "RUN" and "-r requirements.txt" in rest]
    [run] = installing
    assert "-c constraints.txt" in run
    assert "--only-binary :all:" in run
    [program] = re.findall(r'python -c "([^"]+)"', run)
    listed = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert listed.stdout.splitlines() == [str(each) for each in raw_requirements(root)]


def raw_requirements(root: Path) -> list[str]:
    found: list[str] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return found


def test_the_image_can_speak_to_kafka_and_to_postgresql(root: Path) -> None:
    needed = closure(requirements(root / "pyproject.toml"))
    assert {"aiokafka", "asyncpg"} <= needed.keys(), "the drivers of the scale-out size are no dependencies"


def test_the_builder_is_the_one_that_the_project_names(text: str, project: dict[str, Any]) -> None:
    [asked] = project["build-system"]["requires"]
    [pinned] = re.findall(r"hatchling==([\d.]+)", text)
    assert asked == "hatchling>=1.27"
    assert tuple(map(int, pinned.split("."))) >= (1, 27)


def test_the_image_starts_muara_and_asks_it_for_health(
    final: list[Instruction], project: dict[str, Any], config: Config
) -> None:
    assert only(final, "ENTRYPOINT") == '["muara"]'
    assert "muara" in project["project"]["scripts"]
    assert f"http://127.0.0.1:{config.http.port}/healthz" in only(final, "HEALTHCHECK")
    assert config.connectors.smtp is not None
    assert only(final, "EXPOSE").split() == [str(config.http.port), str(config.connectors.smtp.port)]


def test_the_image_says_what_it_is(final: list[Instruction], project: dict[str, Any]) -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', only(final, "LABEL")))
    assert labels["licenses"] == project["project"]["license"]
    assert labels.keys() == {"title", "description", "licenses", "version", "revision"}
    arguments = dict(rest.split("=", 1) for name, rest in final if name == "ARG")
    assert arguments["VERSION"] == project["project"]["version"]


def test_the_root_file_system_may_be_read_only(final: list[Instruction]) -> None:
    environment = only(final, "ENV")
    assert "PYTHONDONTWRITEBYTECODE=1" in environment
    assert "MUARA_HOME=/var/lib/muara" in environment
    assert "/var/lib/muara/data" in only(final, "RUN")
