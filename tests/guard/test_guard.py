"""What a hundred messages cost, in counts that no slow machine can change; and that the guard would say so."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.guard import judge

BUDGET = {"sqlite": {"statements_settle": 20, "calls_settle": 10_000, "bytes_complaint": 2_000}}


def test_a_hundred_messages_cost_what_they_may(postgres_server: str) -> None:
    """In a process of its own: what this one watches (coverage) and keeps (read_once) would count, too."""
    store = urlsplit(postgres_server)._replace(scheme="postgresql+asyncpg").geturl()
    command = [sys.executable, "-m", "benchmarks.guard"]
    done = subprocess.run(
        command,
        env=os.environ | {"MUARA_STORE": store},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 messages cost no more than they may on sqlite and postgresql" in done.stdout


@pytest.mark.parametrize(
    ("counted", "code", "said"),
    [
        pytest.param({}, 0, "cost no more than they may on sqlite", id="just what is allowed"),
        pytest.param({"calls_settle": 10_290}, 0, "cost no more", id="calls within their tolerance"),
        pytest.param(
            {"calls_settle": 10_400}, 1, "calls of functions in settle: 10400, allowed 10000 (+4%)", id="calls"
        ),
        pytest.param({"statements_settle": 21}, 1, "statements of settle: 21, allowed 20", id="one statement more"),
        pytest.param({"bytes_complaint": 2_100}, 1, "bytes a record (complaint): 2100", id="bytes"),
        pytest.param({"transactions_settle": 1}, 1, "transactions of settle: 1, allowed 0 (new)", id="of a new kind"),
        pytest.param({"statements_settle": 15}, 0, "make guard ARGS=--write keeps what was won", id="cheaper"),
    ],
)
def test_what_costs_more_is_named(
    capsys: pytest.CaptureFixture[str], counted: dict[str, int], code: int, said: str
) -> None:
    assert judge({"sqlite": Counter(BUDGET["sqlite"] | counted)}, BUDGET) == code
    printed = capsys.readouterr().out
    assert said in printed
    assert ("make guard ARGS=--write" in printed) == bool(code or "won" in said)
