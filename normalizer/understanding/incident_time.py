"""When it happened, as far as the citizen says so; relative words count from the moment the message was sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from normalizer.understanding.clock_said import Clock, clocks, parts
from normalizer.understanding.dates_written import written
from normalizer.understanding.day_range import ONE_DAY, Day
from normalizer.understanding.days_counted import counted
from normalizer.understanding.guarded import letters_in

_ENOUGH = 4000
"""Characters that are read: who has not said when by then, does not."""
_NEAR = 45
"""Characters between a day and the hour that is of it."""
_SURE_ENOUGH = 0.3
"""Below that no day is stated: `beberapa hari ini`."""


@dataclass(frozen=True, slots=True)
class IncidentTime:
    """A range of time, as wide as the words leave it."""

    start: datetime
    end: datetime
    """Exclusive."""
    day: date
    """The likeliest day, where the source is."""
    confidence: float
    """0 to 1."""


def incident_date(text: str, sent_at: datetime, zone: ZoneInfo) -> date | None:
    """The day that the text states, never after the day it was sent; None when it states none.

    A written date wins over relative words (`kemarin`, `3 hari yg lalu`, `sejak minggu lalu`); of several of a kind the
    first counts. A duration (`sudah 2 minggu`) gives the day it began, weeks and months give the same day back then.
    A date without a year is the latest that is not in the future.

    Raises:
        ValueError: `sent_at` has no time zone.
    """
    found = incident_time(text, sent_at, zone)
    return found.day if found and found.confidence >= _SURE_ENOUGH else None


def incident_time(text: str, sent_at: datetime, zone: ZoneInfo) -> IncidentTime | None:
    """The time that the text states, as a range; None when it states none. Deadlines and opening hours are none.

    `zone` is that of the source; an hour with another (`19.30 WITA`) counts there.

    Raises:
        ValueError: `sent_at` has no time zone.
    """
    if sent_at.tzinfo is None:
        raise ValueError("sent_at needs a time zone: relative words count from the sender's own day")
    text = text[:_ENOUGH]
    local = sent_at.astimezone(zone)
    said = letters_in(text)
    day = written(text, local.date(), said) or counted(text, local, said)
    if day is None:
        return None
    start, end = day.first.replace(tzinfo=zone), day.last.replace(tzinfo=zone)
    is_a_day = timedelta(hours=10) <= day.last - day.first <= ONE_DAY  # neither an hour already nor a week
    if is_a_day and (narrowed := _narrowed(text, day, local, zone)):
        start, end = narrowed
    if start < local < end:
        end = local
    return IncidentTime(start, end, day.day, day.confidence)


def _narrowed(text: str, day: Day, local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The hour, else the part of the day, that stands beside the day; not one that is still to come."""
    for clock in sorted((*clocks(text), *parts(text)), key=lambda each: not each.is_exact):
        reach = _NEAR if clock.is_exact else 12
        if clock.end < day.start - reach or clock.start > day.end + reach:
            continue
        start = _at(day, clock, clock.zone or zone)
        if start < local:
            return start.astimezone(zone), (start + timedelta(minutes=clock.minutes)).astimezone(zone)
    return None


def _at(day: Day, clock: Clock, zone: ZoneInfo) -> datetime:
    minute = clock.minute
    if day.is_night and clock.is_exact and not clock.has_part:
        # "semalam jam 9", "tadi malam jam 1"
        minute += 12 * 60 if 5 * 60 < minute < 13 * 60 else 24 * 60 if minute <= 5 * 60 else 0
    midnight = datetime(day.day.year, day.day.month, day.day.day, tzinfo=zone)
    return midnight + timedelta(minutes=minute)
