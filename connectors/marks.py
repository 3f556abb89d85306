"""Arithmetic with moving marks: numbers, times, and times that are kept as text."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Mark = int | float | str | datetime | date | Decimal
"""As the agency's database gives it."""
_FUTURE = timedelta(days=1)
"""How far ahead a time may lie before it is taken for a mistake; such a row is read, but moves no mark."""


class BadMark(ValueError):
    """The column is neither a number nor a time."""


def lowered(mark: Mark, seconds: int, numbers: int) -> Mark:
    """The mark that the next round begins at, in the form of the column.

    Raises:
        BadMark: see there.
    """
    if isinstance(mark, datetime):
        return mark - timedelta(seconds=seconds)
    if isinstance(mark, date):
        return (datetime.combine(mark, time()) - timedelta(seconds=seconds)).date()
    if isinstance(mark, str):
        return _written(_parse(mark) - timedelta(seconds=seconds), mark)
    return mark - numbers


def furthest(current: Mark | None, found: object, now: datetime, zone: str) -> Mark:
    """The later of two marks, unless what was found lies in the future by mistake.

    Raises:
        BadMark: see there.
    """
    if isinstance(found, bool) or not isinstance(found, str | date | int | float | Decimal):
        raise BadMark(f"the mark is a {type(found).__name__}; it must be a running number or a time")
    if isinstance(found, str | date) and _is_ahead(found, now, zone):
        return current if current is not None else _same_form(found, now, zone)
    if current is None or type(current) is not type(found) or found > current:  # type: ignore[operator]  # the types are the same
        return found
    return current


def to_state(mark: Mark | None) -> Any:  # noqa: ANN401 a JSON value
    """A mark as JSON."""
    if isinstance(mark, datetime):
        return {"time": mark.isoformat()}
    if isinstance(mark, date):
        return {"date": mark.isoformat()}
    if isinstance(mark, Decimal):
        return {"number": str(mark)}
    return mark


def from_state(value: Any) -> Mark | None:  # noqa: ANN401 a JSON value
    """The mark that `to_state` wrote."""
    if isinstance(value, dict) and "date" in value:
        return date.fromisoformat(value["date"])
    if isinstance(value, dict):
        return datetime.fromisoformat(value["time"]) if "time" in value else Decimal(value["number"])
    return value  # type: ignore[no-any-return]  # a JSON number, text or null


def _parse(mark: str) -> datetime:
    remedy = "the mark is a text that is no time such as 2026-11-24 14:05:00; name another column as `mark`"
    try:
        moment = datetime.fromisoformat(mark)
    except ValueError as error:
        raise BadMark(remedy) from error
    if mark[4:5] != "-":  # other forms do not sort as they follow one another
        raise BadMark(remedy)
    return moment


def _written(moment: datetime, like: str) -> str:
    """A time as the column writes it, without fractions and zone: as a text it stands before all that have them."""
    return moment.isoformat(sep=like[10:11] or " ")[: 10 if len(like) <= 10 else 19]


def _is_ahead(found: str | date, now: datetime, zone: str) -> bool:
    moment = _parse(found) if isinstance(found, str) else found
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not 1 < moment.year < 9999:
        return moment.year >= 9999  # infinity, and times that no zone can be applied to
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment > now + _FUTURE


def _same_form(found: str | date, now: datetime, zone: str) -> Mark:
    moment = _parse(found) if isinstance(found, str) else found
    local = now.astimezone(UTC)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if isinstance(found, str):
        return _written(local, found)
    return local if isinstance(found, datetime) else local.date()
