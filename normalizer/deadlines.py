"""SP4N's clock: working days, without weekends and Indonesian public holidays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from schemas.parts import Deadlines


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """Working days from acceptance, by PermenPANRB 62/2018 unless an agency sets its own."""

    forward: int = 3
    follow_up: int = 5
    resolve_information: int = 5
    resolve: int = 14
    zone: str = "Asia/Jakarta"


class Calendar:
    """Counts working days."""

    def __init__(self, rules: DeadlineRules) -> None:
        self._rules = rules
        self._zone = ZoneInfo(rules.zone)
        self._holidays = holidays.country_holidays("ID")

    def deadlines(self, received_at: datetime, classification: str) -> Deadlines:
        """When a complaint must be forwarded, followed up and resolved: at the end of each last working day."""
        day = received_at.astimezone(self._zone).date()
        information = classification == "permintaan_informasi"
        return Deadlines(
            forward_by=self._end(day, self._rules.forward),
            follow_up_by=self._end(day, self._rules.follow_up),
            resolve_by=self._end(day, self._rules.resolve_information if information else self._rules.resolve),
        )

    def _end(self, day: date, working_days: int) -> datetime:
        while working_days > 0:
            day += timedelta(days=1)
            if day.weekday() < 5 and day not in self._holidays:
                working_days -= 1
        return datetime.combine(day, time(23, 59, 59), self._zone).astimezone(UTC)
