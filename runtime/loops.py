"""Work that goes on for as long as a service lives, through whatever passes: a log away, a disk full, a restart."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from runtime.bus.protocol import BusUnavailable
from runtime.objects.protocol import ObjectsUnavailable
from runtime.store.engine import StoreUnavailable
from runtime.telemetry.health import Health

log = structlog.get_logger()

Step = Callable[[], Awaitable[bool]]
"""One turn of work; says whether there may be more at once."""

_PASSING = (BusUnavailable, StoreUnavailable, ObjectsUnavailable)


class Loop:
    """Repeats a step. What is away is waited for, longer each time; nothing ends the loop but `stop`."""

    def __init__(self, name: str, step: Step, health: Health, *, idle: float = 0.2, longest_wait: float = 10.0) -> None:
        """`idle` and `longest_wait` are seconds: between turns without work, between tries while something is away."""
        self.name = name
        self._step = step
        self._health = health
        self._idle = idle
        self._longest = longest_wait
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """There is work: do not wait any longer."""
        self._wake.set()

    async def stop(self) -> None:
        """End after the present turn."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        failures = 0
        while not self._stopping:
            self._wake.clear()
            try:
                more = await self._step()
            except _PASSING as error:
                failures += 1
                if self._health.problem(self.name, str(error)):
                    log.warning("waiting", part=self.name, reason=str(error))
                await self._rest(self._backoff(failures))
                continue
            except Exception as error:  # a loop that ends is a service that is silently dead
                failures += 1
                self._health.problem(self.name, f"a fault in Muara itself: {type(error).__name__}; see the log")
                log.exception("step_failed", part=self.name)
                await self._rest(self._backoff(failures))
                continue
            failures = 0
            if self._health.well(self.name):
                log.info("working_again", part=self.name)
            if not more:
                await self._rest(self._idle)

    def _backoff(self, failures: int) -> float:
        longest = min(self._longest, 0.2 * 2.0 ** min(failures, 10))
        return longest * (0.5 + random.random() / 2)  # noqa: S311 only spreads the tries

    async def _rest(self, seconds: float) -> None:
        if self._stopping:
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
