"""The measurement of growth runs, on a history so small that it is quick, whose books balance."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.growth import main, number


def test_a_small_history_is_grown_and_measured(postgres_server: str) -> None:
    """Exit code 0: the ledger of every service balances over the copied rows and the new ones."""
    # It asks for both servers; Kafka it does not use.
    places = {"MUARA_TEST_POSTGRES": postgres_server, "MUARA_TEST_KAFKA": "kafka://127.0.0.1:9"}
    sizes = ("60", "1k", "--seeds", "60", "--rounds", "1", "--batch", "20")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", *sizes],
        env=os.environ | places,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"growth: at_60=1\.00 at_1k=\d+\.\d\d", done.stdout.splitlines()[-1])
    for step in ("intake", "settle", "plan", "send", "hear", "project", "audit, s", "trace, ms"):
        assert f"  {step} " in done.stdout


@pytest.mark.parametrize(("said", "meant"), [("10k", 10_000), ("1m", 1_000_000), ("5M", 5_000_000), ("250", 250)])
def test_sizes_in_words(said: str, meant: int) -> None:
    assert number(said) == meant


@pytest.mark.parametrize("size", ["many", "", "3g", "10"])
def test_a_size_that_is_none_or_too_small_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([size]) == 2
    assert capsys.readouterr().out.startswith("growth: ")
