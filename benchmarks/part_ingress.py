"""The door: the connectors as they run, beside a bare Starlette route with the same signature and a produce."""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import traffic
from benchmarks.accepted import SOURCE
from benchmarks.home import ENVIRONMENT, furnish
from benchmarks.load import flood, pace, request
from benchmarks.parts import Part, Plan, in_turns
from benchmarks.processes import process
from benchmarks.progress import Steps
from benchmarks.results import Measured
from benchmarks.services import Rooms

MUARA, BARE = "connectors", "bare route"
_REQUESTS = 4_000
"""Of a run."""
_CONNECTIONS = 64
_P99 = 0.99
_PACED = 4.0
"""Seconds of half load in a run, at most."""


async def measure(rooms: Rooms, plan: Plan, step: Steps) -> Part:
    """Both in turns: as fast as they answer, and at half of what the connectors can, where waiting is measured."""
    count = plan.count(_REQUESTS)
    requests = [request(f"/in/{SOURCE}", each) for each in traffic.deliveries(count, mix=traffic.FRESH)]
    async with AsyncExitStack() as stack:
        step("starting both")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-bench-")))
        room, other = [await stack.enter_async_context(rooms.kafka({})) for _ in range(2)]
        home = folder / "home"
        home.mkdir()
        furnish(home, room)
        doors = dict(
            zip(
                (MUARA, BARE),
                await asyncio.gather(
                    *(
                        stack.enter_async_context(process(arguments, log=folder / name, environment=ENVIRONMENT))
                        for name, arguments in (
                            ("muara.log", ["-m", "muara", "run", "connectors", "--home", str(home), "--port", "0"]),
                            ("bare.log", ["-m", "benchmarks.bare_ingress", other.bus_url]),
                        )
                    )
                ),
                strict=True,
            )
        )
        step("warming up")
        half = max(20.0, min([await _flood(url, requests[: count // 4]) for url in doors.values()]) / 2)
        waits: dict[str, list[float]] = {name: [] for name in doors}

        async def run(name: str) -> float:
            rate = await _flood(doors[name], requests)
            few = requests[: max(60, min(count // 3, round(half * _PACED)))]
            paced = await pace(doors[name], few, per_second=half, connections=_CONNECTIONS)
            waits[name].append(paced.only(200).quantile(_P99) * 1000)
            return rate

        rates = await in_turns({MUARA: lambda: run(MUARA), BARE: lambda: run(BARE)}, plan, step)
    p99 = {name: Measured.of(values) for name, values in waits.items()}
    figures = {**rates, **{f"{name}, p99 at half load": each for name, each in p99.items()}}
    ratios = {
        "ingress_vs_bare": rates[MUARA].over(rates[BARE]),
        "ingress_p99_vs_bare": p99[MUARA].over(p99[BARE]),
    }
    units = dict.fromkeys(rates, "requests/s") | {f"{name}, p99 at half load": "ms" for name in p99}
    facts = {"requests": count, "connections": _CONNECTIONS, "half_load_per_s": round(half)}
    return Part("ingress", figures, ratios, units, facts)


async def _flood(url: str, requests: Sequence[bytes]) -> float:
    return (await flood(url, requests, connections=_CONNECTIONS)).only(200).per_second
