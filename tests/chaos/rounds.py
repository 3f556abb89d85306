"""A run of the large size: rounds of faults under traffic, then rest, then judgement."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.city.clients.base import Patience
from sandbox.city.plan import plan_city
from sandbox.city.traffic import CityTraffic, TrafficReport
from sandbox.city.truth import Key
from tests.chaos.faults import Fault, PointNotReached, Undo, chosen
from tests.chaos.judging import judge, rest
from tests.chaos.outcome import AFTERWARDS, Outcome
from tests.chaos.scene import Scene, Unrecovered

DAYS = 7.0
_MESSAGES_A_SECOND = 3.5
_TOGETHER = 0.3
"""How often two faults happen at once."""
PROVIDERS = Patience(tries=1000, first_wait=0.1, longest_wait=0.5, timeout=10)
"""Real providers try again for days; these for some minutes."""
Tell = Callable[[int, str], None]
"""Called with the number of a round and what happens in it."""


def in_silence(number: int, words: str) -> None:
    """Tells nobody."""


@dataclass
class _Round:
    began: float
    faults: Sequence[str]
    ended: float = 0.0


@dataclass
class Run:
    """One run. `play` it once."""

    scene: Scene
    rounds: int
    seed: int
    only: Sequence[str] = ()
    """Names of faults, or how they begin; all by default."""
    tell: Tell = in_silence
    pace: float = 6.0
    """Seconds of traffic for each round: about what a round takes."""
    _past: list[_Round] = field(default_factory=list)
    _doubled: int = 0
    _parked: int = 0

    def __post_init__(self) -> None:
        self._kinds = chosen(self.only)
        self._rng = random.Random(self.seed)
        self._deck: list[Fault] = []
        self.outcome = Outcome("kafka", self.rounds, len(self._kinds) if self.rounds else 0)

    async def play(self) -> Outcome:
        """All rounds."""

        async def rounds() -> None:
            for number in range(1, self.rounds + 1):
                await self._round(number)

        await self.during(rounds, lasts=self.pace * self.rounds)
        return self.outcome

    async def during(self, what: Callable[[], Awaitable[None]], *, lasts: float) -> None:
        """Traffic for so many seconds, something beside it, and the judgement when both are over."""
        began = time.monotonic()
        self._plan = plan_city(self.seed, max(60, round(_MESSAGES_A_SECOND * lasts)), now=datetime.now(UTC), days=DAYS)
        self._compression = DAYS * 86400 / lasts
        targets = self.scene.place.scene.targets(self.scene.place.url, self.scene.place.smtp_port)
        traffic = CityTraffic(self._plan, targets, compression=self._compression, patience=PROVIDERS)
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(traffic.run())
            await what()
            self.tell(self.rounds, "the rest of the traffic")
            report = await writing
        await self._finish(report)
        self.outcome.seconds = time.monotonic() - began

    async def _finish(self, report: TrafficReport) -> None:
        """Let all settle, stop everything in good order, and judge."""
        scene, outcome = self.scene, self.outcome
        self._past.append(_Round(time.monotonic(), [AFTERWARDS], float("inf")))
        scene.mend_hub()
        self.tell(self.rounds, "all settles")
        ledger = await rest(scene.place)
        await scene.hub.advance(2)
        ledger = await rest(scene.place)
        outcome.stuck += ledger.terms["in_flight"]
        if ledger.terms["in_flight"]:
            outcome.problems.append(f"not finished after long patience: {ledger.line()}")
        await scene.watch()
        codes = await asyncio.gather(*(member.stop() for member in scene.members))
        for member, code in zip(scene.members, codes, strict=True):
            outcome.problems += member.deaths
            if code != 0:
                outcome.problems.append(f"{member.name}: a stop in order ended with {code}")
        self.tell(self.rounds, "judging")
        verdict = await judge(scene.place, scene.hub, [*self._plan.truth.entries, *scene.citizens.accepted])
        outcome.problems += verdict.problems
        given_up = sum(counts.given_up for counts in report.counts.values())
        if given_up:
            outcome.problems.append(f"{given_up} messages were not taken in all the time")
        outcome.lost, outcome.doubled = len(verdict.missing), verdict.doubled
        outcome.parked = verdict.audit.terms["parked"]
        if verdict.missing:
            outcome.problems.append(f"lost: {verdict.missing[:10]}")
        for key in verdict.missing:
            outcome.blame(self._when(key), "lost", 1)
        await self._notice(verdict.doubled, outcome.parked)

    async def _round(self, number: int) -> None:
        faults = self._draw()
        names = [fault.name for fault in faults]
        here = _Round(time.monotonic(), names)
        self._past.append(here)
        undos: list[tuple[Fault, Undo]] = []
        self.tell(number, " + ".join(names))
        for fault in faults:
            undos.append((fault, await fault.begin(self.scene, self._rng)))
            self.outcome.tallies[fault.name].times += 1
        await asyncio.sleep(max(self._rng.uniform(*fault.hold) for fault in faults))
        for fault, undo in reversed(undos):
            try:
                await undo()
            except PointNotReached:
                self.outcome.tallies[fault.name].unreached += 1
        undone = time.monotonic()
        try:
            await self.scene.arrive(await self.scene.citizens.write())
        except (TimeoutError, Unrecovered) as error:
            self.outcome.stuck += 1
            self.outcome.problems.append(f"round {number}, {' + '.join(names)}: {error}")
        else:
            seconds = time.monotonic() - undone
            for name in names:
                self.outcome.tallies[name].recoveries.append(seconds)
            self.tell(number, f"{' + '.join(names)}: recovered in {seconds:.1f} s")
        here.ended = time.monotonic()
        await self._notice((await self.scene.hub.summary()).doubled, await self.scene.parked())

    async def _notice(self, doubled: int, parked: int) -> None:
        """Count what is new since the last round to the faults of this one."""
        names = self._past[-1].faults
        if doubled > self._doubled:
            self.outcome.blame(names, "doubled", doubled - self._doubled)
        if parked > self._parked:
            self.outcome.blame(names, "parked", parked - self._parked)
        self._doubled, self._parked = doubled, parked

    def _draw(self) -> list[Fault]:
        """The next of a shuffled deck, sometimes with one more that is about something else."""
        first = self._card(bool)
        assert first is not None
        if first.alone or self._rng.random() > _TOGETHER:
            return [first]
        second = self._card(lambda fault: not fault.alone and not fault.touches & first.touches)
        return [first] if second is None else [first, second]

    def _card(self, fits: Callable[[Fault], bool]) -> Fault | None:
        if not self._deck:
            self._deck = self._rng.sample(self._kinds, len(self._kinds))
        found = next((fault for fault in self._deck if fits(fault)), None)
        if found is not None:
            self._deck.remove(found)
        return found

    def _when(self, key: Key) -> Sequence[str]:
        """The faults of the round in which a message of the city was due."""
        said = next((s for s in self._plan.utterances if (str(s.channel), s.external_id) == key), None)
        if said is None:
            return [AFTERWARDS]
        first = min(each.at for each in self._plan.utterances)
        due = self._began + (said.at - first).total_seconds() / self._compression
        return next((each.faults for each in self._past if each.began <= due < each.ended), [AFTERWARDS])
