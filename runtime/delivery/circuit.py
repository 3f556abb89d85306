"""The circuit of a destination: closed, open after several failures in a row, half-open for one probe at a time."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from runtime.delivery.outcomes import Ambiguous, Outcome, Retry, Stop, Undecided, Wait
from runtime.delivery.rate import next_place, places

CircuitState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class CircuitPolicy:
    """When a circuit opens, and for how long."""

    threshold: int = 5
    """Failures in a row, of whichever deliveries."""
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=1)
    pause: timedelta = timedelta(seconds=5)
    """How long to wait when a destination asks for a pause without saying how long."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination's row."""

    name: str
    stopped: str | None = None
    """Why our configuration is wrong; cleared by a person."""
    paused: str | None = None
    """Why a person paused it."""
    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    wait_until: datetime | None = None
    turn: int = 0
    """The latest turn that was served."""
    paced_until: datetime | None = None
    """When its rate has a place again."""

    def circuit(self, now: datetime) -> CircuitState:
        """Its circuit at this moment."""
        if self.open_until is None:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def room(self, now: datetime, wanted: int, in_flight: int, rate: float | None = None) -> int:
        """How many deliveries may be claimed, when `in_flight` are leased already. `rate`: deliveries a second."""
        free = places(_seconds(self.paced_until), now.timestamp(), rate) if rate is not None else wanted
        return min(self._open(now, wanted, in_flight), free)

    def _open(self, now: datetime, wanted: int, in_flight: int) -> int:
        if self.stopped is not None or self.paused is not None:
            return 0
        if self.wait_until is not None and now < self.wait_until:
            return 0
        state = self.circuit(now)
        if state == "half_open":
            return 1 if in_flight == 0 else 0
        return wanted if state == "closed" else 0

    def after(self, outcome: Outcome, now: datetime, policy: CircuitPolicy) -> "Destination":
        """Its row after an outcome."""
        if isinstance(outcome, Stop):
            return replace(self, stopped=outcome.reason)
        if isinstance(outcome, Wait):
            until = now + (outcome.after if outcome.after is not None else policy.pause)
            return replace(self, wait_until=max(until, self.wait_until or until))
        if isinstance(outcome, Undecided):
            return self
        if not isinstance(outcome, Retry | Ambiguous):
            return replace(self, failures=0, open_until=None)
        return self._after_failure(outcome, now, policy)

    def resumed(self) -> "Destination":
        """As a person wants it: open for everything."""
        return Destination(self.name, turn=self.turn, paced_until=self.paced_until)

    def claimed(self, number: int, turn: int, now: datetime, rate: float | None) -> "Destination":
        """Its row when so many deliveries were claimed, the last of them in this turn."""
        until = self.paced_until
        if rate is not None:
            place = next_place(_seconds(until), now.timestamp(), rate)
            until = datetime.fromtimestamp(place + number / rate, now.tzinfo)
        return replace(self, turn=max(self.turn, turn), paced_until=until)

    def _after_failure(self, outcome: Retry | Ambiguous, now: datetime, policy: CircuitPolicy) -> "Destination":
        failures = self.failures + 1
        if failures < policy.threshold:
            return replace(self, failures=failures)
        if self.circuit(now) == "open":
            # Others that were under way when it opened say nothing new.
            return self
        cooldown = min(policy.longest, policy.first * 2.0 ** min(failures - policy.threshold, 20))
        if outcome.after is not None:
            cooldown = max(cooldown, outcome.after)
        return replace(self, failures=failures, open_until=now + cooldown)


def _seconds(moment: datetime | None) -> float:
    return -math.inf if moment is None else moment.timestamp()
