"""The Makefile and the CI script speak plainly when something is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the targets need to begin, and no environment."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", ".ci/run"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        command, cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, check=False, timeout=30
    )


def test_help_names_every_target() -> None:
    shown = run("make", "-s", "help", cwd=ROOT).stdout
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {"install", "demo", "test", "check", "fix", "bench", "chaos", "help", "schemas"} <= set(targets)
    for target in set(targets) - {"help"}:
        assert f"make {target} " in shown


def test_an_old_python_is_refused_with_a_way_out(clone: Path) -> None:
    old = clone / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    answer = run("make", "-s", f"PYTHON={old}", "install", cwd=clone)
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer; found: Python 3.9.2" in answer.stderr
    assert "make PYTHON=" in answer.stderr
    assert not (clone / ".venv").exists()


def test_no_python_at_all_is_said(clone: Path) -> None:
    answer = run("make", "-s", "PYTHON=", "install", cwd=clone)
    assert answer.returncode != 0
    assert "Muara needs Python 3.11 or newer" in answer.stderr


def test_ci_names_what_is_missing(clone: Path) -> None:
    answer = run("bash", ".ci/run", cwd=clone, PYTHON="/nowhere/python")
    assert answer.returncode == 1
    assert "not run, since this is missing" in answer.stderr
    assert "Python 3.11 or newer" in answer.stderr


def test_ci_fails_when_a_step_fails(clone: Path) -> None:
    (clone / "Makefile").write_text("install check:\n\t@true\ntest:\n\t@exit 5\n", encoding="utf-8")
    answer = run("bash", ".ci/run", cwd=clone)
    assert answer.returncode == 1
    assert "make test (exit code" in answer.stderr
    assert "all passed" not in answer.stdout
