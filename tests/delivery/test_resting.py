"""Hours of rest: over midnight, by the zone's clock, one after the other."""

from datetime import UTC, datetime, timedelta

import pytest

from runtime.delivery.resting import Rest, resting_until

_AHEAD = timedelta(hours=7)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment by the clock of Jakarta, seven hours ahead of UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - _AHEAD


@pytest.mark.parametrize(
    ("windows", "now", "until"),
    [
        (["23:00-01:00"], at(24, 22, 59), None),
        (["23:00-01:00"], at(24, 23, 0), at(25, 1)),
        (["23:00-01:00"], at(25, 0, 59), at(25, 1)),
        (["23:00-01:00"], at(25, 1, 0), None),
        (["12:00 - 13.30"], at(24, 13, 15), at(24, 13, 30)),
        (["22:00-24:00", "00:00-02:00"], at(24, 22, 30), at(25, 2)),
        (["22:00-23:30", "23:00-01:00"], at(24, 22, 30), at(25, 1)),
        ([], at(24, 12), None),
    ],
)
def test_when_a_rest_ends(windows: list[str], now: datetime, until: datetime | None) -> None:
    assert resting_until([Rest.parse(words, "Asia/Jakarta") for words in windows], now) == until


@pytest.mark.parametrize(
    "words", ["", "23-01", "25:00-01:00", "23:60-01:00", "23:00", "malam", "10:00-10:00", "00:00-24:00"]
)
def test_what_is_no_time_of_rest_is_refused_with_the_form(words: str) -> None:
    with pytest.raises(ValueError, match=r"23:00-01:00|never ends"):
        Rest.parse(words, "Asia/Jakarta")


def test_windows_that_fill_the_day_together_end_all_the_same() -> None:
    windows = [Rest.parse("00:00-12:00", "Asia/Jakarta"), Rest.parse("12:00-00:00", "Asia/Jakarta")]
    assert resting_until(windows, at(24, 5)) is not None
