"""From webhook to hub: connectors, normalizer, dispatcher and portal, each a process, on shared servers."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import traffic
from benchmarks.accepted import SOURCE
from benchmarks.home import ENVIRONMENT, furnish
from benchmarks.load import flood, request
from benchmarks.parts import Part, Plan, in_turns
from benchmarks.processes import process
from benchmarks.progress import Steps
from benchmarks.services import Rooms
from muara.audit import audit
from muara.context import find
from muara.ground import SERVICES as TABLED
from muara.ground import Books, open_books
from muara.wiring import SERVICES
from recipes.inbound import Inbound

E2E = "e2e"
_MESSAGES = 2_000
_WARM = 200
_CONNECTIONS = 32
_LOOK = 0.25
_PATIENCE = 300.0
"""Seconds for all to arrive."""
TABLES = {service.SERVICE: service.VERSIONS for service in TABLED}


async def measure(rooms: Rooms, plan: Plan, step: Steps) -> Part:
    """Several runs in the same processes; nothing stands beside them but the aim."""
    async with AsyncExitStack() as stack:
        step("starting processes")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-bench-")))
        room = await stack.enter_async_context(rooms.kafka(TABLES))
        hub = await stack.enter_async_context(
            process(["-m", "benchmarks.hub"], log=folder / "hub.log", environment=ENVIRONMENT)
        )
        home = folder / "home"
        home.mkdir()
        furnish(home, room, hub=hub)
        starting = [
            process(
                ["-m", "muara", "run", service, "--home", str(home), "--port", "0"],
                log=folder / f"{service}.log",
                environment=ENVIRONMENT,
            )
            for service in SERVICES
        ]
        door, *_ = await asyncio.gather(*(stack.enter_async_context(each) for each in starting))
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        place, config = find(home)
        books = await stack.enter_async_context(open_books(place, config))
        line = _Line(door, hub, client, books)
        step("warming up")
        await line.run(traffic.deliveries(plan.count(_WARM), seed=traffic.SEED - 1))
        accepting: list[float] = []

        async def run() -> float:
            drawn = traffic.deliveries(plan.count(_MESSAGES), seed=traffic.SEED + len(accepting))
            rate, accepted = await line.run(drawn)
            accepting.append(accepted)
            return rate

        rates = await in_turns({E2E: run}, plan, step)
    facts = {
        "messages": plan.count(_MESSAGES),
        "processes": dict.fromkeys(SERVICES, 1),
        "accepted_per_s_meanwhile": round(statistics.median(accepting)),
        "understood": "fully, compared with all before",
    }
    return Part("e2e", rates, {}, units={E2E: "messages/s, webhook to hub"}, facts=facts)


@dataclass(slots=True)
class _Line:
    """Processes that run, from door to hub."""

    door: str
    hub: str
    client: httpx.AsyncClient
    books: Books
    sent: int = 0

    async def run(self, drawn: Sequence[Inbound]) -> tuple[float, float]:
        """Messages a second from the first request to the hub's last; and how many a second were accepted."""
        requests = [request(f"/in/{SOURCE}", each) for each in drawn]
        begun = time.monotonic()
        loaded = (await flood(self.door, requests, connections=_CONNECTIONS)).only(200)
        self.sent += len(requests)
        last = await self._arrived()
        return len(requests) / (last - begun), loaded.per_second

    async def _arrived(self) -> float:
        """When the hub heard the last of it. The books are read only when it hears nothing more: that costs, too.

        Raises:
            RuntimeError: something is still on its way after minutes, or the books do not balance.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            await asyncio.sleep(_LOOK)
            last = float((await self.client.get(f"{self.hub}/standing")).json()["last"])
            if time.monotonic() - last < 4 * _LOOK:
                continue
            found = await audit(self.books)
            there = found.terms["received"] + found.terms["redelivered"] == self.sent and not found.terms["in_flight"]
            if there and found.balanced:
                return last
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all arrived within {_PATIENCE:g} s: {found.line()}")
