"""The fault points: named in one list, each where it says, and deadly only for who asks."""

import re
import signal
import subprocess
import sys
from collections import Counter

import pytest

from runtime.fault_points import POINTS, VARIABLE
from tests.outside import ROOT, environment

_PASS = "from runtime.fault_points import reached\nfor n in range(3): reached('outbox.deleted'); print(n, flush=True)"


_POLLED = {"connectors.polled", "connectors.cursor_saved"}


def run(value: str | None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _PASS],
        env=environment({} if value is None else {VARIABLE: value}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_point_of_the_list_is_in_the_code_and_no_other_is() -> None:
    """Once; but each transport that polls passes those two of its kind, and a process polls one source by one."""
    rooms = ("connectors", "normalizer", "dispatcher", "portal", "runtime")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    found = Counter(
        (name, "polled" if name in _POLLED else path)
        for path in sources
        for name in re.findall(r"\breached\(\"([^\"]+)\"\)", path.read_text(encoding="utf-8"))
    )
    assert {name for name, _ in found} == POINTS.keys()
    assert len(found) == len(POINTS)
    assert {name for (name, _), times in found.items() if times > 1} <= _POLLED


@pytest.mark.parametrize(
    ("value", "code", "passed"),
    [
        (None, 0, 3),
        ("portal.committed", 0, 3),
        ("outbox.deleted", -signal.SIGKILL, 0),
        ("outbox.deleted:3", -signal.SIGKILL, 2),
        ("outbox.deleted:4", 0, 3),
    ],
)
def test_a_process_dies_at_the_point_that_it_was_given_and_at_no_other(
    value: str | None, code: int, passed: int
) -> None:
    done = run(value)
    assert (done.returncode, len(done.stdout.splitlines())) == (code, passed), done.stderr


@pytest.mark.parametrize("value", ["nowhere", "outbox.deleted:0", "outbox.deleted:often"])
def test_a_point_that_does_not_exist_is_refused(value: str) -> None:
    done = run(value)
    assert done.returncode == 1
    assert VARIABLE in done.stderr
    assert "Traceback" not in done.stderr
