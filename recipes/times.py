"""Times as people and machines write them, read into UTC.

Formats are spelt as a spreadsheet shows them: `DD/MM/YYYY HH:mm`, `D MMMM YYYY pukul HH.mm`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from recipes.mapped import MappingError, Value

_NO_TIME = frozenset({"", "-", "–"})
ISO = "ISO"
"""Among several formats, the word for ISO 8601."""
_COLON_IN_ZONE = re.compile(r"(\s[+-]\d\d):(\d\d)\b")
"""As some write the zone of a mail's date: its reader takes hours and minutes for one number, or sees no zone."""
_UTC_BEHIND_ISO = re.compile(r"(?<=\d)(?: [+-]00:?00)? (?:UTC|GMT|Z)", re.IGNORECASE)
"""As Ruby and Go write the zone behind a time in ISO 8601."""

Unit = Literal["auto", "seconds", "milliseconds"]

ZONES: Mapping[str, str] = MappingProxyType(
    {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura", "UTC": "UTC"}
)
"""Short names of the country's three zones, as they stand on every form."""

_MONTHS = (
    ("januari", "january"), ("februari", "february", "pebruari"), ("maret", "march"), ("april",), ("mei", "may"),
    ("juni", "june"), ("juli", "july"), ("agustus", "august", "agt", "ags"), ("september",), ("oktober", "october"),
    ("november", "nopember"), ("desember", "december"),
)  # fmt: skip
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})", "YY": r"(?P<short>\d{2})",
    "MMMM": r"(?P<name>[^\W\d_]{3,10})\.?", "MMM": r"(?P<name>[^\W\d_]{3,10})\.?",
    "MM": r"(?P<month>\d{1,2})", "M": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})", "D": r"(?P<day>\d{1,2})",
    "dddd": r"[^\W\d_]+['’]?[^\W\d_]*", "HH": r"(?P<hour>\d{1,2})", "H": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})", "h": r"(?P<hour>\d{1,2})", "A": r"(?P<half>[AP])\.?M\.?",
    "mm": r"(?P<minute>\d{2})", "ss": r"(?P<second>\d{2})(?:[.,]\d{1,9})?",
    "Z": r"(?P<zone>WIB|WITA|WIT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|Z)",
}  # fmt: skip
_SCAN = re.compile(
    r"\[([^\]]*)\]|(YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|HH|H|hh|h|mm|ss|A|Z)|([A-Za-z]+)|(\s+)|(.)", re.DOTALL
)
_LIKE_A_TIME = re.compile(
    r"(?:\d{1,2}[/. -]\d{1,2}[/. -](?:\d{4}|\d{2})|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})"
    r"(?:[T ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?\s*(?:Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name, or of WIB, WITA, WIT.

    :raises MappingError: when there is no such zone.
    """
    try:
        return ZoneInfo(ZONES.get(name.upper(), name))
    except (OSError, ValueError, KeyError):
        raise MappingError(
            f'there is no time zone "{name}"; use Asia/Jakarta, Asia/Makassar or Asia/Jayapura'
        ) from None


@lru_cache(maxsize=256)
def compile_format(text: str) -> re.Pattern[str]:
    """The pattern of a format.

    :raises ValueError: when it holds an unknown word, or does not name day, month and year.
    """
    pattern: list[str] = []
    for literal, token, word, space, sign in _SCAN.findall(text.strip()):
        if word:
            raise ValueError(
                f'"{word}" in the format "{text}" means nothing; use YYYY MM DD HH mm ss (or hh and A), MMMM for the '
                f"month's name, dddd for the day's, Z for the zone, and put other words in [brackets]"
            )
        if token:
            pattern.append(_TOKENS[token])
        else:
            pattern.append(r"\s+" if space else re.escape(literal or sign))
    try:
        compiled = re.compile("".join(pattern), re.IGNORECASE)
    except re.error:
        raise ValueError(f'the format "{text}" names a part of the time twice') from None
    names = set(compiled.groupindex)
    if "day" not in names or not names & {"month", "name"} or not names & {"year", "short"}:
        raise ValueError(f'the format "{text}" must name day, month and year, such as DD/MM/YYYY')
    return compiled


def read_timestamp(value: Value, zone: str, formats: Sequence[str] = (), unit: Unit = "auto") -> datetime | None:
    """An instant in UTC from Unix time, ISO 8601, the date of a mail, or one of the formats; None when blank.

    :param zone: where a time that names no zone was written.
    :param unit: of Unix time; `auto` tells by the size of the number.
    :raises MappingError: when the value is no time, or lies outside the years 2000 to 2100.
    """
    if _blank(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise MappingError("the time is neither a text nor a number")
    try:
        moment = _moment(value, formats, unit)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone_named(zone))
        moment = moment.astimezone(UTC)
    except (OverflowError, OSError):
        raise MappingError("the time is out of range") from None
    if not 2000 <= moment.year <= 2100:
        raise MappingError(f"the time lies in the year {moment.year}, which cannot be")
    return moment


def read_date(value: Value, formats: Sequence[str] = ()) -> date | None:
    """A calendar day from ISO 8601 or one of the formats; None when blank.

    :raises MappingError: when the value is no date.
    """
    if _blank(value):
        return None
    if not isinstance(value, str):
        raise MappingError("the date is not a text")
    return _moment(value, formats, "auto").date()


def _blank(value: Value) -> bool:
    """Whether nobody filled in a time: also a dash, and the zero date of MySQL."""
    return value is None or (isinstance(value, str) and (value.strip() in _NO_TIME or value.startswith("0000-00-00")))


def _moment(value: str | float, formats: Sequence[str], unit: Unit) -> datetime:
    if not isinstance(value, str):
        return _unix(value, unit)
    text = value.strip()
    if formats:
        return _formatted(text, formats)
    if len(text) > 64:
        raise MappingError("the time is longer than any time")
    if re.fullmatch(r"-?\d{9,17}(\.\d{1,9})?", text, re.ASCII) or (
        unit != "auto" and re.fullmatch(r"\d{1,17}", text, re.ASCII)
    ):
        return _unix(float(text), unit)
    try:
        return datetime.fromisoformat(_UTC_BEHIND_ISO.sub("+00:00", text) if text[:4].isdigit() else text)
    except ValueError:
        pass  # not ISO 8601; perhaps as mails write it
    try:
        return parsedate_to_datetime(_COLON_IN_ZONE.sub(r"\1\2", text))
    except (ValueError, TypeError, IndexError):
        raise MappingError(f"the time {_shown(text)} is neither Unix time nor ISO 8601; name its format") from None


def _unix(number: float, unit: Unit) -> datetime:
    size = abs(number)
    if unit == "milliseconds" or (unit == "auto" and 1e11 <= size < 1e14):
        number /= 1e3
    elif unit == "auto" and size >= 1e14:
        number /= 1e6
    if not abs(number) < 1e11:
        raise MappingError("the time is out of range")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def _formatted(text: str, formats: Sequence[str]) -> datetime:
    for spelt in formats:
        if spelt == ISO:
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                continue
        match = compile_format(spelt).fullmatch(text) if len(text) <= 64 else None
        if match is None:
            continue
        found = match.groupdict()
        year = int(found.get("year") or 2000 + int(found.get("short") or 0))
        try:
            # A time without a zone is told its zone by the caller.
            moment = datetime(
                year,
                int(found.get("month") or 0) or _month(found.get("name") or ""),
                int(found["day"]),
                _hour(int(found.get("hour") or 0), found.get("half")),
                int(found.get("minute") or 0),
                int(found.get("second") or 0),
                tzinfo=_zone(found["zone"]) if found.get("zone") else None,
            )
        except ValueError:
            continue
        return moment
    raise MappingError(f"the time {_shown(text)} is not written as {' or '.join(formats)}")


def _hour(hour: int, half: str | None) -> int:
    """The hour of the day, where `half` is A or P of a clock with twelve hours."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half.upper() == "P" else 0)


def _month(name: str) -> int:
    name = name.casefold()
    for number, names in enumerate(_MONTHS, start=1):
        if any(name == full or (len(name) < len(full) and full.startswith(name)) for full in names):
            return number
    raise ValueError(name)


def _zone(text: str) -> ZoneInfo | timezone:
    text = text.upper()
    if text in {"Z", "GMT"} or text in ZONES:
        return zone_named(ZONES.get(text, "UTC"))
    text = text.removeprefix("UTC").removeprefix("GMT")
    sign, digits = text[0], text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _shown(text: str) -> str:
    """The value for an operator, if it looks like a time: anybody can type a name or a number into a field."""
    if _LIKE_A_TIME.fullmatch(text):
        return f'"{text}"'
    return "(words)" if any(sign.isalpha() for sign in text) else "(digits)"
