"""When a complaint is to be forwarded, followed up and resolved, counted from its acceptance."""

from dataclasses import dataclass
from datetime import datetime

from runtime.working_days import WorkingDays
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
    """Counts from acceptance."""

    def __init__(self, rules: DeadlineRules) -> None:
        self._rules = rules
        self._days = WorkingDays(rules.zone)

    def deadlines(self, received_at: datetime, classification: str) -> Deadlines:
        """Each at the end of its last working day."""
        information = classification == "permintaan_informasi"
        resolve = self._rules.resolve_information if information else self._rules.resolve
        return Deadlines(
            forward_by=self._days.after(received_at, self._rules.forward),
            follow_up_by=self._days.after(received_at, self._rules.follow_up),
            resolve_by=self._days.after(received_at, resolve),
        )
