"""How often the time of the incident is right; `python -m benchmarks.quality.understanding_times` prints mistakes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from benchmarks.quality.labelled import HALVES, Case, Half, cases
from benchmarks.quality.score import Score, share, tell
from normalizer.understanding.incident_time import IncidentTime, incident_time

_STEP = "time"
_ZONE = ZoneInfo("Asia/Jakarta")
_SENT = datetime(2026, 10, 21, 10, 0, tzinfo=_ZONE)


class TimeCase(Case):
    """A text and the range of time that it speaks of; None where it speaks of none."""

    start: datetime | None = Field(default=None, alias="from")
    """Local."""
    until: datetime | None = None


def _is_right(found: IncidentTime | None, case: TimeCase) -> bool:
    """Whether it meets the range that is meant, begins on its day, and is not much wider."""
    if found is None or case.start is None or case.until is None:
        return found is None and case.start is None
    start, until = case.start.replace(tzinfo=_ZONE), case.until.replace(tzinfo=_ZONE)
    meets = found.start < until and start <= found.end
    wide = found.end - found.start > (until - start) * 2 + timedelta(hours=12)
    return meets and not wide


def scores() -> list[Score]:
    """The scores of both halves, the one held back last."""
    return [score for half in HALVES for score in _scores(half)]


def _scores(half: Half) -> Iterator[Score]:
    answered = [(case, incident_time(case.text, _SENT, _ZONE)) for case in cases("times", TimeCase, half)]
    right = sum(_is_right(found, case) for case, found in answered)
    stated = [(case, found) for case, found in answered if found]
    yield share(_STEP, f"range right or rightly absent, {half}", right, len(answered), 0.9)
    yield share(_STEP, f"precision of a range, {half}", sum(_is_right(f, c) for c, f in stated), len(stated), 0.95)


def mistakes(half: Half) -> Iterator[str]:
    """What is wrong, a line each."""
    for case in cases("times", TimeCase, half):
        found = incident_time(case.text, _SENT, _ZONE)
        if not _is_right(found, case):
            said = f"{found.start:%m-%d %H:%M}..{found.end:%m-%d %H:%M}" if found else None
            yield f"{case.text!r}: {said} for {case.start}..{case.until}"


if __name__ == "__main__":
    tell(mistakes("to build by"), scores())
