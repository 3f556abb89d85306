"""Photos tell where, when and with what they were taken. The place is read, and all of it taken out, without decoding
the picture: a JPEG file is a list of segments (ITU-T T.81, annex B), a PNG file one of chunks (W3C PNG, 5.3).

What is taken out: the segments of Exif, XMP and IPTC and comments; in PNG the chunks `eXIf`, `tEXt`, `zTXt`, `iTXt`,
`tIME`. The turn of a photo (Exif 0x0112) is kept, alone, or pictures would lie on their side. Exif is TIFF 6.0 with a
directory of GPS tags (CIPA DC-008, 4.6.6).
"""

import struct
from collections.abc import Iterator

_ORIENTATION, _GPS = 0x0112, 0x8825
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_EXIF = b"Exif\x00\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
_TELLING = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_KEPT_APPS = {0xE0, 0xEE}
"""JFIF and Adobe: how colours are to be read. Of APP2 only colour profiles are kept."""
_MOST_ENTRIES = 512

Position = tuple[float, float]
"""Latitude and longitude, WGS 84 degrees."""


class BadPicture(Exception):
    """Nobody can say what else it tells; says why."""


def without_traces(content: bytes, kind: str) -> tuple[bytes, Position | None]:
    """The file without what it tells beside the picture, and where it says that it was taken.

    Pictures of other kinds, and whatever is none, are returned as they are.

    Raises:
        BadPicture: it says that it is a JPEG or PNG, but is none that can be taken apart.
    """
    try:
        if kind == "image/jpeg":
            return _jpeg(content)
        if kind == "image/png":
            return _png(content)
    except (struct.error, ValueError, IndexError) as error:
        raise BadPicture("the picture is damaged, so what it tells of people and places cannot be taken out") from error
    return content, None


def _jpeg(content: bytes) -> tuple[bytes, Position | None]:
    if content[:2] != b"\xff\xd8":
        raise ValueError("no start of an image")
    kept = [content[:2]]
    position: Position | None = None
    turn = 1
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker where one must stand")
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes before a marker
            at += 1
            continue
        if marker == 0xDA:
            break
        size = 2 + struct.unpack_from(">H", content, at + 2)[0]
        segment = content[at : at + size]
        if size < 4 or len(segment) < size:
            raise ValueError("a segment is cut off")
        if marker == 0xE1 and segment[4:10] == _EXIF:
            turn, position = _exif(segment[10:], (turn, position))
        is_profile = marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\x00"
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _KEPT_APPS or is_profile:
            kept.append(segment)
        at += size
    if 2 <= turn <= 8:
        kept.insert(1, _turned(turn))
    end = _end_of_scans(content, at)
    return b"".join(kept) + content[at:end], position


def _end_of_scans(content: bytes, at: int) -> int:
    """Behind the picture's end some cameras append previews with Exif of their own, and films."""
    end = content.find(b"\xff\xd9", at)
    return len(content) if end < 0 else end + 2


def _turned(turn: int) -> bytes:
    tiff = b"MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turn, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(content: bytes) -> tuple[bytes, Position | None]:
    if not content.startswith(_PNG):
        raise ValueError("no signature")
    kept = [_PNG]
    position: Position | None = None
    at = len(_PNG)
    while at < len(content):
        length = struct.unpack_from(">I", content, at)[0]
        name = content[at + 4 : at + 8]
        chunk = content[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise ValueError("a chunk is cut off")
        if name == b"eXIf":
            _, position = _exif(chunk[8:-4], (1, position))
        if name not in _TELLING:
            kept.append(chunk)
        at += len(chunk)
        if name == b"IEND":
            return b"".join(kept), position
    raise ValueError("no end")


def _exif(tiff: bytes, before: tuple[int, Position | None]) -> tuple[int, Position | None]:
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
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude == 0 and longitude == 0):
        return turn, before[1]
    return turn, (round(latitude, 6), round(longitude, 6))


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
