"""Loops: through failures, patiently; stopped at once; never silently dead."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from runtime import loops
from runtime.bus.protocol import BusUnavailable, LogReplaced
from runtime.loops import Loop
from runtime.objects.protocol import ObjectsUnavailable
from runtime.store.engine import StoreUnavailable
from runtime.telemetry.health import Health

Waits = list[float]


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def begin(health: Health) -> AsyncIterator[Callable[..., Loop]]:
    started: list[Loop] = []

    def start(step: Callable[[], Awaitable[bool]], *, idle: float = 0.0, longest_wait: float = 10.0) -> Loop:
        started.append(Loop("uji", step, health, idle=idle, longest_wait=longest_wait))
        started[-1].start()
        return started[-1]

    yield start
    for loop in started:
        await loop.stop()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Pauses are noted, and take no time."""
    noted: Waits = []

    async def pause(until: asyncio.Event, seconds: float) -> None:
        noted.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(loops, "_pause", pause)
    return noted


class Steps:
    """A step that fails, works and ends as told."""

    def __init__(self, *outcomes: bool | Exception) -> None:
        self.outcomes = list(outcomes)
        self.turns = 0
        self.began = asyncio.Event()
        self.done = asyncio.Event()

    async def __call__(self) -> bool:
        self.turns += 1
        self.began.set()
        if not self.outcomes:
            self.done.set()
            return False
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def _for_an_hour(failures: int) -> float:
    return 3600.0


async def test_waits_grow_to_their_limit_and_start_anew_after_success(begin: Callable[..., Loop], waits: Waits) -> None:
    away = [BusUnavailable("away")] * 8
    steps = Steps(*away, True, *away[:2])
    begin(steps, idle=77.0, longest_wait=10.0)
    async with asyncio.timeout(30):
        await steps.done.wait()
    for wait, longest in zip(waits, [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 0.2, 0.4], strict=False):
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize("error", [BusUnavailable, StoreUnavailable, ObjectsUnavailable, LogReplaced])
async def test_what_is_away_is_told_in_its_own_words_until_it_is_back(
    begin: Callable[..., Loop], waits: Waits, health: Health, error: type[Exception]
) -> None:
    seen: list[dict[str, str]] = []
    enough = asyncio.Event()
    outcomes = [error("the disk is full: free some space")] * 3

    async def step() -> bool:
        seen.append(health.problems)
        if len(seen) >= 6:
            enough.set()
        if outcomes:
            raise outcomes.pop()
        return False

    with capture_logs() as logs:
        begin(step)
        async with asyncio.timeout(30):
            await enough.wait()
    trouble = {"uji": "the disk is full: free some space"}
    assert seen[:6] == [{}, trouble, trouble, trouble, {}, {}]
    assert [entry["event"] for entry in logs] == ["waiting", "working_again"], "once each, not at every try"


async def test_a_fault_of_ours_ends_nothing_and_is_seen(
    begin: Callable[..., Loop], waits: Waits, health: Health
) -> None:
    steps = Steps(*[KeyError("Budi, 0811")] * 5)
    problems: list[dict[str, str]] = []

    async def step() -> bool:
        problems.append(health.problems)
        return await steps()

    with capture_logs() as logs:
        begin(step)
        async with asyncio.timeout(30):
            await steps.done.wait()
    words = problems[1]["uji"]
    assert words.startswith("a fault in Muara itself: KeyError at test_loops.py:")
    assert "Budi" not in words
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["step_failed"]
    assert logs[0]["exc_info"].args == ("Budi, 0811",)
    assert health.problems == {}


async def test_stopping_during_a_long_wait_is_prompt(begin: Callable[..., Loop], health: Health) -> None:
    steps = Steps(*[BusUnavailable("away")] * 99)
    loop = begin(steps, longest_wait=3600)
    loop._backoff = _for_an_hour  # type: ignore[method-assign]
    async with asyncio.timeout(30):
        await steps.began.wait()
        assert health.problems
        await loop.stop()
    assert steps.turns == 1


async def test_stopping_while_idle_is_prompt_and_ends_after_the_turn(begin: Callable[..., Loop]) -> None:
    steps = Steps()
    loop = begin(steps, idle=3600)
    async with asyncio.timeout(30):
        await steps.done.wait()
        await loop.stop()
    assert steps.turns == 1


async def test_stopping_lets_the_turn_end(begin: Callable[..., Loop]) -> None:
    inside, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def step() -> bool:
        inside.set()
        await go_on.wait()
        ended.append(True)
        return True

    loop = begin(step)
    await inside.wait()
    stopping = asyncio.create_task(loop.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert ended == [True]


async def test_waking_ends_idleness(begin: Callable[..., Loop]) -> None:
    turns: asyncio.Queue[None] = asyncio.Queue()

    async def step() -> bool:
        await turns.put(None)
        return False

    loop = begin(step, idle=3600)
    async with asyncio.timeout(30):
        for _ in range(3):
            await turns.get()
            await asyncio.sleep(0)
            loop.wake()


async def test_waking_during_a_turn_is_not_forgotten(begin: Callable[..., Loop]) -> None:
    second = asyncio.Event()

    async def step() -> bool:
        if turns:
            second.set()
        turns.append(True)
        loop.wake()
        return False

    turns: list[bool] = []
    loop = begin(step, idle=3600)
    async with asyncio.timeout(30):
        await second.wait()


async def test_waking_does_not_cut_a_wait_after_a_failure_short(begin: Callable[..., Loop], health: Health) -> None:
    steps = Steps(*[StoreUnavailable("away")] * 99)
    loop = begin(steps, longest_wait=3600)
    loop._backoff = _for_an_hour  # type: ignore[method-assign]
    await steps.began.wait()
    assert health.problems
    for _ in range(20):
        loop.wake()
        await asyncio.sleep(0)
    assert steps.turns == 1


async def test_a_step_that_never_waits_lets_others_run(begin: Callable[..., Loop]) -> None:
    async def step() -> bool:
        return True

    begin(step)
    async with asyncio.timeout(30):
        await asyncio.sleep(0.01)


async def test_a_loop_that_never_began_can_be_stopped(health: Health) -> None:
    await Loop("uji", Steps(), health).stop()
