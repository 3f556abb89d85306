"""What a value looks like: whether it can be a phone number, a time, an address of a file…"""

import re
from datetime import UTC, datetime, timedelta
from itertools import product

from recipes.functions import to_boolean, to_email, to_number, to_phone
from recipes.mapped import MappingError, Value
from recipes.times import read_timestamp

_ID = re.compile(r"[\w./:#@+=-]{1,80}")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_DAYS = ("DD/MM/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "YYYY/MM/DD", "D MMMM YYYY", "dddd, D MMMM YYYY", "MM/DD/YYYY",
         "DD/MM/YY", "DD-MMM-YYYY", "DD-MMM-YY")  # fmt: skip
_CLOCKS = ("", " HH:mm", " HH:mm:ss", " HH.mm", " HH.mm.ss", ", HH:mm", ", HH.mm", " [pukul] HH.mm", " [pukul] HH:mm",
           ", [pukul] HH.mm", " [jam] HH.mm", " hh:mm A", " hh:mm:ss A")  # fmt: skip
_ZONES = ("", " Z")
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d+|,\d+(?=\s*;)))\s*([,;])\s*(-?\d{1,3}[.,]\d+)")
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def as_phone(value: Value) -> str | None:
    """The number, if it is one."""
    return to_phone(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def as_email(value: Value) -> str | None:
    """The address, if it is one and nothing else."""
    found = to_email(value) if isinstance(value, str) else None
    return found if found is not None and isinstance(value, str) and len(value) <= len(found) + 40 else None


def as_time(value: Value) -> str | None:
    """How it is written: `ISO`, `unix`, or a format; None when it is no time. The day comes before the month."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", text):
        return "unix" if _sensible(value, ()) else None
    if not any(sign.isdigit() for sign in text) or len(text) > 60:
        return None
    if re.match(r"\d{4}-\d{2}-\d{2}", text) and _sensible(text, ()):
        return "ISO"
    forms = (f"{day}{clock}{zone}" for clock, day, zone in product(_CLOCKS, _DAYS, _ZONES) if clock or not zone)
    return next((form for form in forms if _sensible(text, (form,))), "ISO" if _sensible(text, ()) else None)


def _sensible(value: Value, forms: tuple[str, ...]) -> bool:
    try:
        moment = read_timestamp(value, "Asia/Jakarta", forms)
    except MappingError:
        return False
    return moment is not None and _FIRST < moment < datetime.now(UTC) + timedelta(days=400)


def as_url(value: Value) -> bool:
    """Whether it leads to a file."""
    return isinstance(value, str) and _URL.fullmatch(value.strip()) is not None


def as_id(value: Value) -> bool:
    """Whether it can name a message."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and _ID.fullmatch(value.strip()) is not None)


def as_degrees(value: Value, limit: int) -> bool:
    """Whether it is an angle of at most `limit` degrees."""
    try:
        number = None if isinstance(value, bool) else to_number(value)
    except MappingError:
        return False
    return number is not None and -limit <= number <= limit


def as_point(value: Value) -> tuple[str, str] | None:
    """Two patterns that take latitude and longitude out of a text that holds both, `-6.2, 106.8` or `-6,2; 106,8`."""
    if not isinstance(value, str) or (found := _POINT.fullmatch(value.strip())) is None:
        return None
    if not (as_degrees(found[1], 90) and as_degrees(found[3], 180)):
        return None
    return f"^([^{found[2]}]+){found[2]}", f"{found[2]}(.+)$"


def as_position(value: Value) -> bool:
    """Whether it is a position of GeoJSON: longitude, latitude, perhaps the height."""
    return isinstance(value, list) and len(value) in (2, 3) and as_degrees(value[0], 180) and as_degrees(value[1], 90)


def as_flag(value: Value) -> bool:
    """Whether it says yes or no."""
    try:
        return to_boolean(value) is not None
    except MappingError:
        return False


def prose(value: Value) -> int:
    """How much it is like what somebody wrote: 0 for what is no text, more for words in a row."""
    if not isinstance(value, str) or as_url(value):
        return 0
    words = len(value.split())
    return 0 if as_time(value) or (as_phone(value) and words < 4) else min(words, 12)
