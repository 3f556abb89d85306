"""Working days: weekends, holidays, the year's end, the borders of zones, and what always holds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.working_days import WorkingDays

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
JAKARTA = WorkingDays("Asia/Jakarta")


def local(text: str, zone: str = "Asia/Jakarta") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("begun", "days", "last"),
    [
        ("2026-11-23T08:00", 3, "2026-11-26"),  # within a week
        ("2026-11-26T23:59", 3, "2026-12-01"),  # over a weekend
        ("2026-11-28T10:00", 1, "2026-11-30"),  # from a Saturday
        ("2026-12-24T09:00", 5, "2027-01-04"),  # Christmas, a weekend, New Year, a weekend
        ("2026-08-14T09:00", 1, "2026-08-18"),  # Independence Day is a Monday
        ("2026-11-23T08:00", 0, "2026-11-23"),
    ],
)
def test_the_last_of_so_many_working_days(begun: str, days: int, last: str) -> None:
    due = JAKARTA.after(local(begun), days)
    assert due == local(f"{last}T23:59:59")
    assert due.tzinfo is UTC


def test_lebaran_and_joint_leave_are_no_working_days() -> None:
    """March 2026: Nyepi on Thursday 19, Idul Fitri on Saturday 21, joint leave on 18, 20, 23 and 24."""
    begun, leave = local("2026-03-16T09:00"), [date(2026, 3, day) for day in (18, 20, 23, 24)]
    assert JAKARTA.after(begun, 3) == local("2026-03-20T23:59:59")
    known = WorkingDays("Asia/Jakarta", joint_leave=True)
    for calendar in (known, WorkingDays("Asia/Jakarta", leave)):
        assert calendar.after(begun, 3) == local("2026-03-26T23:59:59")
        assert calendar.before(local("2026-03-26T23:59:59"), 2) == local("2026-03-24T23:59:59")


def test_a_day_begins_where_the_zone_says() -> None:
    """At 17:30 UTC on Friday it is Saturday in Jakarta; at 16:30 it is still Friday there, and Saturday in Makassar."""
    late, early = datetime(2026, 11, 27, 17, 30, tzinfo=UTC), datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    assert JAKARTA.after(late, 0) == local("2026-11-28T23:59:59")
    assert JAKARTA.after(early, 0) == local("2026-11-27T23:59:59")
    makassar = WorkingDays("Asia/Makassar")
    assert makassar.after(early, 0) == local("2026-11-28T23:59:59", "Asia/Makassar")
    assert makassar.after(early, 1) == JAKARTA.after(early, 1) - timedelta(hours=1)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001
DAYS = st.integers(0, 70)
OFF = st.sets(st.dates(date(2024, 1, 1), date(2030, 6, 1)))


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES), moment=MOMENTS, days=DAYS, off=st.sets(st.dates(date(2024, 1, 1), date(2030, 6, 1)))
)
def test_what_always_holds(zone: str, moment: datetime, days: int, off: set[date]) -> None:
    calendar, place = WorkingDays(zone, off), ZoneInfo(zone)
    due = calendar.after(moment, days)
    begun, last = moment.astimezone(place).date(), due.astimezone(place).date()
    between = [begun + timedelta(days=n + 1) for n in range((last - begun).days)]
    assert sum(calendar.is_working(day) for day in between) == days
    assert days == 0 or calendar.is_working(last), "a deadline ends on a day on which somebody works"
    assert due > moment or days == 0
    assert calendar.after(moment, days + 1) > due
    assert calendar.after(moment + timedelta(hours=5), days) >= due
    warned = calendar.before(due, 1)
    assert warned < due
    if days > 0:
        assert calendar.after(warned, 1) == due, "one working day is left"
    assert WorkingDays(zone).after(moment, days) <= due, "a day off makes nothing due earlier"
