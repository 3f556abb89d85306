"""Work that goes on for as long as a service lives, through whatever passes: a log away, a disk full, a restart."""

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from runtime.bus.protocol import BusUnavailable
from runtime.objects.protocol import ObjectsUnavailable
from runtime.store.engine import StoreUnavailable
from runtime.telemetry.health import Health

log = structlog.get_logger()

Step = Callable[[], Awaitable[bool]]
"""One turn of work; says whether there may be more at once."""

_PASSING = (BusUnavailable, StoreUnavailable, ObjectsUnavailable)
_SHORTEST = 0.2
"""Seconds: about the first wait after a failure."""


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
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """There is work: do not idle any longer. A wait after a failure is not cut short."""
        self._wake.set()

    async def stop(self) -> None:
        """End after the present turn."""
        self._stopping.set()
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                more = await self._step()
            except Exception as error:  # noqa: BLE001 a loop that ends is a service that is silently dead
                failures += 1
                self._report(error)
                await _pause(self._stopping, self._backoff(failures))
                continue
            failures = 0
            if self._health.well(self.name):
                log.info("working_again", part=self.name)
            # At least a breath: a step that never has to wait must not keep all others waiting.
            await (asyncio.sleep(0) if more else _pause(self._wake, self._idle))

    def _report(self, error: Exception) -> None:
        if isinstance(error, _PASSING):
            if self._health.problem(self.name, str(error)):
                log.warning("waiting", part=self.name, reason=str(error))
            return
        # What the error says may be a person's words: the place will do.
        words = f"a fault in Muara itself: {type(error).__name__} at {_place(error)}; see the log"
        if self._health.problem(self.name, words):
            log.error("step_failed", part=self.name, exc_info=error)

    def _backoff(self, failures: int) -> float:
        longest = min(self._longest, _SHORTEST * 2.0 ** min(failures - 1, 10))
        return longest * (0.5 + random.random() / 2)  # noqa: S311 only spreads the tries


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


async def _pause(until: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but not for longer."""
    try:
        await asyncio.wait_for(until.wait(), seconds)
    except TimeoutError:
        return
