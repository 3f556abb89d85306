"""`make bench` at its smallest: every part runs on real servers, and the last line holds every figure."""

import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.report import KEYS

ROOT = Path(__file__).parent.parent.parent


def bench(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--forget", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def test_every_part_runs_and_the_last_line_has_every_figure(kafka: str, postgres_server: str) -> None:
    done = bench(
        "--scale", "0.01", "--minutes", "0.01", "--rounds", "1", "--no-frameworks",
        MUARA_TEST_KAFKA=kafka, MUARA_TEST_POSTGRES=postgres_server,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    last = done.stdout.splitlines()[-1]
    found = dict(word.split("=") for word in last.removeprefix("bench: ").split())
    assert list(found) == list(KEYS)
    assert found.pop("full_vs_framework") == "-"  # its applications need packages of their own
    assert all(float(value) > 0 for value in found.values()), last
    assert re.search(r"bench: \d+ cores \(.+\), .+ GiB, fsync .+ ms", done.stdout)
    assert "connectors, p99" in done.stdout


def test_without_a_broker_one_sentence_says_so() -> None:
    gone = {"MUARA_TEST_KAFKA": "kafka://127.0.0.1:9", "MUARA_TEST_POSTGRES": "postgresql://a:b@127.0.0.1:9/c"}
    done = bench("--only", "ingress", "--scale", "0.01", **gone)
    assert done.returncode == 1
    assert "make services starts both" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
