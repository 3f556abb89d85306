"""A day or days that a text speaks of, as the range that its words leave open."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

OLDEST = timedelta(days=3660)
"""What is said to have happened before that is a slip."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A range of time that a text speaks of."""

    start: int
    """Where the words stand in the text."""
    end: int
    first: datetime
    """Local, without its zone."""
    last: datetime
    """Exclusive."""
    day: date
    """The likeliest day of the range."""
    confidence: float
    """0 to 1."""
    is_night: bool = False
    """The night from `first`'s evening on: an hour that is said is of the evening or after midnight."""


def midnight(day: date) -> datetime:
    """When it begins, local; its zone is added when all is known."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - said above


def whole_day(span: tuple[int, int], day: date, confidence: float) -> Day:
    """That day from midnight to midnight."""
    return Day(*span, midnight(day), midnight(day + ONE_DAY), day, confidence)


def night_from(span: tuple[int, int], day: date) -> Day:
    """The night that begins on that day."""
    first = midnight(day) + timedelta(hours=18)
    return Day(*span, first, first + timedelta(hours=11), day, 0.85, is_night=True)
