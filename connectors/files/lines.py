"""Physical lines of a file, one at a time, in whatever encoding each of them is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LINE_LIMIT = 1024 * 1024
"""Bytes of one line. A longer one is no row of anything; it is skipped to its end and reported."""
_CHUNK = 64 * 1024
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class UnreadableFile(Exception):
    """The file as a whole cannot be read; says why and what to do. None of its rows was taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end."""

    number: int
    """From 1."""
    text: str
    too_long: bool = False
    """Only its beginning is in `text`."""
    complete: bool = True
    """False for a last line without a line end: the file may have been cut off there."""


class Lines:
    """The lines of a file, with the possibility to put some back."""

    def __init__(self, file: BinaryIO, encoding: str | None = None) -> None:
        self._source = _read(file, encoding)
        self._back: list[Line] = []

    def take(self) -> Line | None:
        """The next line; None at the end of the file."""
        if self._back:
            return self._back.pop()
        return next(self._source, None)

    def put_back(self, lines: list[Line]) -> None:
        """Lines that `take` gave, in their order; they come again."""
        self._back.extend(reversed(lines))


def _read(file: BinaryIO, encoding: str | None) -> Iterator[Line]:
    start = file.read(_CHUNK)
    file.seek(0)
    for mark, name in _BOMS:
        if start.startswith(mark):
            yield from _read_wide(file, name)
            return
    if start.startswith(b"PK\x03\x04"):
        raise UnreadableFile("this is a workbook or an archive; save the sheet as CSV UTF-8")
    if start.count(b"\0") * 10 > len(start):
        raise UnreadableFile("this is no text file; save the sheet as CSV UTF-8")
    if b"\r" in start and b"\n" not in start:
        raise UnreadableFile("the lines end with CR only; save the file as CSV UTF-8")
    number = 0
    while raw := file.readline(LINE_LIMIT):
        number += 1
        too_long = len(raw) == LINE_LIMIT and not raw.endswith(b"\n")
        complete = raw.endswith(b"\n") or too_long
        if too_long:
            while rest := file.readline(LINE_LIMIT):
                if rest.endswith(b"\n"):
                    break
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        yield Line(number, decode_line(raw, encoding), too_long, complete)


def _read_wide(file: BinaryIO, encoding: str) -> Iterator[Line]:
    """UTF-16, as spreadsheets write for "Unicode text"."""
    file.seek(2)
    number, held, skipping = 0, b"", False
    while chunk := file.read(_CHUNK):
        held += chunk
        while (end := _wide_end(held, encoding)) is not None:
            raw, held = held[:end], held[end:]
            if not skipping:
                number += 1
                yield Line(number, raw.decode(encoding, "replace"))
            skipping = False
        if len(held) > LINE_LIMIT:
            if not skipping:
                number += 1
                yield Line(number, held[:_CHUNK].decode(encoding, "replace"), too_long=True)
            held, skipping = held[len(held) // 2 * 2 :], True
    if held and not skipping:
        yield Line(number + 1, held.decode(encoding, "replace"), complete=False)


def _wide_end(held: bytes, encoding: str) -> int | None:
    """Where the first line ends; the two bytes of a line end begin at an even place."""
    end = "\n".encode(encoding)
    at = held.find(end)
    while at >= 0 and at % 2:
        at = held.find(end, at + 1)
    return at + 2 if at >= 0 else None


def decode_line(raw: bytes, encoding: str | None) -> str:
    """The text of a line: in the encoding named, else UTF-8, else Windows-1252.

    Line by line, since files are pasted together from several; and the same line reads the same in every file, which
    its identity depends on. Text of Windows-1252 that is UTF-8 by chance does not occur in words.
    """
    if encoding:
        return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
