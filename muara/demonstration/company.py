"""Who plays: all services in this process, or each service in processes of its own."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from muara.ground import Ground
from muara.wiring import Application

MANY: Mapping[str, int] = {"connectors": 1, "normalizer": 3, "dispatcher": 2, "portal": 1}
"""Processes of each service when each has its own."""

_PATIENCE = 90.0
"""Seconds that a process may take to start: seven interpreters at once on a small machine."""
_FAREWELL = 30.0
"""Seconds that it may take to stop in good order."""
_DID: Mapping[str, tuple[str, str]] = {
    "connectors": ("requests and rows taken", "muara_messages_received_total"),
    "normalizer": ("records processed", "muara_records_processed_total"),
    "dispatcher": ("deliveries tried", "muara_delivery_attempts_total"),
    "portal": ("revisions projected", "muara_portal_records_total"),
}
"""What each service counts, and the metric."""


class PlayerLost(Exception):
    """A process of the demonstration did not start; says what it said last."""


@dataclass(frozen=True, slots=True)
class Company:
    """Services that run."""

    url: str
    """Where webhooks are taken."""
    smtp_port: int
    work: Callable[[], Awaitable[Sequence[tuple[str, int, str, int]]]]
    """What each process has done so far: service, process id, what it counts, how many. Empty for a single process."""
    lost: Callable[[], Sequence[str]]
    """Processes that have ended by themselves, in words."""
    metrics: Sequence[str] = ()
    """Where each process answers Prometheus."""


@asynccontextmanager
async def together(ground: Ground) -> AsyncIterator[Company]:
    """All services in this process, as `muara up` runs them."""
    application = Application(ground)
    try:
        await application.start()
        assert application.connectors is not None and application.connectors.smtp is not None  # noqa: S101, PT018
        url = application.http.url
        yield Company(url, application.connectors.smtp.port, _nobody, lambda: (), [f"{url}/metrics"])
    finally:
        await application.stop()


@asynccontextmanager
async def apart(folder: Path) -> AsyncIterator[Company]:
    """Each service in processes of its own, as `muara run SERVICE` runs them, on the log and store of a home's file.

    Raises:
        PlayerLost: one did not start.
    """
    async with AsyncExitStack() as stack:
        players: list[_Player] = []
        stack.push_async_callback(_stop, players)
        for service, count in MANY.items():
            # Added at once, so that all that have started are stopped should one of them fail.
            players += [await _Player.start(folder, service, number) for number in range(1, count + 1)]
        await asyncio.gather(*(player.ready() for player in players))
        (door,) = [player for player in players if player.service == "connectors"]
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False, timeout=10))  # noqa: S501 loopback

        async def work() -> list[tuple[str, int, str, int]]:
            return [await player.work(client) for player in players]

        def fates() -> list[str]:
            return [player.fate for player in players if player.fate]

        yield Company(door.url, door.smtp_port, work, fates, [f"{player.url}/metrics" for player in players])


class _Player:
    """One process."""

    def __init__(self, service: str, process: Process, log: Path) -> None:
        self.service = service
        self.url = ""
        self.smtp_port = 0
        self.process = process
        self._log = log
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, folder: Path, service: str, number: int) -> "_Player":
        log = folder / "logs" / f"{service}-{number}.log"
        log.parent.mkdir(exist_ok=True)
        # The home's own file says where log and store are; whoever starts the demonstration may have others.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MUARA_")}
        command = (sys.executable, "-m", "muara", "run", service, "--home", str(folder), "--port", "0")
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=file)
        return cls(service, process, log)

    async def ready(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 it is a pipe
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await self.process.stdout.readline()
                if not line:
                    await self.process.wait()
        except TimeoutError:
            line = b""
        found = re.search(r" at (?P<url>http://[\d.:]+)", line.decode())
        if found is None:
            raise PlayerLost(self.fate or f"the {self.service} did not start within {_PATIENCE:g} s: {self._said()}")
        self.url = found["url"]
        if mail := re.search(r"mail at [^:]+:(\d+)", line.decode()):
            self.smtp_port = int(mail[1])
        self._reading = asyncio.create_task(self._drain())

    @property
    def fate(self) -> str:
        """How it ended by itself; empty while it runs."""
        code = self.process.returncode
        return "" if code is None else f"a {self.service} ended with exit code {code}: {self._said()}"

    async def work(self, client: httpx.AsyncClient) -> tuple[str, int, str, int]:
        answer = await client.get(f"{self.url}/metrics")
        counts, name = _DID[self.service]
        samples = [each for family in text_string_to_metric_families(answer.text) for each in family.samples]
        done = sum(sample.value for sample in samples if sample.name == name)
        return self.service, self.process.pid, counts, int(done)

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(_FAREWELL):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self._reading is not None:
            await self._reading

    async def _drain(self) -> None:
        """Take what it says, lest it wait for a reader."""
        assert self.process.stdout is not None  # noqa: S101 it is a pipe
        while await self.process.stdout.read(65536):
            pass

    def _said(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


async def _stop(players: Sequence[_Player]) -> None:
    await asyncio.gather(*(player.stop() for player in players))


async def _nobody() -> Sequence[tuple[str, int, str, int]]:
    return ()
