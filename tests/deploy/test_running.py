"""The very command lines of compose.yaml, run as processes on a real Kafka and a real PostgreSQL.

What a container adds is left out: its own network, file system and user. Each process gets the environment that its
container would get and nothing else; only the addresses of Kafka and PostgreSQL and the ports are this machine's.
"""

import asyncio
import re
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from sqlalchemy.engine import make_url

from muara.wiring import SERVICES
from runtime.sealing.keyfile import make_key

Tree = dict[str, Any]

MUARA = Path(sys.executable).with_name("muara")
PATIENCE = 90.0
"""Seconds for a start, on a machine that has other things to do."""


@pytest.fixture
def home(deploy: Path, tmp_path: Path) -> Path:
    """The example home with a key, on free ports."""
    home = Path(shutil.copytree(deploy / "home", tmp_path / "home"))
    text = (home / "muara.yaml").read_text(encoding="utf-8")
    free, changed = re.subn(r"port: \d+", "port: 0", text)
    assert changed == 2
    (home / "muara.yaml").write_text(free, encoding="utf-8")
    make_key(home / "master.key")
    return home


class Containers:
    """Processes as the composition starts them."""

    def __init__(self, ours: dict[str, Tree], here: dict[str, str]) -> None:
        self._ours = ours
        self._here = here
        self.processes: list[Process] = []

    async def start(self, name: str) -> Process:
        environment = {variable: str(value) for variable, value in self._ours[name]["environment"].items()}
        process = await asyncio.create_subprocess_exec(
            MUARA, *self._ours[name]["command"], env=environment | self._here, stdout=PIPE, stderr=STDOUT
        )
        self.processes.append(process)
        return process


@pytest.fixture
async def containers(
    ours: dict[str, Tree], home: Path, kafka: str, kafka_prefix: str, postgres: str
) -> AsyncIterator[Containers]:
    found = urlsplit(postgres)
    told = ours["normalizer"]["environment"]
    bus = urlsplit(told["MUARA_BUS"])
    store = make_url(told["MUARA_STORE"]).set(
        host=found.hostname, port=found.port, username=found.username, database=found.path.strip("/")
    )
    containers = Containers(
        ours,
        {
            "MUARA_HOME": str(home),
            "MUARA_BUS": f"{kafka}/{kafka_prefix}?{bus.query}",
            "MUARA_STORE": store.render_as_string(hide_password=False),
            "PGPASSWORD": unquote(found.password or ""),
        },
    )
    yield containers
    for process in containers.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def address(process: Process) -> str:
    """Where a process says that it answers."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            said += line.decode(errors="replace")
            if found := re.search(r" at (http://[\d.:]+)", said):
                return found[1]
    raise AssertionError(f"it ended with {await process.wait()}:\n{said}")


async def ended(process: Process) -> int:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        await process.stdout.read()
        return await process.wait()


async def test_every_service_runs_beside_the_others_and_stops_in_good_order(
    containers: Containers, services: dict[str, Tree], home: Path
) -> None:
    names = [name for name in SERVICES for _ in range(services[name]["deploy"].get("replicas", 1))]
    assert sorted(names) == ["connectors", "dispatcher", "normalizer", "normalizer", "portal"]
    processes = [await containers.start(name) for name in names]
    addresses = await asyncio.gather(*(address(process) for process in processes))
    assert len(set(addresses)) == len(names)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for each in addresses:
            assert (await client.get(f"{each}/healthz")).status_code == 200
            assert (await client.get(f"{each}/metrics")).status_code == 200
    assert not (home / "data" / "log.db").exists(), "the log is Kafka's, not this folder's"
    assert not (home / "data" / "store.db").exists(), "the store is PostgreSQL's, not this folder's"
    for process in processes:
        process.send_signal(signal.SIGTERM)
    assert [await ended(process) for process in processes] == [0] * len(names)


async def test_a_wrong_password_is_said_in_words(containers: Containers) -> None:
    containers._here["PGPASSWORD"] = "not-the-password"
    process = await containers.start("portal")
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        said = (await process.stdout.read()).decode()
        assert await process.wait() == 2
    assert "Traceback" not in said
    assert "password" in said
    assert "not-the-password" not in said
