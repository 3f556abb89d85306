"""Hours in which a destination is at rest: nothing is sent, nothing is asked, and no attempt is used up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

_WORDS = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True, slots=True)
class Rest:
    """One window of every day, by the clock of a zone; it may go over midnight."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, words: str, zone: str) -> Self:
        """From words such as `23:00-01:00`.

        Raises:
            ValueError: they are no such words; says how to write it.
        """
        found = _WORDS.fullmatch(words.strip())
        try:
            start, end = [_time(*found.group(1, 2)), _time(*found.group(3, 4))] if found else []
        except ValueError:
            raise ValueError(f'"{words}" is no time of rest: write it as "23:00-01:00"') from None
        if start == end:
            raise ValueError(f'"{words}" never ends: to send nothing at all, pause the hub')
        return cls(start, end, ZoneInfo(zone))

    def until(self, now: datetime) -> datetime | None:
        """When the present window ends (UTC); None outside of one."""
        local = now.astimezone(self.zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            begins = datetime.combine(day, self.start, self.zone)
            ends = datetime.combine(day + timedelta(days=self.end <= self.start), self.end, self.zone)
            if begins <= local < ends:
                return ends.astimezone(UTC)
        return None


def resting_until(rests: Iterable[Rest], now: datetime) -> datetime | None:
    """When the present rest ends, if it is one; windows that follow each other are one rest."""
    windows = tuple(rests)
    found: datetime | None = None
    for _ in range(len(windows)):  # more would go round and round where they fill the day
        ends = [end for each in windows if (end := each.until(found or now)) is not None]
        found = max(ends, default=found)
    return found


def _time(hour: str, minute: str) -> time:
    return time(0 if (hour, minute) == ("24", "00") else int(hour), int(minute))
