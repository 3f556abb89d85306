"""`kill -9` at any moment, again and again: trap 5."""

import os
import sys
from pathlib import Path

import pytest

from tests.crash.driver import chaos

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SEED = int(os.environ.get("SEED", "1"))


async def test_trap_05_killed_at_any_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = await chaos(tmp_path, rounds=ROUNDS, seed=SEED)
    with capsys.disabled():
        sys.stdout.write(f"\n{outcome.line()}\n")
    assert outcome.well, outcome.faults
    assert outcome.kills == ROUNDS
