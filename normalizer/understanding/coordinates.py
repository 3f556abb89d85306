"""Coordinates that stand in a message: in pasted map links (read from the link itself) or as numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import unquote

_FRACTION = re.compile(r"\d[.,]\d\d|\d\s?°")
_NUMBER = r"(-?\d{1,3}\.\d{2,15})"
_PAIR = rf"{_NUMBER}\s*(?:,|%2C)\s*\+?{_NUMBER}"
_MAP_HOST = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:google\.[a-z.]{2,6}/maps|maps\.google\.[a-z.]{2,6}|goo\.gl|maps\.apple\.com|openstreetmap\.org|osm\.org"
    r"|waze\.com|here\.com|wego\.here\.com|petalmaps\.com)\S*|geo:\S+",
    re.IGNORECASE,
)
_VIEWS = (re.compile(rf"@{_PAIR}"), re.compile(rf"#map=\d+/{_NUMBER}/{_NUMBER}"))
# In the order of trust: a pin, a query, the middle of the view.
_IN_LINK = (
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"[?&]mlat={_NUMBER}&mlon={_NUMBER}"),
    re.compile(rf"[?&](?:q|query|ll|sll|daddr|destination|center|coordinate|to)=(?:loc:|ll\.)?{_PAIR}"),
    re.compile(rf"/(?:place|search|dir)/(?:[^/\s]*/)?{_PAIR}"),
    re.compile(rf"^geo:(?!0(?:\.0+)?,0(?:\.0+)?(?:\?|$)){_PAIR}", re.IGNORECASE),
    *_VIEWS,
)
# Two numbers that can hardly be anything else: four decimals each, or two where the first is negative, as in Java.
_EAST = r"1[0-4]\d|9[4-9]"
_BARE = (
    re.compile(rf"(?<![\w.,/=@-])(-?\d{{1,2}}\.\d{{4,15}})(?:\s*[,;/]\s*|\s+)((?:{_EAST})\.\d{{4,15}})(?![\w.])"),
    re.compile(rf"(?<![\w.,/=@-])(-\d{{1,2}}\.\d{{2,15}})\s*[,;]\s*((?:{_EAST})\.\d{{2,15}})(?![\w.])"),
    re.compile(rf"(?<![\w.,/=@-])(-?\d{{1,2}},\d{{4,15}})\s*[;/]\s*((?:{_EAST}),\d{{4,15}})(?![\w.])"),
    re.compile(
        r"\blat(?:itude)?\b\s*[:=]?\s*(-?\d{1,2}[.,]\d{2,15})[\s,;]{0,4}"
        r"(?:long?|longitude|lng)\b\s*[:=]?\s*(\d{2,3}[.,]\d{2,15})(?!\w)",
        re.IGNORECASE,
    ),
)
_ANGLE = (
    r"(?P<d{0}>\d{{1,3}})\s?°\s?(?:(?P<m{0}>\d{{1,2}}(?:[.,]\d{{1,6}})?)\s?['’′]\s?"
    r"(?:(?P<s{0}>\d{{1,2}}(?:[.,]\d{{1,6}})?)\s?(?:\"|''|”|″)?)?)?"
)
_DEGREES = (
    re.compile(rf"{_ANGLE.format(1)}\s?(?P<side>[NSU]|LS|LU)\b[\s,;]*{_ANGLE.format(2)}\s?(?:E|T|BT)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<side>[NSU]|LS|LU)\s?{_ANGLE.format(1)}[\s,;]*\b(?:E|T|BT)\s?{_ANGLE.format(2)}", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, WGS 84."""

    latitude: float
    """Degrees, negative in the south."""
    longitude: float
    """Degrees."""
    confidence: float
    """0 to 1: whether it is where the writer means, not only where a map was looked at."""


def coordinates(text: str) -> Point | None:
    """The first map link or pair of numbers that gives a point in Indonesia; nothing is fetched.

    Knows Google, Apple, OpenStreetMap, Waze links and `geo:`, decimal numbers and degrees with minutes; in a link the
    pin counts before the middle of the view. A shortened link (`maps.app.goo.gl/…`) says nothing without being opened.
    """
    if not _FRACTION.search(text):
        return None
    candidates = chain(_linked(text), _bare(text), _in_degrees(text) if "°" in text else ())
    return next((point for point in candidates if _is_in_indonesia(point)), None)


def _linked(text: str) -> Iterator[Point]:
    for link in _MAP_HOST.finditer(text):
        for pattern in _IN_LINK:
            match = pattern.search(unquote(link[0]))
            if match:
                yield Point(float(match[1]), float(match[2]), 0.7 if pattern in _VIEWS else 0.95)


def _bare(text: str) -> Iterator[Point]:
    for pattern in _BARE:
        for match in pattern.finditer(text):
            yield Point(float(match[1].replace(",", ".")), float(match[2].replace(",", ".")), 0.9)


def _in_degrees(text: str) -> Iterator[Point]:
    for pattern in _DEGREES:
        for match in pattern.finditer(text):
            sign = -1 if match["side"].upper() in {"S", "LS"} else 1
            yield Point(sign * _decimal(match, 1), _decimal(match, 2), 0.9)


def _decimal(match: re.Match[str], which: int) -> float:
    degrees, minutes, seconds = (float((match[f"{part}{which}"] or "0").replace(",", ".")) for part in ("d", "m", "s"))
    return round(degrees + minutes / 60 + seconds / 3600, 7)


def _is_in_indonesia(point: Point) -> bool:
    """Whether it lies in the rectangle around Indonesia: anything else is a slip or swapped numbers."""
    return -11.5 <= point.latitude <= 6.5 and 94.5 <= point.longitude <= 141.5
