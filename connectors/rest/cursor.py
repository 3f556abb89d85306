"""How far an API has been read: the furthest mark, and the walk through its pages that is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.marks import from_state, furthest, to_state
from connectors.rest.places import Place
from recipes.polling import Mark


@dataclass(frozen=True, slots=True)
class Walk:
    """One list, from its first page to its last."""

    low: Mark | None
    """Only what is not older is asked for; None: everything."""
    until: datetime | None
    """Only what is not newer, where marks are times."""
    last: bool
    """Whether it reaches the present; if not, another span of time follows."""
    place: Place
    """The page that was read last, or the first one; whoever goes on reads it once more, since lists shift."""
    held: bool = False
    """Whether something of it could not be had: it moves no mark, so that it is asked for again."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state of one source."""

    mark: Mark | None = None
    """The furthest that was reached when the last walk came to its end; the next one begins a little before it."""
    reached: Mark | None = None
    """The furthest that was met since."""
    position: datetime | None = None
    """The end of the last span of time that is done, while more of them are to follow."""
    walk: Walk | None = None
    """The one that is under way."""
    first_at: datetime | None = None
    """When it was first asked."""
    begun: bool = False
    """Whether any walk has come to its end."""
    looked_back_at: datetime | None = None
    """When the last walk far back came to its end."""
    looking_back: bool = False
    """Whether the present one is such a walk."""

    def met(self, mark: Mark | None, now: datetime, zone: str) -> "Cursor":
        """After an item with this mark; a time in the far future is a mistake, and moves nothing."""
        if mark is None:
            return self
        if isinstance(mark, datetime):
            found = furthest(self.reached if isinstance(self.reached, datetime) else None, mark, now, zone)
            return replace(self, reached=found if isinstance(found, datetime) else self.reached)
        before = self.reached if isinstance(self.reached, int | float) else mark
        return replace(self, reached=max(before, mark))

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Cursor":
        """What `to_state` wrote; a new one from nothing."""
        walk = state.get("walk")
        return cls(
            mark=_mark(state.get("mark")),
            reached=_mark(state.get("reached")),
            position=_time(state.get("position")),
            walk=None
            if walk is None
            else Walk(
                _mark(walk["low"]),
                _time(walk["until"]),
                walk["last"],
                Place.from_state(walk["place"]),
                bool(walk.get("held")),
            ),
            first_at=_time(state.get("first_at")),
            begun=bool(state.get("begun")),
            looked_back_at=_time(state.get("looked_back_at")),
            looking_back=bool(state.get("looking_back")),
        )

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        walk = self.walk
        return {
            "mark": to_state(self.mark),
            "reached": to_state(self.reached),
            "position": _text(self.position),
            "walk": None
            if walk is None
            else {
                "low": to_state(walk.low),
                "until": _text(walk.until),
                "last": walk.last,
                "place": walk.place.to_state(),
                "held": walk.held,
            },
            "first_at": _text(self.first_at),
            "begun": self.begun,
            "looked_back_at": _text(self.looked_back_at),
            "looking_back": self.looking_back,
        }


def _mark(value: Any) -> Mark | None:  # noqa: ANN401 a JSON value
    found = from_state(value)
    return found if isinstance(found, datetime | int | float) else None


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
