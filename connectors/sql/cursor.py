"""How far a polled table has been read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.marks import Mark, from_state, to_state


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state of one source."""

    mark: Mark | None = None
    """The furthest that was taken."""
    swept_at: datetime | None = None
    """When all keys were last compared."""

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Cursor":
        """What `to_state` wrote; a new one from nothing."""
        swept = state.get("swept_at")
        return cls(from_state(state.get("mark")), datetime.fromisoformat(swept) if swept else None)

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        return {"mark": to_state(self.mark), "swept_at": self.swept_at.isoformat() if self.swept_at else None}
