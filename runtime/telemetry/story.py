"""One thing that became of a message or a complaint: what a service's tables tell, for `muara trace`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What one service did, or waits for. Names nobody: ids, states and reasons."""

    at: datetime | None
    """When; None where only the fact was kept."""
    service: str
    what: str
    words: str = ""
