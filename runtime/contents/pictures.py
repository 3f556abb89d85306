"""Pictures without what they tell beside themselves, and without decoding them: a JPEG file is a list of segments
(ITU-T T.81, annex B), a PNG file one of chunks (W3C PNG, 5.3), so is WebP (RFC 9649), a GIF file is one of blocks
(GIF 89a).

What is taken out: the segments of Exif, XMP and IPTC and comments; in PNG the chunks `eXIf`, `tEXt`, `zTXt`, `iTXt`,
`tIME`; in WebP `EXIF`, `XMP ` and what nobody knows; in GIF comments and the blocks of programs, but for those that
animate. The turn of a photo is kept, alone, or pictures would lie on their side.
"""

import re
import struct
from collections.abc import Iterator

from runtime.contents import exif
from runtime.contents.exif import Position, Told

_PNG = b"\x89PNG\r\n\x1a\n"
_TELLING = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_KEPT_APPS = {0xE0, 0xEE}
"""JFIF and Adobe: how colours are to be read. Of APP2 only colour profiles are kept."""
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xef\xfe]")
"""Ends a scan; within one stand stuffed zeros and restarts, and in a damaged one anything."""
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_COMMENT, _APPLICATION = 0xFE, 0xFF


def jpeg(content: bytes) -> tuple[bytes, Position | None]:
    """Raises `ValueError`, `IndexError` or `struct.error` when it is none that can be taken apart; so do the others."""
    if content[:2] != b"\xff\xd8":
        raise ValueError("no start of an image")
    kept = [content[:2]]
    told: Told = 1, None
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker where one must stand")
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes before a marker
            at += 1
            continue
        if marker == 0xD9:  # behind the picture's end some cameras append previews with Exif of their own, and films
            kept.append(content[at : at + 2])
            break
        size = 2 + struct.unpack_from(">H", content, at + 2)[0]
        segment = content[at : at + size]
        if size < 4 or len(segment) < size:
            raise ValueError("a segment is cut off")
        if marker == 0xDA:
            end = _end_of_scan(content, at + size)
            kept.append(content[at:end])
            if end == len(content):
                break
            at = end
            continue
        if marker == 0xE1 and segment[4:10] == exif.MARK:
            told = exif.read(segment[10:], told)
        is_profile = marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\x00"
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _KEPT_APPS or is_profile:
            kept.append(segment)
        at += size
    if 2 <= told[0] <= 8:
        body = exif.MARK + exif.turned(told[0])
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body)
    return b"".join(kept), told[1]


def _end_of_scan(content: bytes, at: int) -> int:
    """Many a picture was cut off on its way: it ends where the file does."""
    found = _MARKER.search(content, at)
    return found.start() if found else len(content)


def png(content: bytes) -> tuple[bytes, Position | None]:
    """As `jpeg`."""
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
            _, position = exif.read(chunk[8:-4])
        if name not in _TELLING:
            kept.append(chunk)
        at += len(chunk)
        if name == b"IEND":
            return b"".join(kept), position
    raise ValueError("no end")


def webp(content: bytes) -> tuple[bytes, Position | None]:
    """As `jpeg`."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise ValueError("no signature")
    told: Told = 1, None
    kept: list[bytes] = []
    for name, body in _riff(content):
        if name == b"EXIF":
            told = exif.read(body.removeprefix(exif.MARK), told)
        elif name == b"VP8X":
            kept.append(name + struct.pack("<I", len(body)) + bytes([body[0] & ~(_WEBP_EXIF | _WEBP_XMP)]) + body[1:])
        elif name in _WEBP_KEPT:
            kept.append(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))
    if not kept:
        raise ValueError("no picture")
    if 2 <= told[0] <= 8 and kept[0][:4] == b"VP8X":
        kept[0] = kept[0][:8] + bytes([kept[0][8] | _WEBP_EXIF]) + kept[0][9:]
        tiff = exif.turned(told[0])
        kept.append(b"EXIF" + struct.pack("<I", len(tiff)) + tiff)
    inside = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside, told[1]


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    if end > len(content):
        raise ValueError("it is cut off")
    while at + 8 <= end:
        length = struct.unpack_from("<I", content, at + 4)[0]
        body = content[at + 8 : at + 8 + length]
        if len(body) < length or at + 8 + length > end:
            raise ValueError("a chunk is cut off")
        yield content[at : at + 4], body
        at += 8 + length + length % 2


def gif(content: bytes) -> tuple[bytes, Position | None]:
    """As `jpeg`."""
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("no signature")
    at = 13 + _colours(content[10])
    kept = [content[:at]]
    while content[at] != 0x3B:
        start = at
        if content[at] == 0x21:
            label, first = content[at + 1], content[at + 3 : at + 14]
            at = _past_blocks(content, at + 2)
            if label == _COMMENT or (label == _APPLICATION and first not in _GIF_KEPT):
                continue
        elif content[at] == 0x2C:
            at = _past_blocks(content, at + 10 + _colours(content[at + 9]) + 1)
        else:
            raise ValueError("no block where one must stand")
        kept.append(content[start:at])
    return b"".join(kept) + b"\x3b", None


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1
