"""`winmail.dat`: the files that Exchange and Outlook wrap where nobody else can open them (MS-OXTNEF)."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SIGNATURE: Final = 0x223E9F78
_ATTACHMENT_BEGINS, _TITLE, _CONTENT, _PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_LONG_NAME, _MEDIA_TYPE, _DATA = 0x3707, 0x370E, 0x3701
_OF_ATTACHMENT: Final = 2
_TEXT, _UNICODE, _BYTES, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SIZES: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of the properties whose size is fixed, padding included."""
_MOST: Final = 200
"""Files, and properties of one file, that are read; of attributes twenty times as many."""


@dataclass(slots=True)
class _File:
    name: str = ""
    media_type: str = "application/octet-stream"
    content: bytes = b""


def files_as_mail(data: bytes) -> bytes | None:
    """The files within, as the parts of a mail; None where there are none, or where it is something else."""
    files = [file for file in _files(data) if file.content]
    if not files:
        return None
    boundary = hashlib.sha256(data).hexdigest()  # no content can hold what depends on all of it
    pieces = [f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()]
    for file in files:
        name = "".join(letter for letter in file.name if letter.isprintable() and letter not in '"\\')
        head = f'Content-Type: {file.media_type}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        pieces.append(f"--{boundary}\r\n{head}Content-Transfer-Encoding: binary\r\n\r\n".encode("utf-8", "replace"))
        pieces.append(file.content + b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _files(data: bytes) -> list[_File]:
    """What can be read; where the data breaks off, that is what stands before."""
    found: list[_File] = []
    for tag, value in _attributes(data):
        if tag == _ATTACHMENT_BEGINS:
            if len(found) == _MOST:
                break
            found.append(_File())
        elif not found:
            continue
        elif tag == _TITLE:
            found[-1].name = found[-1].name or value.split(b"\0", 1)[0].decode("cp1252", "replace")
        elif tag == _CONTENT:
            found[-1].content = value
        elif tag == _PROPERTIES:
            _describe(found[-1], value)
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes of files: each has a level, a name, a length, its value, and a sum that nobody needs."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    position = 6
    for _ in range(_MOST * 20):
        if position + 11 > len(data):
            return
        level, tag, length = struct.unpack_from("<BII", data, position)
        value = data[position + 9 : position + 9 + length]
        if len(value) < length:
            return
        if level == _OF_ATTACHMENT:
            yield tag, value
        position += 9 + length + 2


def _describe(file: _File, data: bytes) -> None:
    try:
        for name, kind, value in _values(data):
            if name == _DATA:
                # An object says first, in sixteen bytes, how it is to be spoken to.
                file.content = file.content or value[16 if kind == _OBJECT else 0 :]
                continue
            text = value.decode("utf-16-le" if kind == _UNICODE else "cp1252", "replace").split("\0", 1)[0]
            if name == _LONG_NAME:
                file.name = text
            elif name == _MEDIA_TYPE and "/" in text and text.isascii() and text.isprintable():
                file.media_type = text
    except struct.error:
        return  # it breaks off, or holds a kind that is not known: the name that was read before has to do


def _values(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The properties of no fixed size: number, kind and value of each."""
    position = 4
    for _ in range(min(struct.unpack_from("<I", data)[0], _MOST)):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= 0x8000:
            position = _after_name(data, position)
        if kind in _SIZES:
            position += _SIZES[kind]
            continue
        if kind not in (_TEXT, _UNICODE, _BYTES, _OBJECT):
            raise struct.error
        count = struct.unpack_from("<I", data, position)[0]
        position += 4
        for _ in range(min(count, _MOST)):
            length = struct.unpack_from("<I", data, position)[0]
            yield name, kind, data[position + 4 : position + 4 + length]
            position += 4 + length + -length % 4


def _after_name(data: bytes, position: int) -> int:
    """A property that a program named itself has a name of its own before the value."""
    is_word, length = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (length + -length % 4 if is_word else 0)
