"""The framework applications as arms: each a process in an environment of their own."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import KEPT
from benchmarks.services import Room
from recipes.inbound import Inbound
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Record
from schemas.topics import COMPLAINTS, RAW

APPLICATIONS = ("faststream_single", "faststream_batch", "quix_single", "quix_batch")
_ROOT = Path(__file__).resolve().parent.parent
_REQUIREMENTS = Path(__file__).resolve().parent / "frameworks" / "requirements.txt"
_ENVIRONMENT = KEPT / "frameworks"
_LOOK = 0.02
_PATIENCE = 240.0


class NoFrameworks(Exception):
    """Their environment cannot be made; says why."""


def interpreter() -> Path:
    """The Python of their environment, which is made when it is not there, or made anew when its pins change.

    Raises:
        NoFrameworks: a package cannot be installed.
    """
    python = _ENVIRONMENT / "bin" / "python"
    mark = _ENVIRONMENT / "installed.txt"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return python
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(_REQUIREMENTS)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(_ENVIRONMENT)], install):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603 our own
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise NoFrameworks(said[-1] if said else f"{command[0]} failed")
    mark.write_text(wanted, encoding="utf-8")
    return python


def bodies(deliveries: Sequence[Inbound]) -> list[Record]:
    """The provider's own bodies as records, by sender."""
    found = []
    for each in deliveries:
        sender = each.body.partition(b'"from":"')[2].partition(b'"')[0].decode()
        found.append(Record(sender, each.body))
    return found


def distinct(deliveries: Sequence[Inbound]) -> int:
    """How many different messages there are."""
    return len({each.body.partition(b'"id":"wamid')[2].partition(b'"')[0] for each in deliveries})


async def run(name: str, room: Room, records: Sequence[Record], expected: int, *, warm: int) -> float:
    """Messages a second, from when `warm` were published until all `expected` are.

    Raises:
        RuntimeError: it ended, or did not come to an end.
    """
    await room.bus.publish(RAW.name, records)
    settings = KafkaSettings.from_url(room.bus_url)
    with tempfile.TemporaryDirectory(prefix="muara-bench-") as folder:
        log = Path(folder) / "log.txt"
        environment = {
            **os.environ,
            "BENCH_KAFKA": ",".join(settings.servers),
            "BENCH_IN": settings.prefix + RAW.name,
            "BENCH_OUT": settings.prefix + COMPLAINTS.name,
            "BENCH_GROUP": f"{settings.prefix}{name}",
            "BENCH_DATABASE": room.database,
            "BENCH_STATE": folder,
        }
        with log.open("wb") as output:
            child = await asyncio.create_subprocess_exec(
                str(interpreter()), "-m", f"benchmarks.frameworks.{name}",
                env=environment, cwd=_ROOT, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            return await _watch(name, room, child, log, (warm, expected))
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()


async def _watch(name: str, room: Room, child: asyncio.subprocess.Process, log: Path, span: tuple[int, int]) -> float:
    begun: tuple[float, int] | None = None
    deadline = time.monotonic() + _PATIENCE
    while True:
        done = sum((await room.bus.ends(COMPLAINTS.name)).values())
        now = time.perf_counter()
        if begun is None and done >= span[0]:
            begun = now, done
        if begun is not None and done >= span[1]:
            return (done - begun[1]) / (now - begun[0])
        if child.returncode is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()  # noqa: ASYNC240 it failed
            raise RuntimeError(f"{name} published {done} of {span[1]}; it said: {said[-1] if said else 'nothing'}")
        await asyncio.sleep(_LOOK)
