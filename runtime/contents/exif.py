"""What Exif tells: how a photo is turned, and where it was taken. Exif is TIFF 6.0 with a directory of GPS tags
(CIPA DC-008, 4.6.6).
"""

import struct
from collections.abc import Iterator

_ORIENTATION, _GPS = 0x0112, 0x8825
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_MOST_ENTRIES = 512
MARK = b"Exif\x00\x00"
"""What stands before the TIFF in a JPEG, and sometimes elsewhere."""
EMPTY = b"MM\x00\x2a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"
"""TIFF that tells nothing."""

Position = tuple[float, float]
"""Latitude and longitude, WGS 84 degrees."""
Told = tuple[int, Position | None]
"""How the picture is turned (1: not at all), and where it was taken."""


def turned(turn: int) -> bytes:
    """TIFF that tells nothing but a turn."""
    return b"MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turn, 0, 0)


def read(tiff: bytes, before: Told = (1, None)) -> Told:
    """The turn and the place that Exif tells. Where it is damaged, what was known before."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        first = dict(_entries(tiff, order, struct.unpack_from(f"{order}I", tiff, 4)[0]))
        turn = struct.unpack_from(f"{order}H", first[_ORIENTATION][2])[0] if _ORIENTATION in first else before[0]
        if _GPS not in first:
            return turn, before[1]
        place = dict(_entries(tiff, order, struct.unpack(f"{order}I", first[_GPS][2])[0]))
        latitude = _degrees(tiff, order, place[_LATITUDE], place[_LATITUDE_REF][2][:1] == b"S")
        longitude = _degrees(tiff, order, place[_LONGITUDE], place[_LONGITUDE_REF][2][:1] == b"W")
    except (KeyError, struct.error, ZeroDivisionError, ValueError):
        return before
    return turn, possible(latitude, longitude) or before[1]


def possible(latitude: float, longitude: float) -> Position | None:
    """A position that can be one. Cameras without a fix write 0, 0."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude == 0 and longitude == 0):
        return None
    return round(latitude, 6), round(longitude, 6)


def _entries(tiff: bytes, order: str, at: int) -> Iterator[tuple[int, tuple[int, int, bytes]]]:
    """Of one directory: tag → type, number of values, the four bytes of value or offset."""
    count = struct.unpack_from(f"{order}H", tiff, at)[0]
    if count > _MOST_ENTRIES:
        raise ValueError("too many entries")
    for number in range(count):
        tag, kind, values, held = struct.unpack_from(f"{order}HHI4s", tiff, at + 2 + 12 * number)
        yield tag, (kind, values, held)


def _degrees(tiff: bytes, order: str, entry: tuple[int, int, bytes], negative: bool) -> float:
    kind, count, held = entry
    if kind != 5 or count != 3:
        raise ValueError("no degrees, minutes, seconds")
    parts = struct.unpack_from(f"{order}6I", tiff, struct.unpack(f"{order}I", held)[0])
    degrees: float = parts[0] / parts[1] + parts[2] / parts[3] / 60 + parts[4] / parts[5] / 3600
    return -degrees if negative else degrees
