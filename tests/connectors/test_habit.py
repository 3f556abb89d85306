"""How often something usually comes, by a moved clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.habit import Habit, window_of

ZONE = ZoneInfo("Asia/Jakarta")
MONDAY = datetime(2026, 11, 2, tzinfo=ZONE)


def office_hours(days: int, every: timedelta, messages: int = 1) -> list[tuple[datetime, int]]:
    """From 08:00 to 16:00 on working days."""
    found, now = [], MONDAY
    while now < MONDAY + timedelta(days=days):
        if now.weekday() < 5 and 8 <= now.hour < 16:
            found.append((now.astimezone(UTC), messages))
        now += every
    return found


def learned(arrivals: list[tuple[datetime, int]]) -> Habit:
    habit = Habit.from_state({}, ZONE)
    for moment, messages in arrivals:
        habit.hear({window_of(moment): messages})
        habit.learn(moment)
        habit = Habit.from_state(habit.to_state(), ZONE)  # as from the table
    return habit


@pytest.mark.parametrize(
    ("every", "messages", "gap"),
    [
        (timedelta(minutes=10), 1, timedelta(minutes=10)),
        (timedelta(hours=1), 1, timedelta(hours=1)),
        (timedelta(hours=1), 1000, timedelta(hours=1)),  # a file of a thousand rows is one sign of life
        (timedelta(hours=4), 1, timedelta(hours=1)),  # at 08:00 and 12:00, and never at 10:00
    ],
)
def test_the_usual_gap_is_that_of_the_hour(every: timedelta, messages: int, gap: timedelta) -> None:
    habit = learned(office_hours(14, every, messages))
    noon, night = MONDAY + timedelta(days=14, hours=12), MONDAY + timedelta(days=14, hours=2)
    found = habit.usual_gap(noon)
    assert found is not None
    assert abs(found - gap) < gap / 5
    assert habit.usual_gap(night) is None
    assert habit.usual_gap(noon + timedelta(days=5)) is None  # Saturday


def test_nights_and_weekends_are_no_silence_and_a_quiet_morning_is() -> None:
    habit = learned(office_hours(11, timedelta(minutes=10)))
    last = MONDAY + timedelta(days=10, hours=15, minutes=50)  # Thursday
    habit.learn(last + timedelta(hours=16))
    assert habit.quiet < 1.5  # Friday, 07:50: a whole night has passed
    habit.hear({window_of(last + timedelta(days=1)): 1})
    habit.learn(last + timedelta(days=3, hours=16))
    assert habit.quiet < 1.5  # Monday, 07:50
    habit.learn(last + timedelta(days=3, hours=18))
    assert 8 < habit.quiet < 11  # Monday, 09:50


def test_what_nobody_listened_to_is_not_learned() -> None:
    habit = learned(office_hours(11, timedelta(minutes=10)))
    share = habit.to_state()["busy"]
    habit.skip(MONDAY + timedelta(days=30))
    habit.learn(MONDAY + timedelta(days=30, minutes=5))
    assert habit.to_state()["busy"] == share
    assert habit.quiet < 1.5


def test_messages_are_counted_by_the_days_of_the_zone() -> None:
    habit = learned([(datetime(2026, 11, 2, 17, 30, tzinfo=UTC), 4), (datetime(2026, 11, 4, 3, tzinfo=UTC), 3)])
    thursday = datetime(2026, 11, 5, 3, tzinfo=UTC)
    assert habit.to_state()["days"] == {"2026-11-03": 4, "2026-11-04": 3}  # 00:30 in Jakarta
    assert habit.today(thursday) == 0
    assert habit.per_day(thursday) == 3.5
    assert habit.today(thursday - timedelta(days=1)) == 3


def test_an_old_habit_fades() -> None:
    habit = learned(office_hours(70, timedelta(minutes=10)))
    rare = [(MONDAY + timedelta(days=70 + day, hours=9), 1) for day in range(84) if day % 7 < 5]
    for moment, messages in rare:
        habit.hear({window_of(moment): messages})
        habit.learn(moment)
    gap = habit.usual_gap(MONDAY + timedelta(days=154, hours=9))
    assert gap is not None
    assert gap > timedelta(minutes=25)
