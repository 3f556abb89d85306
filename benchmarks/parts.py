"""A part of the measurement: several arms, taken in turns, so that a busy machine slows all of them down alike."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.progress import Steps
from benchmarks.results import Measured

LEAST = 3
"""Rounds, whatever the time."""

Arm = Callable[[], Awaitable[float]]
"""One run; returns its rate, in a second."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    seconds: float
    """For the rounds of a part; a round that has begun is finished."""
    scale: float = 1.0
    """Of the number of messages in a run."""
    most: int = 15
    """Rounds at most."""
    least: int = LEAST
    frameworks: bool = True
    """Whether the applications of frameworks are measured, too."""

    def goes_on(self, rounds: int, seconds: float) -> bool:
        """Whether one more round is taken; on a machine that is slow beyond measure, two have to do."""
        return seconds < self.seconds or rounds < min(self.least, 2) or (rounds < self.least and seconds < self.longest)

    @property
    def longest(self) -> float:
        """Seconds after which the least number of rounds is not waited for."""
        return max(2 * self.seconds, 60.0)

    def count(self, messages: int) -> int:
        """Messages of a run that has so many at scale 1."""
        return max(60, round(messages * self.scale))


@dataclass(frozen=True, slots=True)
class Part:
    """What a part found."""

    name: str
    rates: Mapping[str, Measured]
    """By arm, in a second."""
    ratios: Mapping[str, Measured]
    """Round by round."""
    units: Mapping[str, str] = field(default_factory=dict)
    """What an arm counts, where it is not messages a second."""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the kept result."""
        return {
            "rates": {name: {**each.to_json(), "unit": self.unit(name)} for name, each in self.rates.items()},
            "ratios": {name: each.to_json() for name, each in self.ratios.items()},
            "facts": dict(self.facts),
        }

    def unit(self, arm: str) -> str:
        """What its figure is."""
        return self.units.get(arm, "messages/s")


async def in_turns(arms: Mapping[str, Arm], plan: Plan, step: Steps) -> dict[str, Measured]:
    """Rounds of all arms until the time is up: forwards, backwards, forwards… (ABBA)."""
    found: dict[str, list[float]] = {name: [] for name in arms}
    begun = time.monotonic()
    turn = 0
    while turn < plan.most and plan.goes_on(turn, time.monotonic() - begun):
        for name in _order(list(arms), turn):
            step(f"{name}, round {turn + 1}")
            found[name].append(await arms[name]())
        turn += 1
    return {name: Measured.of(values) for name, values in found.items()}


def _order(names: Sequence[str], turn: int) -> Sequence[str]:
    return names if turn % 2 == 0 else names[::-1]
