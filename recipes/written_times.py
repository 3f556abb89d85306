"""Times as a server wants them in a question: the reverse of `recipes.times`, without names of months and days."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator

from recipes.times import zone_named

ISO, UNIX, UNIX_MS = "ISO", "unix", "unix_ms"
_WRITTEN = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "Z": "%z",
}  # fmt: skip
_SCAN = re.compile(r"\[([^\]]*)\]|(YYYY|YY|MM(?!M)|DD|HH|mm|ss|Z)|([A-Za-z]+)|(.)", re.DOTALL)


def write_time(moment: datetime, form: str, zone: str, *, up: bool = False) -> str:
    """An instant in a form: `ISO` (in UTC), `unix`, `unix_ms`, or such as `YYYY-MM-DD HH:mm:ss` in the zone.

    What the form has no room for is cut off, so that the time is never later than the instant; with `up` never earlier.

    :raises MappingError: when there is no such zone.
    """
    if form == UNIX_MS:
        # Whole numbers: floats would round milliseconds of this century.
        return str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) + up)
    if up:
        moment += _smallest(form) - timedelta(microseconds=1)
    if form == UNIX:
        return str(int(moment.timestamp()))
    if form == ISO:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.astimezone(zone_named(zone)).strftime(_pattern(form))


def _smallest(form: str) -> timedelta:
    if form in (ISO, UNIX) or "ss" in form:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if "mm" in form else timedelta(hours=1) if "HH" in form else timedelta(days=1)


def _pattern(form: str) -> str:
    pattern = []
    for literal, token, word, sign in _SCAN.findall(form):
        if word:
            raise ValueError(
                f'"{word}" in the format "{form}" cannot be written: use {ISO}, {UNIX}, {UNIX_MS}, or'
                " YYYY MM DD HH mm ss Z, and put other words in [brackets]"
            )
        pattern.append(_WRITTEN[token] if token else (literal or sign).replace("%", "%%"))
    return "".join(pattern)


def _is_writable(form: str) -> str:
    if form in (ISO, UNIX, UNIX_MS):
        return form
    _pattern(form)
    if not {"MM", "DD"} <= {token for _, token, _, _ in _SCAN.findall(form)} or "YY" not in form:
        raise ValueError(f'the format "{form}" must name year, month and day, such as YYYY-MM-DD HH:mm:ss')
    return form


WrittenForm = Annotated[str, AfterValidator(_is_writable)]
"""A form that `write_time` knows."""


def _is_zone(name: str) -> str:
    zone_named(name)
    return name


ZoneName = Annotated[str, AfterValidator(_is_zone)]
"""The IANA name of a zone, or WIB, WITA, WIT."""
