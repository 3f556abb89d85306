"""The command line in this process, and a home with a history, made once."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from muara.__main__ import main
from muara.demonstration.play import play
from schemas.events import Command
from tests.outside import Done, environment

Run = Callable[..., Done]
"""Runs a command as `muara` would: its words, and `env` with what the environment has beside the usual."""


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")

    def command(*arguments: str | Path, env: dict[str, str] | None = None) -> Done:
        with patch.dict(os.environ, env or {}), patch.object(sys, "argv", ["muara", *map(str, arguments)]):
            capsys.readouterr()
            with pytest.raises(SystemExit) as end:
                main()
        said = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Done(end.value.code, said.out, said.err)

    return command


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a small demonstration. Copy it before anything in it is changed: see `home`."""
    folder = tmp_path_factory.mktemp("played")
    with patch.dict(os.environ), ThreadPoolExecutor(1) as thread:
        work = play(folder, messages=50, seed=1, progress=lambda *_: None)
        assert thread.submit(asyncio.run, work).result().wrong == []
    return folder


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    """A copy of that home for one test."""
    return Path(shutil.copytree(played, tmp_path / "home"))


@pytest.fixture
def fresh(cli: Run, tmp_path: Path) -> Path:
    """A home that `muara init` has just made."""
    folder = tmp_path / "fresh"
    assert cli("init", folder, "--agency", "kota-contoh").returncode == 0
    return folder


def query(home: Path, sql: str, *values: object, database: str = "store.db") -> list[tuple[Any, ...]]:
    """What a home's database answers; changes are kept."""
    with closing(sqlite3.connect(home / "data" / database)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def commands(home: Path) -> list[Command]:
    """What operators ordered, as it stands on the log, oldest first."""
    sql = "SELECT value FROM records WHERE topic = 'complaints.commands' ORDER BY number, offset"
    return [Command.model_validate_json(value) for (value,) in query(home, sql, database="log.db")]


def rewrite(home: Path, old: str, new: str) -> None:
    """Change a home's configuration."""
    file = home / "muara.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
