"""Working days: Monday to Friday without Indonesian public holidays and without days off of one's own. Pure arithmetic.

Public holidays are those of the package `holidays`; dates of the moon's calendar that the government has not fixed yet
are estimates there. Joint leave (*cuti bersama*) is decided year by year; the package knows that of decided years.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

_DAY = timedelta(days=1)
_LAST = time(23, 59, 59)


class WorkingDays:
    """Counts working days by the clock of one zone."""

    def __init__(self, zone: str, days_off: Collection[date] = (), *, joint_leave: bool = False) -> None:
        """`zone` is an IANA name; `days_off` are days on which nobody works, beside weekends and public holidays.

        `joint_leave`: nobody works on days of *cuti bersama* either.
        """
        self._zone = ZoneInfo(zone)
        self._days_off = frozenset(days_off)
        categories = ("public", "government") if joint_leave else ("public",)
        self._holidays = holidays.country_holidays("ID", categories=categories)

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        return day.weekday() < 5 and day not in self._days_off and day not in self._holidays

    def after(self, moment: datetime, days: int) -> datetime:
        """The end of the last of so many working days, of which the day of `moment` is none; 0: the end of that day."""
        day = moment.astimezone(self._zone).date()
        while days > 0:
            day += _DAY
            days -= self.is_working(day)
        return self._end(day)

    def before(self, moment: datetime, days: int) -> datetime:
        """The end of the day after which so many working days are left, of which the day of `moment` is the last."""
        day = moment.astimezone(self._zone).date()
        while days > 0:
            days -= self.is_working(day)
            day -= _DAY
        return self._end(day)

    def _end(self, day: date) -> datetime:
        return datetime.combine(day, _LAST, self._zone).astimezone(UTC)
