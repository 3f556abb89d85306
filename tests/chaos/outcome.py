"""What came of it: per fault, in sum, and in words."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table

AFTERWARDS = "(afterwards)"
"""Stands for the time after the last round, in which all settles."""


@dataclass
class Tally:
    """Of one kind of fault."""

    times: int = 0
    lost: int = 0
    doubled: int = 0
    parked: int = 0
    recoveries: list[float] = field(default_factory=list)
    """Seconds."""
    unreached: int = 0
    """How often a process did not come to the point at which it was to die, and was killed elsewhere."""


@dataclass
class Outcome:
    """Of a whole run."""

    size: str
    rounds: int
    kinds: int
    """Of faults that there are."""
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    lost: int = 0
    """Messages that a sender was told were taken, or could not get rid of, and that are nowhere."""
    doubled: int = 0
    """Complaints of which the hub has more than one report."""
    stuck: int = 0
    """What is still in flight when patience has ended, and messages that did not come through after a fault."""
    parked: int = 0
    """Deliveries that wait for a person: allowed, and told."""
    problems: list[str] = field(default_factory=list)
    """What else is wrong, in words."""
    seconds: float = 0.0

    @property
    def well(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.stuck or self.problems)

    @property
    def faults(self) -> int:
        """How many there were."""
        return sum(tally.times for tally in self.tallies.values())

    @property
    def recoveries(self) -> list[float]:
        """Of all faults, in order of length."""
        return sorted(each for tally in self.tallies.values() for each in tally.recoveries)

    def blame(self, faults: Sequence[str], what: str, count: int) -> None:
        """Count what was found lost, doubled or parked to the faults of the round that it belongs to."""
        for name in faults:
            tally = self.tallies[name]
            setattr(tally, what, getattr(tally, what) + count)

    def line(self) -> str:
        """For scripts."""
        ordered = self.recoveries
        p95 = ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else 0.0
        return (
            f"chaos: rounds={self.rounds} faults={self.faults} lost={self.lost} doubled={self.doubled}"
            f" stuck={self.stuck} parked={self.parked} recover_p95_s={p95:.1f}"
        )

    def table(self) -> Table:
        """For people."""
        table = Table("fault", title=f"{self.size}: {self.rounds} rounds in {self.seconds:.0f} s")
        for name in ("times", "lost", "doubled", "parked", "recover median", "max"):
            table.add_column(name, justify="right")
        for name, tally in sorted(self.tallies.items()):
            times = f"{tally.times} ({tally.unreached} not reached)" if tally.unreached else str(tally.times)
            recovered = (statistics.median(tally.recoveries), max(tally.recoveries)) if tally.recoveries else ()
            table.add_row(
                name,
                times,
                *(str(count) for count in (tally.lost, tally.doubled, tally.parked)),
                *(f"{seconds:.1f} s" for seconds in recovered),
            )
        return table

    def remarks(self) -> list[str]:
        """What a reader has to know besides, and what is wrong."""
        drawn = sum(tally.times > 0 for tally in self.tallies.values())
        words = []
        if drawn < self.kinds:
            words.append(f"{drawn} of {self.kinds} kinds of fault were drawn: more rounds draw the others, too")
        return [*words, *self.problems]
