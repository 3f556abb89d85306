"""What was wrapped in its own signature (S/MIME, `smime-type=signed-data`; RFC 5652, 5.1): taken out, not verified."""

from collections.abc import Iterator
from typing import Final, NamedTuple

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_DATA: Final = bytes.fromhex("2a864886f70d010701")
_SEQUENCE, _IDENTIFIER, _OCTETS, _CONSTRUCTED_OCTETS, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_DEEPEST: Final = 12
"""Elements within elements down to the content; programs write seven levels."""
_MOST: Final = 100_000
"""Elements that are looked at: a content of 64 MiB in pieces of a kilobyte."""


class _Element(NamedTuple):
    """One element of BER: where its content begins and ends, and where the next element begins."""

    tag: int
    start: int
    end: int
    following: int


class _Damaged(ValueError):
    """It is no BER, or more of it than any program writes."""


def signed_content(data: bytes) -> bytes | None:
    """The content of a signed message; None where there is none, or where it is enciphered or damaged."""
    reader = _Reader(data)
    try:
        outer = reader.element(0, len(data))
        kind, wrapped = reader.children(outer)[:2]
        if outer.tag != _SEQUENCE or kind.tag != _IDENTIFIER or data[kind.start : kind.end] != _SIGNED_DATA:
            return None
        _version, _digests, content = reader.children(reader.children(wrapped)[0])[:3]
        what, *held = reader.children(content)
        if not held or held[0].tag != _EXPLICIT or data[what.start : what.end] != _DATA:
            return None
        return b"".join(reader.octets(reader.children(held[0])[0]))
    except (ValueError, IndexError):
        return None  # what cannot be opened is kept closed, and told as such


class _Reader:
    """Elements of the basic encoding rules (ITU-T X.690, 8.1), with a ceiling for depth and number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST

    def children(self, parent: _Element) -> list[_Element]:
        found, position = list[_Element](), parent.start
        while position < parent.end:
            element = self.element(position, parent.end)
            found.append(element)
            position = element.following
        return found

    def octets(self, element: _Element, depth: int = 0) -> Iterator[bytes]:
        """The pieces of a text of bytes, which large messages are cut into."""
        if element.tag == _OCTETS:
            yield self._data[element.start : element.end]
        elif element.tag != _CONSTRUCTED_OCTETS or depth == _DEEPEST:
            raise _Damaged
        else:
            for each in self.children(element):
                yield from self.octets(each, depth + 1)

    def element(self, position: int, limit: int, depth: int = 0) -> _Element:
        self._left -= 1
        if position + 2 > limit or depth > _DEEPEST or self._left < 0:
            raise _Damaged
        data = self._data
        tag, length, start = data[position], data[position + 1], position + 2
        if length == 0x80:  # until two bytes of zero in the place of an element
            end = start
            while data[end : end + 2] != b"\0\0":
                end = self.element(end, limit, depth + 1).following
            return _Element(tag, start, end, end + 2)
        if length > 0x80:
            width = length & 0x7F
            length = int.from_bytes(data[start : start + width], "big")
            start += width
        if start + length > limit:
            raise _Damaged
        return _Element(tag, start, start + length, start + length)
