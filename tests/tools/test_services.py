"""A real broker and a real database server, and what is said when there is none."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from tools.services.missing import PartMissing
from tools.services.places import free_ports
from tools.services.postgres import PostgresServer
from tools.services.processes import Server, run
from tools.services.state import State, sweep

ROOT = Path(__file__).parent.parent.parent


async def test_each_test_has_a_database_of_its_own(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
    finally:
        await connection.close()


def test_a_server_is_found_again_by_another_process_and_survives_a_kill(postgres_server: str, tmp_path: Path) -> None:
    assert postgres_server
    tmp_path.chmod(0o755)
    state = State(tmp_path / "services")
    state.postgres = PostgresServer.make(state.home / "postgres")
    try:
        state.postgres.start()
        state.save()
        assert (state.home / "state.json").stat().st_mode & 0o077 == 0

        async def write(words: str) -> None:
            connection = await asyncpg.connect(state.postgres.url if state.postgres else "")
            await connection.execute(words)
            await connection.close()

        asyncio.run(write("CREATE TABLE kept AS SELECT 1 AS one"))
        found = [State(tmp_path / "services").postgres for _ in range(2)]
        assert [one and one.running for one in found] == [True, True]
        assert found[0]
        found[0].kill()
        assert [one and one.running for one in found] == [False, False]
        state.postgres.start()
        asyncio.run(write("DROP TABLE kept"))  # it was there
    finally:
        state.postgres.stop()
    assert found[1] is not None
    assert not found[1].running


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only /proc tells whether a process stands still")
def test_a_paused_process_does_nothing_more_from_that_moment_on(tmp_path: Path) -> None:
    """Eight threads write as fast as they can; what stands there when the pause is over stays as it is."""
    script = (
        "import sys, threading\n"
        "def write(n):\n"
        "    file = open(f'{sys.argv[1]}/{n}', 'ab', buffering=0)\n"
        "    while True: file.write(b'.')\n"
        "for n in range(8): threading.Thread(target=write, args=(n,)).start()\n"
    )
    server = Server.spawn([sys.executable, "-c", script, str(tmp_path)], log=tmp_path / "log", folder=tmp_path)
    try:
        while len([each for each in tmp_path.glob("?") if each.stat().st_size]) < 8:
            assert server.alive()
        server.pause()
        sizes = [(tmp_path / str(n)).stat().st_size for n in range(8)]
        assert [[(tmp_path / str(n)).stat().st_size for n in range(8)] for _ in range(200)] == [sizes] * 200
    finally:
        server.kill()


def test_a_pid_that_belongs_to_another_process_now_is_left_alone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        stranger = Server(child.pid, born=1)
        assert not stranger.alive()
        stranger.kill()
        assert child.poll() is None
        child.communicate(b"\n", timeout=10)
    assert child.returncode == 0


def test_what_a_killed_run_left_is_ended_by_the_next(postgres_server: str, tmp_path: Path) -> None:
    assert postgres_server
    tmp_path.chmod(0o755)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(timeout=10)
    mine = State(tmp_path / "run-mine", Server.myself())
    mine.save()
    left = State(tmp_path / "run-left", Server(dead.pid, born=1))
    left.save()
    (tmp_path / "run-left").chmod(0o711)
    left.postgres = PostgresServer.make(left.home / "postgres")
    left.postgres.start()
    left.save()
    sweep(tmp_path)
    assert not left.postgres.running
    assert [folder.name for folder in tmp_path.iterdir()] == ["run-mine"]


def test_free_ports_differ() -> None:
    assert len(set(free_ports(9))) == 9


def test_status_says_what_is_stopped(tmp_path: Path) -> None:
    code, words = run([sys.executable, "-m", "tools.services", "status"], folder=ROOT)
    assert code == 0
    assert "Kafka" in words
    assert "PostgreSQL" in words
    (tmp_path / "state.json").write_text(json.dumps({}), encoding="utf-8")
    assert State(tmp_path).kafka is None


NEEDS = """
def test_of_kafka(kafka: str) -> None:
    raise AssertionError("not reached")

def test_of_none() -> None:
    pass
"""


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(("ci", "code", "outcome"), [("", 0, "1 passed, 1 skipped"), ("true", 1, "1 passed, 1 error")])
def test_what_cannot_be_had_is_said_last(tmp_path: Path, ci: str, code: int, outcome: str, workers: int) -> None:
    """No Java, no apt-get: in CI that fails the run, elsewhere it leaves the tests out; both end by saying so."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tools.services.fixtures"]\n', encoding="utf-8")
    (tmp_path / "test_needs.py").write_text(NEEDS, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    names = ("MUARA_TEST_KAFKA", "PYTEST_ADDOPTS", "COV_CORE_SOURCE", "PYTEST_XDIST_WORKER")
    clean = {name: value for name, value in os.environ.items() if name not in names}
    environment = {
        **clean,
        "PATH": str(tmp_path / "bin"),
        "CI": ci,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "MUARA_SERVICES": str(tmp_path / "services"),  # whatever runs in this clone
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-n",
        str(workers),
        "test_needs.py",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    *_, summary, blank, which, how = done.stdout.splitlines()
    assert done.returncode == code, done.stdout
    assert outcome in summary
    assert blank == ""
    assert which == "not tested, since Kafka is missing: there is no java on the path, and no apt-get to get it by"
    assert "apt-get install default-jre-headless" in how


def test_a_failed_step_is_told_with_its_last_words() -> None:
    part = PartMissing.after("Kafka", "mvn", "much\nbefore\nmiddle\nCould not resolve\n", "Do this.")
    assert str(part) == "Kafka: mvn failed: before / middle / Could not resolve. Do this."
