"""How far the sheets of a workbook reach, and how much text they hold, counted without keeping any of it."""

from array import array
from collections.abc import Iterable, Mapping

from lxml import etree

CELL_LIMIT = 3_000_000
"""Cells between the first and the last that is filled in, which the reader allocates."""
ELEMENT_LIMIT = 1_500_000
"""Cells, rows and shared texts that the file spells out; 100,000 rows of eight columns are 900,000."""
TEXT_LIMIT = 128 * 1024 * 1024
"""Characters in all cells: a text stands once in the file, however many cells show it."""


class TooWide(Exception):
    """A sheet is larger than can be read; says how large."""


class BadPart(Exception):
    """A part of the workbook is no XML, or has a document type, which no spreadsheet writes."""


class Extent:
    """Takes the parts of one workbook, in any order."""

    def __init__(self) -> None:
        self._lengths: array[int] = array("L")
        self._shown: array[int] = array("L")

    def add(self, chunks: Iterable[bytes]) -> None:
        """One part.

        Raises:
            TooWide: it, or the workbook so far, is too large.
            BadPart: it is no XML.
        """
        counter = _Counter(self._lengths, self._shown)
        parser = etree.XMLParser(target=counter, resolve_entities=False, no_network=True, load_dtd=False)
        try:
            for chunk in chunks:
                parser.feed(chunk)
            parser.close()
        except etree.XMLSyntaxError:
            raise BadPart from None
        lengths, total = self._lengths, 0
        for index in self._shown:
            total += lengths[index] if index < len(lengths) else 0
            if total > TEXT_LIMIT:
                raise TooWide(f"the texts of all cells have more than {TEXT_LIMIT // 2**20} million characters")


class _Counter:
    """What the parser tells, element by element; nothing is kept but counts."""

    def __init__(self, lengths: "array[int]", shown: "array[int]") -> None:
        self._lengths, self._shown = lengths, shown
        self._elements = self._row = self._column = self._rows = self._columns = 0
        self._shared: int | None = None
        """Characters of the shared text that is being read."""
        self._is_shared = self._is_filled = False
        self._index: str | None = None

    def doctype(self, *_: str | None) -> None:
        """A document type could hold entities that grow."""
        raise BadPart

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        if name in {"c", "row", "si"}:
            self._count()
        if name == "si":
            self._shared = 0
        elif name == "row":
            self._row = _number(attributes.get("r", "")) or self._row + 1
            self._column = 0
        elif name == "c":
            self._row, self._column = _position(attributes.get("r", ""), self._row, self._column)
            self._is_shared, self._is_filled = attributes.get("t") == "s", False
        elif name == "v" and self._is_shared:
            self._index = ""
        if name in {"v", "is", "f"}:
            self._is_filled = True

    def data(self, text: str) -> None:
        """Text, perhaps in pieces."""
        if self._shared is not None:
            self._shared += len(text)
        elif self._index is not None and len(self._index) < 10:
            self._index += text

    def end(self, tag: str) -> None:
        """An element ends."""
        name = tag.rpartition("}")[2]
        if name == "si":
            self._lengths.append(self._shared or 0)
            self._shared = None
        elif name == "v" and self._index is not None:
            index, self._index = _number(self._index), None
            if index is not None:
                self._shown.append(index)
        elif name == "c" and self._is_filled:
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
            if self._rows * self._columns > CELL_LIMIT:
                raise TooWide(f"a sheet reaches to row {self._rows}, column {self._columns}")

    def close(self) -> None:
        """The part ends."""

    def _count(self) -> None:
        self._elements += 1
        if self._elements > ELEMENT_LIMIT:
            raise TooWide(f"a part of the workbook has more than {ELEMENT_LIMIT} cells, rows or texts")


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _position(reference: str, row: int, column: int) -> tuple[int, int]:
    """Row and column, from 1, of a reference such as `AB12`; a cell without one follows the last."""
    letters = reference.rstrip("0123456789")
    number = _number(reference[len(letters) :])
    if number is None or not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return max(row, 1), column + 1
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - 64
    return number, found
