"""Chaos: a city writes to `muara up`, which is killed again and again; in the end nothing may be lost or doubled."""

import asyncio
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from muara.config import load_config
from muara.demonstration.results import judge
from muara.ground import open_ground
from muara.home import Home
from sandbox.city.clients.base import Patience
from sandbox.city.plan import Plan, plan_city
from sandbox.city.traffic import CityTraffic, TrafficReport
from sandbox.hub.server import HubSimulation
from tests.outside import Place, Running, make_place, start, until

_DAYS = 7.0
_SECONDS_A_ROUND = 3.0
"""Of traffic: about what a start and a life take."""
_PROVIDERS = Patience(tries=400, first_wait=0.1, longest_wait=0.5, timeout=10)
"""Real providers try again for days; these for some minutes."""


@dataclass
class Outcome:
    """What came of it."""

    rounds: int
    kills: int = 0
    recoveries: list[float] = field(default_factory=list)
    """Seconds from each start until it took messages."""
    lost: int = 0
    """Messages that a client was told were accepted, or that it could not get rid of, and that are nowhere."""
    doubled: int = 0
    """Complaints of which the hub has more than one report."""
    parked: int = 0
    faults: list[str] = field(default_factory=list)
    """What else is wrong."""

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.parked or self.faults)

    def line(self) -> str:
        ordered = sorted(self.recoveries)
        p95 = ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else 0.0
        return (
            f"chaos: rounds={self.rounds} kills={self.kills} lost={self.lost} doubled={self.doubled}"
            f" parked={self.parked} recover_p95_s={p95:.1f}"
        )


async def chaos(folder: Path, *, rounds: int, seed: int) -> Outcome:
    """Kill `rounds` times, at moments drawn from the seed: while it starts, while it works, while it is idle."""
    outcome = Outcome(rounds)
    plan = plan_city(seed, max(120, 25 * rounds), now=datetime.now(UTC), days=_DAYS)
    async with HubSimulation(folder / "hub.db", token="t", admin_token="a", seed=seed) as hub:
        hub.behave(p_5xx=0.05, p_drop_after_accept=0.1, p_429=0.02, retry_after=0)
        place = make_place(folder / "home", hub.url)
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        targets = place.scene.targets(place.url, place.smtp_port)
        compression = _DAYS * 86400 / (rounds * _SECONDS_A_ROUND)
        traffic = CityTraffic(plan, targets, compression=compression, patience=_PROVIDERS)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(traffic.run())
            await _kill(place, random.Random(seed), outcome)
            with start(place, fresh=True) as last:
                outcome.recoveries.append(await last.ready())
                report = await writing
                await _rest(place, last)
                hub.behave()
                await hub.advance(2)
                await _rest(place, last)
                if (code := await last.stop()) != 0:
                    outcome.faults.append(f"a stop in order ended with {code}: {last.said()[-2000:]}")
        await _judge(place, plan, hub, report, outcome)
    return outcome


async def _kill(place: Place, rng: random.Random, outcome: Outcome) -> None:
    for _ in range(outcome.rounds):
        with start(place, fresh=True) as running:
            if rng.random() < 0.7:
                outcome.recoveries.append(await running.ready())
            await asyncio.sleep(rng.uniform(0.0, 2.0))
            running.kill()
            outcome.kills += 1


async def _rest(place: Place, running: Running) -> None:
    before = [-1]

    async def problem() -> str:
        assert running.process.poll() is None, running.said()[-2000:]
        found = await place.audit()
        calm = found.terms["in_flight"] == 0 and found.terms["received"] == before[0]
        before[0] = found.terms["received"]
        return "" if calm else found.line()

    await until(problem, "no rest", patience=120, pause=0.7)


async def _judge(place: Place, plan: Plan, hub: HubSimulation, report: TrafficReport, outcome: Outcome) -> None:
    found = await place.audit()
    if not found.balanced:
        outcome.faults.append(found.line())
        outcome.faults += [*found.faults, *(str(check) for check in found.checks if not check.holds)]
    with patch.dict("os.environ", place.scene.secrets):
        async with open_ground(Home(place.home), load_config(place.home)) as ground:
            scores = await judge(ground, plan.truth)
    outcome.lost = len(scores.missing)
    given_up = sum(counts.given_up for counts in report.counts.values())
    if given_up:
        outcome.faults.append(f"{given_up} messages were not taken in all the time")
    summary = await hub.summary()
    outcome.doubled = max(summary.doubled, found.terms["doubled"])
    outcome.parked = found.terms["parked"]
    if summary.distinct_references != found.terms["delivered"]:
        outcome.faults.append(f"{found.terms['delivered']} delivered, but the hub has {summary.distinct_references}")
