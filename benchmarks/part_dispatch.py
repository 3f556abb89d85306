"""To the hub: the dispatcher as it runs, beside a bare loop that posts the same forms at the same concurrency."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

import dispatcher
from benchmarks import traffic
from benchmarks.accepted import accepted, sealer
from benchmarks.gate import GatedBus
from benchmarks.home import ENVIRONMENT, HUB_TOKEN
from benchmarks.normalizing import TABLES as NORMALIZER
from benchmarks.normalizing import Normalizing
from benchmarks.parts import Part, Plan, in_turns
from benchmarks.processes import process
from benchmarks.progress import Steps
from benchmarks.services import Rooms
from dispatcher.hub import Hub
from dispatcher.migrations import SERVICE, VERSIONS
from dispatcher.service import Dispatcher
from recipes.hubs.profile import load_profiles
from runtime.bus.protocol import Record
from runtime.objects.folder import FolderObjects
from schemas.topics import COMPLAINTS

MUARA, BARE = "dispatcher", "bare loop"
TABLES = {SERVICE: VERSIONS}
_REPORTS = 1_500
"""Of a run."""
_LOOK = 0.05
_PATIENCE = 300.0


async def measure(rooms: Rooms, plan: Plan, step: Steps) -> Part:
    """Both in turns, against one hub that answers at once."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-bench-")))
        objects = FolderObjects(folder / "objects", sealer())
        warm = plan.count(100)
        step("making complaints")
        events = await _complaints(rooms, folder, objects, warm + plan.count(_REPORTS))
        step("starting the hub")
        url = await stack.enter_async_context(
            process(["-m", "benchmarks.hub"], log=folder / "hub.log", environment=ENVIRONMENT)
        )
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        hub = Hub(
            profile=load_profiles([Path(dispatcher.__file__).parent / "hubs"])["sandbox"],
            base_url=url,
            secrets={"token": HUB_TOKEN},
            mode="send",
            poll_every=0,
        )
        concurrency = hub.profile.model.limits.concurrency

        async def dispatched(some: Sequence[Record], before: int) -> float:
            async with rooms.kafka(TABLES) as room:
                await room.bus.publish(COMPLAINTS.name, some)
                gate = GatedBus(room.bus, COMPLAINTS.name)
                sending = Dispatcher(
                    gate, room.store, sealer(), hubs={"sp4n": hub}, registry=CollectorRegistry(), objects=objects
                )
                await sending.start()
                try:
                    gate.opened = before
                    await _sent(gate, sending)
                    begun = time.perf_counter()
                    gate.opened = len(some)
                    await _sent(gate, sending)
                    spent = time.perf_counter() - begun
                    books = (await sending.ledger()).counts
                finally:
                    await sending.stop()
            if books["delivered"] != len(some):
                raise RuntimeError(f"{books['delivered']} of {len(some)} complaints were delivered")
            return (len(some) - before) / spent

        step("warming up")
        await dispatched(events[: 2 * warm], warm)
        await client.get(f"{url}/bodies")
        await dispatched(events[: 4 * warm], warm)
        forms: list[str] = (await client.get(f"{url}/bodies")).json()
        rates = await in_turns(
            {
                MUARA: lambda: dispatched(events, warm),
                BARE: lambda: _bare(url, forms, len(events) - warm, concurrency),
            },
            plan,
            step,
        )
    ratios = {"dispatch_vs_bare": rates[MUARA].over(rates[BARE])}
    facts = {"reports": len(events) - warm, "concurrency": concurrency, "hub": "answers at once, keeps nothing"}
    return Part("dispatch", rates, ratios, dict.fromkeys(rates, "reports/s"), facts)


async def _complaints(rooms: Rooms, folder: Path, objects: FolderObjects, count: int) -> list[Record]:
    """Events of as many fresh complaints, passed through."""
    records = await accepted(traffic.deliveries(count, mix=traffic.FRESH), folder)
    async with rooms.kafka(NORMALIZER) as room:
        made = await Normalizing(full=False, folder=objects).run(room, records, warm=60, keep=count)
    return [Record(json.loads(event)["complaint"]["complaint_id"], event) for event in made.events]


async def _sent(gate: GatedBus, sending: Dispatcher) -> None:
    deadline = time.monotonic() + _PATIENCE
    while gate.handed < gate.opened or await sending.unfinished():
        if problems := sending.health.problems:
            raise RuntimeError("; ".join(f"{part}: {words}" for part, words in problems.items()))
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done after {_PATIENCE:g} s: {gate.handed} of {gate.opened} events were read")
        await asyncio.sleep(_LOOK)


async def _bare(url: str, forms: Sequence[str], count: int, concurrency: int) -> float:
    """What somebody writes who has the forms already: a client, some workers, no record of anything."""
    headers = {"Authorization": f"Bearer {HUB_TOKEN}", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=concurrency)
    left = iter(range(count))
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, trust_env=False, timeout=30) as client:

        async def work() -> None:
            for number in left:
                answer = await client.post("/api/v1/pengaduan", content=forms[number % len(forms)])
                answer.raise_for_status()

        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return count / (time.perf_counter() - begun)
