"""One process of Muara, and the service manager that starts it again."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runtime.fault_points import VARIABLE
from tests.outside import Place, Running, start

_PATIENCE = 90.0
"""Seconds in which a process must come to serve, however often it has to be started: the database may be away."""


class NeverReady(Exception):
    """A process does not come to serve; with what it said last."""


@dataclass
class Member:
    """A process of one service, always on the same port."""

    place: Place
    service: str
    number: int
    port: int
    bus: str
    """The log as this process is told of it."""
    running: Running | None = None
    deaths: list[str] = field(default_factory=list)
    """When it ended although nobody had ended it: what it said last."""

    @property
    def name(self) -> str:
        """Such as `normalizer-2`."""
        return f"{self.service}-{self.number}"

    def launch(self, *, point: str = "") -> Running:
        """Begin it, without waiting. `point`: where it shall die, as `runtime.fault_points` takes it."""
        env = {"MUARA_BUS": self.bus} | ({VARIABLE: point} if point else {})
        command = ("run", self.service, "--port", str(self.port))
        self.running = start(self.place, *command, env=env, url=f"http://127.0.0.1:{self.port}")
        return self.running

    async def begin(self) -> None:
        """Begin it, as often as it takes until it serves: as a service manager does.

        Raises:
            NeverReady: it does not in a long time.
        """
        deadline = time.monotonic() + _PATIENCE
        running = self.launch()
        while not await _answers(running.url):
            if running.process.poll() is not None:
                running = self.launch()
            if time.monotonic() > deadline:
                raise NeverReady(f"{self.name} does not come to serve:\n{running.said()[-3000:]}")
            await asyncio.sleep(0.1)

    def kill(self) -> None:
        """`kill -9`."""
        if self.running is not None:
            self.running.kill()

    def pause(self) -> None:
        """SIGSTOP."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    async def watch(self) -> None:
        """Start it again if it ended although nobody had ended it, and note that."""
        if self.running is not None and (code := self.running.process.poll()) is not None:
            self.deaths.append(f"{self.name} ended by itself with {code}:\n{self.running.said()[-3000:]}")
            await self.begin()

    async def stop(self) -> int:
        """As a service manager stops it; returns the exit code. One that does not run has ended in order."""
        running, self.running = self.running, None
        return 0 if running is None else await running.stop()

    def _send(self, number: signal.Signals) -> None:
        if self.running is not None:
            self.running.process.send_signal(number)


async def _answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except OSError:
        return False
    writer.close()
    return True
