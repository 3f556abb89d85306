"""An update without a stop: a normalizer of the version before the newest migration goes on beside one of this version.

The older one is taken from the history of this repository, and runs as a process of its own while the newer one brings
the tables up to date under it.
"""

import asyncio
import io
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from muara.config import load_config
from muara.ground import SERVICES, open_books
from muara.home import Home
from runtime.store.migrate import versions_of
from sandbox.hub.server import HubSimulation
from tests.outside import ROOT, Place, Running, environment, free_ports, make_place, start, until, whatsapp
from tests.stores import Templates, drop_databases

STREETS = ("Melati", "Kenanga", "Mawar", "Anggrek", "Cempaka", "Flamboyan", "Kamboja", "Teratai", "Dahlia", "Seruni")


_BACK = 60
"""Versions before the newest migration of which one must start."""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True).stdout


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The code as it was before the newest migration of the normalizer: the last that anybody can have run."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: there is no older version to run beside this one")
    newest = git("log", "-1", "--diff-filter=A", "--format=%H", "--", "normalizer/versions").decode().strip()
    if not newest or git("rev-parse", "--is-shallow-repository").strip() == b"true":
        pytest.skip("this clone has no history: `git fetch --unshallow` brings the older version")
    # Not every commit of a history starts. One that does not was never at work anywhere.
    for commit in git("rev-list", f"--max-count={_BACK}", "--first-parent", f"{newest}^").decode().split():
        folder = tmp_path / "older" / commit
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
            archive.extractall(folder, filter="data")
        started = subprocess.run(
            [sys.executable, "-m", "muara", "--version"],
            cwd=folder,
            env=environment({}) | {"PYTHONPATH": str(folder)},
            capture_output=True,
            check=False,
        )
        if started.returncode == 0:
            return folder
    pytest.fail(f"none of the {_BACK} versions before the newest migration starts")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[HubSimulation]:
    async with HubSimulation(tmp_path / "hub.db", token="t", admin_token="a") as hub:
        yield hub


@pytest.fixture
async def place(
    *, tmp_path: Path, hub: HubSimulation, kafka: str, kafka_prefix: str, postgres_server: str, templates: Templates
) -> AsyncIterator[Place]:
    store = await templates.new_database(postgres_server, {})
    made = make_place(tmp_path / "home", hub.url)
    made.scene.secrets["DEMO_HUB_TOKEN"] = "t"
    bus = f"{kafka}/{kafka_prefix}?replication=1&partitions=6"
    made.rewrite("partitions: 1\n", f'partitions: 6\nbus: "{bus}"\nstore: "{store}"\n')
    yield made
    await drop_databases(postgres_server, [store])


def normalizer_of(code: Path, place: Place) -> Running:
    """`muara run normalizer` of other code than this."""
    (port,) = free_ports(1)
    output = place.home.parent / "older.out"
    command = [sys.executable, "-m", "muara", "run", "normalizer", "--home", str(place.home), "--port", str(port)]
    with output.open("wb") as file:
        variables = environment(place.scene.secrets) | {"PYTHONPATH": str(code)}
        process = subprocess.Popen(command, cwd=code, env=variables, stdout=file, stderr=subprocess.STDOUT)
    return Running(process, output, f"http://127.0.0.1:{port}")


async def behind(place: Place) -> list[str]:
    """Services whose tables are not those of this code."""
    async with open_books(Home(place.home), load_config(place.home)) as books:
        found = [(each.SERVICE, await versions_of(books.store, each.SERVICE, each.VERSIONS)) for each in SERVICES]
    return [service for service, (current, head) in found if current != head]


async def test_an_older_normalizer_works_on_while_a_newer_one_migrates_the_tables(
    older: Path, place: Place, hub: HubSimulation
) -> None:
    with ExitStack() as stack:
        before = stack.enter_context(normalizer_of(older, place))
        await before.ready()
        assert "normalizer" in await behind(place), "the older version has made its own tables"
        now = stack.enter_context(start(place))
        await now.ready()
        assert "normalizer" not in await behind(place), "the newer one has brought them up to date"

        async def write(round_: int) -> None:
            for number, street in enumerate(STREETS):
                words = f"Lampu jalan mati di Jalan {street} nomor {number}, laporan ke-{round_}"
                assert await whatsapp(place.url, place.secret, words) == 200

        async def unread() -> str:
            found = (await place.audit()).terms
            return "" if found["in_flight"] == 0 else str(found)

        await write(1)
        await until(unread, "not all is settled")
        await write(2)
        found = await place.rest(2 * len(STREETS))
        assert found.balanced, (found.faults, [check for check in found.checks if not check.holds])
        both = [each.said().count("Traceback") for each in (before, now)]
        assert both == [0, 0], before.said()[-3000:]
        worked = await asyncio.to_thread(metrics, before.url)
        assert worked > 0, "the older version had nothing to do"

        assert await before.stop() == 0
        await write(3)
        found = await place.rest(3 * len(STREETS))
        assert found.balanced, (found.faults, [check for check in found.checks if not check.holds])
        summary = await hub.summary()
        assert (summary.doubled, summary.reports) == (0, 3 * len(STREETS))
        assert await now.stop() == 0


def metrics(url: str) -> float:
    """Records that a normalizer has processed."""
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("muara_records_processed_total{"))
