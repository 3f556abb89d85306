"""Coordinates that stand in a message: in pasted map links (read from the link itself) or as numbers."""

import re
from urllib.parse import unquote

_NUMBER = r"(-?\d{1,3}\.\d{2,15})"
_PAIR = rf"{_NUMBER}\s*(?:,|%2C)\s*\+?{_NUMBER}"
_MAP_HOST = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:google\.[a-z.]{2,6}/maps|maps\.google\.[a-z.]{2,6}|goo\.gl|maps\.apple\.com|openstreetmap\.org|osm\.org"
    r"|waze\.com|here\.com|wego\.here\.com|petalmaps\.com)\S*|geo:\S+",
    re.IGNORECASE,
)
# In the order of trust: a pin, a query, the middle of the view.
_IN_LINK = (
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"[?&]mlat={_NUMBER}&mlon={_NUMBER}"),
    re.compile(rf"[?&](?:q|query|ll|sll|daddr|destination|center|coordinate|to)=(?:loc:|ll\.)?{_PAIR}"),
    re.compile(rf"/(?:place|search|dir)/(?:[^/\s]*/)?{_PAIR}"),
    re.compile(rf"^geo:(?!0(?:\.0+)?,0(?:\.0+)?(?:\?|$)){_PAIR}", re.IGNORECASE),
    re.compile(rf"@{_PAIR}"),
    re.compile(rf"#map=\d+/{_NUMBER}/{_NUMBER}"),
)
_BARE = re.compile(r"(?<![\w.,/=@-])(-?\d{1,2}\.\d{4,15})\s*[,;]\s*(1[0-4]\d\.\d{4,15}|9[4-9]\.\d{4,15})(?![\w.])")
_DEGREES = re.compile(
    r"(\d{1,2})\s?°\s?(\d{1,2})\s?['’′]\s?(\d{1,2}(?:[.,]\d{1,6})?)\s?(?:\"|''|”|″)?\s?([NSUL]|LS|LU)\b[\s,;]*"
    r"(\d{2,3})\s?°\s?(\d{1,2})\s?['’′]\s?(\d{1,2}(?:[.,]\d{1,6})?)\s?(?:\"|''|”|″)?\s?(?:E|T|BT)\b",
    re.IGNORECASE,
)


def coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, WGS 84 degrees, of the first map link or pair that gives a point in Indonesia.

    Knows Google, Apple, OpenStreetMap, Waze links and `geo:`; in a link the pin counts before the middle of the view.
    A shortened link (`maps.app.goo.gl/…`) says nothing without being opened, and is not.
    """
    if "." not in text and "°" not in text:
        return None
    for link in _MAP_HOST.finditer(text):
        for pattern in _IN_LINK:
            match = pattern.search(unquote(link[0]))
            if match:
                point = _in_indonesia(float(match[1]), float(match[2]))
                if point:
                    return point
    for match in _BARE.finditer(text):
        point = _in_indonesia(float(match[1]), float(match[2]))
        if point:
            return point
    for match in _DEGREES.finditer(text):
        south = match[4].upper() in {"S", "LS"}
        latitude, longitude = _decimal(match[1], match[2], match[3]), _decimal(match[5], match[6], match[7])
        point = _in_indonesia(-latitude if south else latitude, longitude)
        if point:
            return point
    return None


def _decimal(degrees: str, minutes: str, seconds: str) -> float:
    return round(int(degrees) + int(minutes) / 60 + float(seconds.replace(",", ".")) / 3600, 7)


def _in_indonesia(latitude: float, longitude: float) -> tuple[float, float] | None:
    """The point, if it lies in the rectangle around Indonesia: anything else is a slip or swapped numbers."""
    inside = -11.5 <= latitude <= 6.5 and 94.5 <= longitude <= 141.5
    return (latitude, longitude) if inside else None
