"""Photos and films that are boxes in boxes (ISO/IEC 14496-12; HEIF: ISO/IEC 23008-12): what they tell is overwritten
where it stands. Nothing moves, so every offset in the file stays right.

Of films, the boxes `udta`, `meta` and `uuid` (title, place, device, programs) become `free`, empty. What a camera
writes into tracks of its own stays. Of photos, the items of Exif are overwritten with one that tells nothing, XMP with
blanks; how they are turned is a property of its own, and stays.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from runtime.contents import exif
from runtime.contents.exif import Position

_TELLING = {b"udta", b"meta", b"uuid"}
_WITHIN = {b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"}
_MOST_BOXES = 20_000
_DEEPEST = 8
_PLACE = re.compile(
    rb"([+-]\d{2}(?:\.\d{1,12})?)([+-]\d{3}(?:\.\d{1,12})?)(?:[+-]\d{1,9}(?:\.\d{1,9})?)?(?:CRS[^/]{1,30})?/"
)
"""ISO 6709, as telephones write it into films."""
_XMP = b"mime"


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    body: int
    end: int


def film(content: bytes) -> tuple[bytes, Position | None]:
    """A film or sound without its descriptions, and where it says that it was taken.

    Raises `ValueError`, `IndexError` or `struct.error` when it cannot be taken apart; so does `photo`.
    """
    whole = bytearray(content)
    position: Position | None = None
    for box in _walk(content, 0, len(content), [0], 0):
        if box.name in _TELLING:
            position = position or _place(content[box.body : box.end])
            _free(whole, box)
    return bytes(whole), position


def _free(whole: bytearray, box: _Box) -> None:
    whole[box.start + 4 : box.start + 8] = b"free"
    whole[box.body : box.end] = bytes(box.end - box.body)


def _place(told: bytes) -> Position | None:
    found = _PLACE.search(told)
    return exif.possible(float(found[1]), float(found[2])) if found else None


def _walk(content: bytes, start: int, end: int, seen: list[int], depth: int) -> Iterator[_Box]:
    """Boxes, and those within the ones that hold others."""
    for box in _boxes(content, start, end, seen):
        yield box
        if box.name in _WITHIN and depth < _DEEPEST:
            yield from _walk(content, box.body, box.end, seen, depth + 1)


def _boxes(content: bytes, start: int, end: int, seen: list[int]) -> Iterator[_Box]:
    at = start
    while at + 8 <= end:
        seen[0] += 1
        size, name = struct.unpack_from(">I4s", content, at)
        body = at + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", content, body)[0], body + 8
        elif size == 0:  # up to the end
            size = end - at
        if name == b"mdat":  # many a film was cut off on its way
            size = min(size, end - at)
        if seen[0] > _MOST_BOXES or size < body - at or at + size > end:
            raise ValueError("a box is cut off, or there are too many")
        yield _Box(name, at, body, at + size)
        at += size


def photo(content: bytes) -> tuple[bytes, Position | None]:
    """A HEIF or AVIF photo without Exif and XMP, and where it says that it was taken. Raises as `film`."""
    whole = bytearray(content)
    position: Position | None = None
    seen = [0]
    for box in _boxes(content, 0, len(content), seen):
        if box.name == b"meta":
            items = {each.name: each for each in _boxes(content, box.body + 4, box.end, seen)}
            for kind, extents in _telling(content, items, seen):
                told = b"".join(content[start:end] for start, end in extents)
                if kind == b"Exif" and len(told) > 4:
                    skip = 4 + struct.unpack_from(">I", told)[0]
                    position = position or exif.read(told[skip:].removeprefix(exif.MARK))[1]
                _overwrite(whole, extents, bytes(4) + exif.EMPTY if kind == b"Exif" else b"")
        elif box.name in (b"uuid", b"udta"):
            _free(whole, box)
        elif box.name == b"moov":  # a photo that moves
            for inner in _walk(content, box.body, box.end, seen, 1):
                if inner.name in _TELLING:
                    _free(whole, inner)
    return bytes(whole), position


def _overwrite(whole: bytearray, extents: list[tuple[int, int]], words: bytes) -> None:
    length = sum(end - start for start, end in extents)
    left = (words if len(words) <= length else b"").ljust(length, b"\0" if words else b" ")
    for start, end in extents:
        whole[start:end], left = left[: end - start], left[end - start :]


def _telling(
    content: bytes, boxes: dict[bytes, _Box], seen: list[int]
) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
    """The items that hold Exif or text: what they are, and where they stand."""
    information, locations = boxes.get(b"iinf"), boxes.get(b"iloc")
    if information is None or locations is None:
        return
    version = content[information.body]
    first = information.body + (6 if version == 0 else 8)
    kinds: dict[int, bytes] = {}
    for entry in _boxes(content, first, information.end, seen):
        if entry.name == b"infe" and content[entry.body] >= 2:
            wide = content[entry.body] > 2
            ident = struct.unpack_from(">I" if wide else ">H", content, entry.body + 4)[0]
            at = entry.body + (10 if wide else 8)
            kinds[ident] = content[at : at + 4]
    idat = boxes.get(b"idat")
    for ident, method, extents in _places(content, locations):
        kind = kinds.get(ident, b"")
        if kind not in (b"Exif", _XMP):
            continue
        if method > 1 or (method == 1 and idat is None):
            raise ValueError("an item stands where it cannot be reached")
        base = idat.body if idat and method == 1 else 0
        moved = [(base + start, base + start + length) for start, length in extents]
        if any(length == 0 for _, length in extents) or any(end > len(content) for _, end in moved):
            raise ValueError("an item has no bounds")
        yield kind, moved


def _places(content: bytes, box: _Box) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Of `iloc`: item, how its place is counted, and its extents."""
    reader = _Numbers(content[box.body : box.end])
    version = reader.take(1)
    reader.take(3)
    sizes = reader.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    for _ in range(reader.take(wide)):
        ident = reader.take(wide)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)
        base = reader.take(base_size)
        extents = []
        for _ in range(reader.take(2)):
            if version:
                reader.take(index_size)
            start = base + reader.take(offset_size)
            extents.append((start, reader.take(length_size)))
        yield ident, method, extents


class _Numbers:
    """Numbers one after the other, big end first."""

    def __init__(self, held: bytes) -> None:
        self._held = held
        self._at = 0

    def take(self, size: int) -> int:
        part = self._held[self._at : self._at + size]
        if len(part) < size:
            raise ValueError("a table is cut off")
        self._at += size
        return int.from_bytes(part, "big")
