"""How often something usually comes from a source, learned from what came.

Time is cut into windows of ten minutes. A window counts as busy when anything came in it, so that a conversation, an
album or a file of a thousand rows counts once. For each hour of the day, of working days and of weekends apart, the
habit is the share of busy windows among the last forty hours or so of that kind; older ones fade. The usual gap at an
hour is ten minutes divided by that share. Quiet is counted in the same shares: each window without anything adds the
share of its hour, so that nights, weekends and lunch add next to nothing where nothing usually comes. Ten points of
quiet mean that ten usual gaps have passed. A quiet time is learned when it is over, so that silence never becomes usual
while it lasts.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

WINDOW = timedelta(minutes=10)
SETTLED = timedelta(seconds=30)
"""After the end of a window every process has written what came in it."""
_KEPT = 240.0
"""Windows of one kind of hour that weigh; forty hours, eight weeks of one hour on working days."""
_FARTHEST = 6 * 24 * 28
"""Windows that are gone through at most at once: four weeks."""
_KINDS = 48
_DAYS = 14
"""Days of which messages are counted."""
_SECONDS = int(WINDOW.total_seconds())


def window_of(moment: datetime) -> int:
    """The number of a moment's window, from the epoch on."""
    return int(moment.timestamp()) // _SECONDS


@dataclass
class Habit:
    """What was learned of one source."""

    zone: ZoneInfo
    """Where its hours and days are counted."""
    upto: int | None = None
    """The first window that has not been learned yet; None before the first message."""
    counted: int | None = None
    """The first window behind those whose quiet has been counted."""
    pending: set[int] = field(default_factory=set)
    """Busy windows that have not been learned yet."""
    looked: list[float] = field(default_factory=lambda: [0.0] * _KINDS)
    busy: list[float] = field(default_factory=lambda: [0.0] * _KINDS)
    heard: int = 0
    """Busy windows ever."""
    passed: float = 0.0
    """Usual gaps that have passed since the last busy window."""
    days: dict[str, int] = field(default_factory=dict)
    """Messages by day, of the last two weeks."""

    @classmethod
    def from_state(cls, state: dict[str, Any], zone: ZoneInfo) -> Self:
        """As `to_state` wrote it; an empty one for a source of which nothing is known."""
        return cls(zone, **{**state, "pending": set(state.get("pending", ()))})

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "upto": self.upto,
            "counted": self.counted,
            "pending": sorted(self.pending),
            "looked": [round(each, 3) for each in self.looked],
            "busy": [round(each, 3) for each in self.busy],
            "heard": self.heard,
            "passed": round(self.passed, 4),
            "days": self.days,
        }

    @property
    def quiet(self) -> float:
        """Usual gaps that have passed since anything came."""
        return 0.0 if self.pending else self.passed

    def hear(self, by_window: dict[int, int]) -> None:
        """Messages came."""
        for window, messages in by_window.items():
            if self.upto is None:
                self.upto = self.counted = window
            self.pending.add(window)
            day = _local(window, self.zone).date().isoformat()
            self.days[day] = self.days.get(day, 0) + messages
        for day in sorted(self.days)[:-_DAYS]:
            del self.days[day]

    def learn(self, now: datetime) -> None:
        """Go through the windows that are over: learn up to the last busy one, count the quiet behind it."""
        if self.upto is None or self.counted is None:
            return
        end = window_of(now - SETTLED)
        over = sorted(window for window in self.pending if window < end)
        if over:
            late = sum(window < self.upto for window in over)
            self.heard += late  # written after others had looked: no sign of how often, but one of life
            for window in range(max(self.upto, over[-1] - _FARTHEST), over[-1] + 1):
                self._learn(window, hit=window in self.pending)
            self.pending.difference_update(over)
            self.upto = max(self.upto, over[-1] + 1)
            self.counted, self.passed = self.upto, 0.0
        for window in range(max(self.counted, end - _FARTHEST), end):
            self.passed += self._share(_kind(window, self.zone))
        self.counted = max(self.counted, end)

    def skip(self, now: datetime, *, passed: float | None = None) -> None:
        """Nobody listened until now: nothing of that time is learned. `passed`: what counts as quiet from here on."""
        if self.upto is not None:
            self.upto = self.counted = max(self.upto, window_of(now - SETTLED))
        if passed is not None:
            self.passed = passed

    def behind(self, now: datetime) -> timedelta:
        """How long ago somebody looked for the last time."""
        return WINDOW * (window_of(now) - self.counted) if self.counted is not None else timedelta()

    def usual_gap(self, now: datetime) -> timedelta | None:
        """Between messages at this hour; None when nothing usually comes then."""
        share = self._share(_kind(window_of(now), self.zone))
        return WINDOW / share if share > 0 else None

    def today(self, now: datetime) -> int:
        """Messages of this day."""
        return self.days.get(now.astimezone(self.zone).date().isoformat(), 0)

    def per_day(self, now: datetime) -> float | None:
        """Messages of a day, over the whole days of the last two weeks since the first that is counted."""
        today = now.astimezone(self.zone).date()
        counted = {day: n for each, n in self.days.items() if (day := date.fromisoformat(each)) < today}
        counted = {day: n for day, n in counted.items() if (today - day).days <= _DAYS}
        return sum(counted.values()) / (today - min(counted)).days if counted else None

    def _learn(self, window: int, *, hit: bool) -> None:
        kind = _kind(window, self.zone)
        self.looked[kind] += 1
        if hit:
            self.busy[kind] += 1
            self.heard += 1
        if self.looked[kind] > _KEPT:
            self.busy[kind] *= _KEPT / self.looked[kind]
            self.looked[kind] = _KEPT

    def _share(self, kind: int) -> float:
        return self.busy[kind] / self.looked[kind] if self.looked[kind] else 0.0


def _local(window: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(window * _SECONDS, UTC).astimezone(zone)


def _kind(window: int, zone: ZoneInfo) -> int:
    local = _local(window, zone)
    return local.hour + (24 if local.weekday() >= 5 else 0)
