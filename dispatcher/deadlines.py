"""SP4N's clock at a hub: in which step a complaint stands by its state, and until when that step is to be done.

PermenPANRB 62/2018 and the public pages of SP4N-LAPOR! count in working days: forwarded after 3, a first follow-up
after 5, closed 10 after a follow-up without a reply, resolved after 5 (information), 14, or 60 where somebody has to
look at the place. That a field check is needed stands in no complaint, so categories stand for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from runtime.working_days import WorkingDays
from schemas.parts import State, Step

STEPS: Mapping[State, Step] = {
    "received": "forward",
    "disposed": "follow_up",
    "reporter_replied": "follow_up",
    "reopened": "follow_up",
    "in_progress": "resolve",
    "agency_responded": "close",
}
"""State → what is to be done next. A complaint that is on hold waits for its reporter; one that is over for nobody."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a step is to be done."""

    step: Step
    due: datetime
    """The end of its last working day."""
    approaching: datetime
    """From when on it is near."""


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """Limits in working days."""

    calendar: WorkingDays
    forward: int = 3
    follow_up: int = 5
    close: int = 10
    resolve_information: int = 5
    resolve: int = 14
    resolve_field_check: int = 60
    field_check: frozenset[str] = frozenset()
    """Keys of categories in which somebody has to look at the place."""
    approaching: int = 1
    """So many working days before its end a deadline is near."""

    def deadline(
        self, state: State, since: datetime, begun_at: datetime, *, classification: str, category: str | None
    ) -> Deadline | None:
        """The deadline of a complaint that is in a state since a moment, and at the hub since another; None: none."""
        step = STEPS.get(state)
        if step is None:
            return None
        # A step counts from the state that began it; the whole from the moment that the hub had the complaint.
        begun = begun_at if step == "resolve" else since
        due = self.calendar.after(begun, self._limit(step, classification, category))
        return Deadline(step, due, max(self.calendar.before(due, self.approaching), begun))

    def _limit(self, step: Step, classification: str, category: str | None) -> int:
        if step == "forward":
            return self.forward
        if step == "follow_up":
            return self.follow_up
        if step == "close":
            return self.close
        if classification == "permintaan_informasi":
            return self.resolve_information
        return self.resolve_field_check if category in self.field_check else self.resolve
