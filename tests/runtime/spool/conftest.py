"""A log that fails in every way, and spools before it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from runtime.bus.protocol import BusUnavailable, Consumer, OnGap, Partition, Positions, Record
from runtime.bus.spool import SpoolingBus
from runtime.bus.spool_file import Spool, SpoolLimits
from runtime.telemetry.health import Health

TOPIC = "keluhan"
OTHER = "jawaban"

OpenSpool = Callable[..., Awaitable[SpoolingBus]]


class FickleLog:
    """A log in memory. Its `mode` says what becomes of a publication."""

    def __init__(self) -> None:
        self.records: list[tuple[str, Record]] = []
        self.mode = "well"
        self.refused: set[str] = set()
        """Keys whose partition has no leader."""
        self.calls = 0
        self.cancelled = 0

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        self.calls += 1
        await asyncio.sleep(0)
        if self.mode == "refuses" or any(record.key in self.refused for record in records):
            raise BusUnavailable("no broker answers")
        if self.mode == "hangs":
            await self._hang()
        # What was sent in one connection arrives in order, up to where it broke.
        whole = self.mode != "breaks off"
        self.records += [(topic, record) for record in (records if whole else records[: len(records) // 2])]
        if self.mode == "confirmation lost":
            raise BusUnavailable("the connection broke")
        if self.mode == "breaks off":
            raise BusUnavailable("the connection broke in the middle")
        if self.mode == "confirmation never comes":
            await self._hang()

    async def _hang(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def subscribe(self, group: str, topics: Sequence[str], positions: Positions, on_gap: OnGap) -> Consumer:
        raise BusUnavailable(f"{group} {topics} {positions} {on_gap}")

    async def starts(self, topic: str) -> Mapping[Partition, int]:
        return {Partition(topic, 0): 0}

    async def ends(self, topic: str) -> Mapping[Partition, int]:
        return {Partition(topic, 0): len(self.values(topic))}

    async def faults(self) -> Sequence[str]:
        return ["a fault of the log"]

    async def close(self) -> None:
        self.mode = "refuses"

    def values(self, topic: str = TOPIC) -> list[str]:
        return [record.value.decode() for where, record in self.records if where == topic]

    def by_key(self) -> dict[str, list[int]]:
        """What a consumer that knows repeats by their ids makes of it: each once, as it first came."""
        seen: dict[str, dict[int, None]] = defaultdict(dict)
        for _, record in self.records:
            seen[record.key].setdefault(int(record.value))
        return {key: list(values) for key, values in seen.items()}


def letters(*values: object, key: str = "a") -> list[Record]:
    return [Record(key, str(value).encode()) for value in values]


async def drained(bus: SpoolingBus, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while bus.spooled():  # noqa: ASYNC110 the drain tells nobody outside
            await asyncio.sleep(0.01)


@pytest.fixture
def log() -> FickleLog:
    return FickleLog()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def open_spool(log: FickleLog, path: Path, health: Health) -> AsyncIterator[OpenSpool]:
    """Opens the spool before the log, any number of times one after another."""
    opened: list[SpoolingBus] = []

    async def open_it(
        *, registry: CollectorRegistry | None = None, limits: SpoolLimits | None = None, **knobs: float
    ) -> SpoolingBus:
        spool = await Spool.open(path, [TOPIC], limits)
        patience: dict[str, float] = {"patience": 0.1, "drain_patience": 0.2} | knobs
        bus = SpoolingBus(
            log,
            spool,
            [TOPIC],
            registry=registry or CollectorRegistry(),
            health=health,
            **patience,  # type: ignore[arg-type]  # `largest` is a whole number
        )
        opened.append(bus)
        return bus

    yield open_it
    for bus in opened:
        with suppress(BusUnavailable):  # a test may have broken it
            await bus.close()
