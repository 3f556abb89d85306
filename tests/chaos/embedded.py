"""A run of the embedded size: `muara up` is killed again and again while a city writes to it."""

import asyncio
import random
import time
from datetime import UTC, datetime
from pathlib import Path

from sandbox.city.plan import plan_city
from sandbox.city.traffic import CityTraffic
from sandbox.hub.server import HubSimulation
from tests.chaos.judging import judge, rest
from tests.chaos.outcome import AFTERWARDS, Outcome
from tests.chaos.rounds import DAYS, PROVIDERS, Tell
from tests.outside import Place, make_place, start

STARTING, WORKING = "kill:starting", "kill:working"
"""Killed before it served, or afterwards: at work or idle, as the moment wills."""
_SECONDS_A_ROUND = 3.0
"""Of traffic: about what a start and a life take."""


async def play_embedded(folder: Path, *, rounds: int, seed: int, tell: Tell) -> Outcome:
    """Kill `rounds` times, at moments drawn from the seed."""
    outcome = Outcome("embedded", rounds, 2)
    began = time.monotonic()
    plan = plan_city(seed, max(60, 25 * rounds), now=datetime.now(UTC), days=DAYS)
    async with HubSimulation(folder / "hub.db", token="t", admin_token="a", seed=seed) as hub:
        hub.behave(p_5xx=0.05, p_drop_after_accept=0.1, p_429=0.02, retry_after=0)
        place = make_place(folder / "home", hub.url)
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        targets = place.scene.targets(place.url, place.smtp_port)
        compression = DAYS * 86400 / (rounds * _SECONDS_A_ROUND)
        traffic = CityTraffic(plan, targets, compression=compression, patience=PROVIDERS)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(traffic.run())
            await _kill(place, random.Random(seed), outcome, tell)
            with start(place) as last:
                outcome.tallies[AFTERWARDS].recoveries.append(await last.ready())
                report = await writing
                tell(rounds, "all settles")
                await rest(place, patience=120)
                hub.behave()
                await hub.advance(2)
                ledger = await rest(place, patience=120)
                outcome.stuck = ledger.terms["in_flight"]
                if (code := await last.stop()) != 0:
                    outcome.problems.append(f"a stop in order ended with {code}: {last.said()[-2000:]}")
        verdict = await judge(place, hub, list(plan.truth.entries))
    outcome.lost, outcome.doubled = len(verdict.missing), verdict.doubled
    outcome.parked = verdict.audit.terms["parked"]
    outcome.problems += verdict.problems
    if given_up := sum(counts.given_up for counts in report.counts.values()):
        outcome.problems.append(f"{given_up} messages were not taken in all the time")
    if verdict.missing:
        outcome.problems.append(f"lost: {verdict.missing[:10]}")
    for what, count in (("lost", outcome.lost), ("doubled", outcome.doubled), ("parked", outcome.parked)):
        if count:  # which kill it was nobody can tell, since they follow each other too closely
            outcome.blame([AFTERWARDS], what, count)
    outcome.seconds = time.monotonic() - began
    return outcome


async def _kill(place: Place, rng: random.Random, outcome: Outcome, tell: Tell) -> None:
    for number in range(1, outcome.rounds + 1):
        tell(number, "muara up")
        with start(place) as running:
            kind = STARTING
            if rng.random() < 0.7:
                kind = WORKING
                outcome.tallies[kind].recoveries.append(await running.ready())
            await asyncio.sleep(rng.uniform(0.0, 2.0))
            running.kill()
            outcome.tallies[kind].times += 1
