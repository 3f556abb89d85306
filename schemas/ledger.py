"""What each service says of its own tables, so that one command can hold the sums against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One equation of the ledger: both sides counted from different tables."""

    name: str
    """What is compared, in words."""
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether both sides agree."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class ServiceLedger:
    """A service's counts and the equations that it can check by itself."""

    service: str
    counts: Mapping[str, int]
    """Terms that the sums across services are made of."""
    checks: tuple[Check, ...] = ()
    faults: tuple[str, ...] = field(default=())
    """What is wrong beyond numbers, such as a table that is missing."""
