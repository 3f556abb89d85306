"""A file that a citizen sent, before anybody gets it: what it is, whether it may go on, and without what it tells."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass

from runtime.contents import boxes, packages, pictures, sounds
from runtime.contents.exif import Position
from runtime.contents.kinds import ALLOWED, kind_of

_INLINE = 64 * 1024
"""Bytes; to take a larger one apart would hold up everybody else, and is done in a thread."""
_FILMS = ("video/mp4", "video/quicktime", "video/3gpp", "audio/mp4", "audio/x-m4a")
_PACKAGES = ("application/vnd.openxmlformats-", "application/vnd.oasis.")
_WAYS: dict[str, Callable[[bytes], tuple[bytes, Position | None]]] = {
    "image/jpeg": pictures.jpeg,
    "image/png": pictures.png,
    "image/webp": pictures.webp,
    "image/gif": pictures.gif,
    **dict.fromkeys(("image/heic", "image/heif", "image/avif"), boxes.photo),
    **dict.fromkeys(_FILMS, boxes.film),
    **dict.fromkeys((each for each in ALLOWED if each.startswith(_PACKAGES)), packages.document),
    "audio/mpeg": sounds.mp3,
}
CLEANED = frozenset({*_WAYS, "image/bmp"})
"""Kinds that lose what they tell beside what they show, or have no place for it. Others (PDF, older office documents,
TIFF, Matroska, most sounds) go on with their own properties."""


class BadContent(Exception):
    """It goes to nobody: says why."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may go on."""

    kind: str
    """Media type, by its content."""
    content: bytes
    position: Position | None = None
    """Where it said that it was taken; the content does not say it any more."""


async def examined(content: bytes, declared: str | None) -> Examined:
    """A file as it may go on. `declared` only tells apart what one container may be.

    Raises:
        BadContent: it is of a kind that goes to nobody, or nobody can say what else it tells.
    """
    if len(content) < _INLINE:
        return examine(content, declared)
    return await asyncio.to_thread(examine, content, declared)


def examine(content: bytes, declared: str | None) -> Examined:
    """The same at once, in the thread of whoever asks."""
    kind = kind_of(content, declared)
    if kind not in ALLOWED:
        raise BadContent(f"its content is {kind}, which goes to nobody")
    clean, position = without_traces(content, kind)
    return Examined(kind, clean, position)


def without_traces(content: bytes, kind: str) -> tuple[bytes, Position | None]:
    """The file without what it tells beside what it shows, and where it said that it was taken. See `CLEANED`.

    Raises:
        BadContent: it is none that can be taken apart.
    """
    way = _WAYS.get(kind)
    if way is None:
        return content, None
    try:
        return way(content)
    except (struct.error, ValueError, IndexError) as error:
        raise BadContent("the file is damaged, so what it tells of people and places cannot be taken out") from error
