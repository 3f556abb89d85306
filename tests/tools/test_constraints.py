from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import constraints
from tools.constraints import disagreements, pins, requirements

ROOT = Path(__file__).parent.parent.parent


def test_the_pins_are_complete_and_current() -> None:
    assert constraints.check() == []


@pytest.mark.parametrize(
    "line",
    [
        "fastapi @ https://mirror.example/fastapi.whl",
        "-e .",
        "--index-url https://mirror.example/simple",
        "fastapi>=0.1",
        "fastapi",
        "-e git+https://mirror.example/fastapi#egg=fastapi",
    ],
)
def test_a_line_that_is_no_pin_is_refused(line: str) -> None:
    read, problems = pins(["# a comment", "", "httpx==0.28.1", line])
    assert read == {"httpx": "0.28.1"}
    assert len(problems) == 1
    assert problems[0].startswith("line 4: ")


def test_a_package_pinned_twice_is_refused() -> None:
    assert pins(["Ruamel.YAML==1", "ruamel-yaml==2"])[1] == ["line 2: ruamel-yaml is pinned twice"]


def test_disagreements_say_who_needs_what() -> None:
    pinned, _ = pins((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    asked = requirements(ROOT / "pyproject.toml", extras=["dev"])
    del pinned["starlette"]
    pinned["fastapi"] = "0.1"
    pinned["unheard-of"] = "1"
    found = list(disagreements(pinned, [*asked, Requirement("not-to-be-had>=1")]))
    assert any(line.startswith("starlette (needed by fastapi) is not pinned") for line in found)
    assert any(line.startswith("fastapi ") and "0.1 is pinned" in line for line in found)
    assert "fastapi>=0.120 is asked for, but 0.1 is pinned" in found
    assert "unheard-of is pinned, but nothing needs it; run `make lock`" in found
    assert any(line.startswith("not-to-be-had (needed by pyproject.toml)") for line in found)


def test_a_package_that_is_not_installed_is_named() -> None:
    found = list(disagreements({"not-to-be-had": "1"}, [Requirement("not-to-be-had>=1")]))
    assert found == ["not-to-be-had (needed by pyproject.toml) is not installed; run `make install`"]


def test_the_tool_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert constraints.main(["what"]) == 2
    assert "check|write" in capsys.readouterr().err
