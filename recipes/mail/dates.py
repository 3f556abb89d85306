"""The date of a mail, as programs of all ages and languages write it (RFC 5322, 3.3 and 4.3)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

_ISO: Final = re.compile(r"\s*\d{4}-\d\d-\d\d")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_NO_ZONE: Final = re.compile(r".*\d:\d\d(:\d\d)?(\s+\d{4})?\s*", re.DOTALL)
"""Ends in the time of day, or in the year behind it as C's asctime writes it."""
_OFFSET: Final = re.compile(r"[+-]\d\d:?\d\d\b")
_COLON_IN_OFFSET: Final = re.compile(r"(\s[+-]\d\d):(\d\d)\b")
_LOCAL_ZONE: Final = re.compile(r"\b(WIB|WITA|WIT)\b", re.IGNORECASE)
_HOURS: Final = {"WIB": 7, "WITA": 8, "WIT": 9}
_MONTH: Final = re.compile(
    r"\b(peb|mei|agu|agt|ags|okt|nop|des|januari|februari|maret|juni|juli|agustus|oktober|desember)\b", re.IGNORECASE
)
_ENGLISH: Final = {
    "peb": "Feb", "mei": "May", "agu": "Aug", "agt": "Aug", "ags": "Aug", "okt": "Oct", "nop": "Nov", "des": "Dec",
    "januari": "Jan", "februari": "Feb", "maret": "Mar", "juni": "Jun", "juli": "Jul", "agustus": "Aug",
    "oktober": "Oct", "desember": "Dec",
}  # fmt: skip
_WIDEST: Final = timedelta(hours=14)


def read_date(value: str) -> str | None:
    """The date in ISO 8601: in UTC with `Z`, or without a zone where the mail names none; None when it is no date."""
    value = _MONTH.sub(lambda found: _ENGLISH[found[0].lower()], value[:200])
    try:
        moment = datetime.fromisoformat(value.strip()) if _ISO.match(value) else _written(value)
        if moment is None or (moment.tzinfo is not None and abs(moment.utcoffset() or timedelta()) > _WIDEST):
            return None
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment.tzinfo else moment.isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _written(value: str) -> datetime | None:
    value = _COLON_IN_OFFSET.sub(r"\1\2", _COMMENT.sub(" ", value))
    zone = None if _OFFSET.search(value) else _LOCAL_ZONE.search(value)
    if zone:
        value = value.replace(zone[0], " ")
    parsed = parsedate_tz(value)
    if parsed is None:
        return None
    moment = datetime(*parsed[:6])  # noqa: DTZ001 - the zone, where there is one, follows
    if zone:
        return moment.replace(tzinfo=timezone(timedelta(hours=_HOURS[zone[0].upper()])))
    if _NO_ZONE.fullmatch(value):
        return moment
    return moment.replace(tzinfo=timezone(timedelta(seconds=parsed[9] or 0)))
