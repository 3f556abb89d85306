"""From the raw log to published complaints: bare client, pass-through, full understanding, both sizes, frameworks."""

import asyncio
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import framing, traffic
from benchmarks.accepted import accepted, sealer
from benchmarks.ceiling import Ceiling, Samples
from benchmarks.normalizing import TABLES, Normalizing
from benchmarks.parts import Arm, Part, Plan, in_turns
from benchmarks.progress import Steps
from benchmarks.services import Rooms
from recipes.inbound import Inbound
from runtime.bus.protocol import Record
from runtime.objects.folder import FolderObjects

CEILING, PASS_THROUGH, FULL, EMBEDDED = "ceiling", "pass-through", "full", "embedded, full"
_BARE, _PASSED, _FULL = 12_000, 3_000, 1_000
"""Messages of a run."""
_FRAMED = {"faststream_single": 2_000, "faststream_batch": 8_000, "quix_single": 3_000, "quix_batch": 8_000}


async def measure(rooms: Rooms, plan: Plan, step: Steps) -> Part:
    """All arms in turns."""
    with tempfile.TemporaryDirectory(prefix="muara-bench-") as name:
        step("drawing messages")
        objects = FolderObjects(Path(name) / "objects", sealer())
        warm = plan.count(200)
        drawn = traffic.deliveries(warm + plan.count(_BARE))
        records = await accepted(drawn, Path(name))
        full, passing = Normalizing(full=True, folder=objects), Normalizing(full=False, folder=objects)

        async def normalized(kind: Normalizing, some: Sequence[Record], *, embedded: bool = False) -> float:
            async with rooms.embedded(TABLES) if embedded else rooms.kafka(TABLES) as room:
                return (await kind.run(room, some, warm=warm)).per_second

        step("warming up")
        async with rooms.kafka(TABLES) as room:
            seen = await passing.run(room, records[: 2 * warm], warm=warm)
            bare = Ceiling(await Samples.of(room.store, seen.events))
        await normalized(full, records[: 2 * warm])

        async def ceiling() -> float:
            async with rooms.kafka(TABLES) as room:
                return await bare.run(room, records, warm=warm)

        few, some = records[: warm + plan.count(_FULL)], records[: warm + plan.count(_PASSED)]
        arms: dict[str, Arm] = {
            CEILING: ceiling,
            PASS_THROUGH: lambda: normalized(passing, some),
            FULL: lambda: normalized(full, few),
            EMBEDDED: lambda: normalized(full, few, embedded=True),
        }
        facts = _facts(records, plan)
        if plan.frameworks:
            arms |= await _frameworks(rooms, drawn, plan, step, facts)
        rates = await in_turns(arms, plan, step)
    ratios = {
        "passthrough_vs_ceiling": rates[PASS_THROUGH].over(rates[CEILING]),
        "full_vs_ceiling": rates[FULL].over(rates[CEILING]),
        "embedded_vs_kafka": rates[EMBEDDED].over(rates[FULL]),
    }
    if framed := [rates[name] for name in framing.APPLICATIONS if name in rates]:
        best = max(framed, key=lambda each: each.median)
        ratios["full_vs_framework"] = rates[FULL].over(best)
        ratios["passthrough_vs_framework"] = rates[PASS_THROUGH].over(best)
    return Part("normalizer", rates, ratios, facts=facts)


async def _frameworks(
    rooms: Rooms, drawn: Sequence[Inbound], plan: Plan, step: Steps, facts: dict[str, Any]
) -> dict[str, Arm]:
    """Their arms; none where their packages cannot be installed, which `facts` tells."""
    step("the frameworks' environment")
    try:
        await asyncio.to_thread(framing.interpreter)
    except framing.NoFrameworks as missing:
        step(f"without the frameworks, whose packages cannot be installed: {missing}")
        facts["frameworks"] = f"left out: {missing}"
        return {}
    return {name: partial(_framed, rooms, name, drawn, plan) for name in framing.APPLICATIONS}


async def _framed(rooms: Rooms, name: str, drawn: Sequence[Inbound], plan: Plan) -> float:
    warm = plan.count(200)
    some = drawn[: warm + plan.count(_FRAMED[name])]
    async with rooms.kafka({}) as room:
        return await framing.run(name, room, framing.bodies(some), framing.distinct(some), warm=warm)


def _facts(records: Sequence[Record], plan: Plan) -> dict[str, Any]:
    mix = traffic.USUAL
    return {
        "messages": {CEILING: plan.count(_BARE), PASS_THROUGH: plan.count(_PASSED), FULL: plan.count(_FULL)},
        "bytes_per_raw_record": round(sum(len(record.value) for record in records) / len(records)),
        "characters": traffic.lengths(traffic.texts(plan.count(3000))),
        "shares": {name: getattr(mix, name) for name in mix.__slots__},
        "settle_seconds": 0,
    }
