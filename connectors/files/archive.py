"""A workbook (ECMA-376, a ZIP of XML) is measured before it is read: a few bytes can unpack to gigabytes.

What is inside is copied, bounded, into an archive of our own: the reader after us sees only what was measured here.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from connectors.files.lines import UnreadableFile

EXPANDED_LIMIT = 128 * 1024 * 1024
"""Bytes of all parts together, unpacked; 10,000 rows of a recap are about 20 MiB."""
CELL_LIMIT = 3_000_000
"""Cells between the first and the last that is filled in; the reader allocates all of them."""
_PARTS = 2_000
_CHUNK = 256 * 1024
_MAGIC, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_RESAVE = "open it, and save it again as Excel workbook (.xlsx), or the sheet as CSV UTF-8"


def is_workbook(start: bytes) -> bool:
    """Whether a file begins as workbooks do: the current kind, or the old and the encrypted one, which are refused."""
    return start.startswith((_MAGIC, _OLE))


def measured(file: BinaryIO) -> io.BytesIO:
    """The workbook without pictures, macros and other luggage, no larger than allowed.

    Raises:
        UnreadableFile: it is no workbook, is encrypted or damaged, or unpacks to more than is allowed.
    """
    file.seek(0)
    start = file.read(len(_OLE))
    if start == _OLE:
        file.seek(0)
        if _ENCRYPTED in file.read(4 * _CHUNK):
            raise UnreadableFile("the workbook is protected by a password; save it without one")
        raise UnreadableFile(f"this is a workbook of an old Excel (.xls); {_RESAVE}")
    if not start.startswith(_MAGIC):
        raise UnreadableFile(f"this is no workbook, although its name says so; {_RESAVE}")
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(file) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as out:
            left = EXPANDED_LIMIT
            for name, content in _parts(archive, left):
                left -= len(content)
                out.writestr(name, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError):
        raise UnreadableFile(f"the workbook is damaged or broke off; {_RESAVE}") from None
    _check_extent(copy)
    copy.seek(0)
    return copy


def _parts(archive: zipfile.ZipFile, left: int) -> Iterator[tuple[str, bytes]]:
    infos = archive.infolist()
    if len(infos) > _PARTS:
        raise UnreadableFile(f"the workbook holds more than {_PARTS} parts; {_RESAVE}")
    seen = set[str]()
    for info in infos:
        if info.flag_bits & 1:
            raise UnreadableFile("the workbook is protected by a password; save it without one")
        if not info.filename.endswith((".xml", ".rels")) or info.filename in seen:
            continue
        seen.add(info.filename)
        content = bytearray()
        with archive.open(info) as part:
            while chunk := part.read(_CHUNK):
                content += chunk
                if len(content) > left:
                    raise UnreadableFile(
                        f"the workbook unpacks to more than {EXPANDED_LIMIT // 2**20} MiB; split the sheet, or save it"
                        " as CSV UTF-8"
                    )
        left -= len(content)
        yield info.filename, bytes(content)


def _check_extent(copy: io.BytesIO) -> None:
    """Refuse a sheet whose cells lie far apart or repeat a long text too often: all of it would be held in memory."""
    with zipfile.ZipFile(copy) as archive:
        names = archive.namelist()
        try:
            lengths = [length for name in names for length in _texts(archive, name)]
            for name in names:
                _check_sheet(archive, name, lengths)
        except etree.XMLSyntaxError:
            raise UnreadableFile(f"the workbook is damaged; {_RESAVE}") from None


def _events(archive: zipfile.ZipFile, name: str, tag: str) -> Iterator[etree._Element]:
    with archive.open(name) as part:
        for _, element in etree.iterparse(part, tag=tag, resolve_entities=False, no_network=True, load_dtd=False):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _texts(archive: zipfile.ZipFile, name: str) -> Iterator[int]:
    """The lengths of the texts that cells share, in order."""
    if name.casefold().endswith("sharedstrings.xml"):
        for text in _events(archive, name, "{*}si"):
            yield sum(len(piece) for piece in text.itertext())


def _check_sheet(archive: zipfile.ZipFile, name: str, lengths: list[int]) -> None:
    rows, columns, characters, row, column = 0, 0, 0, 0, 0
    for cell in _events(archive, name, "{*}c") if "worksheet" in name.casefold() else ():
        if len(cell) == 0:
            continue
        row, column = _position(cell.get("r"), row, column)
        rows, columns = max(rows, row), max(columns, column)
        if cell.get("t") == "s":
            index = cell.findtext("{*}v", "")
            characters += lengths[int(index)] if index.isdecimal() and int(index[:9]) < len(lengths) else 0
        if rows * columns > CELL_LIMIT or characters > EXPANDED_LIMIT:
            raise UnreadableFile(
                f"a sheet reaches to row {rows}, column {columns}, which is more than can be read at once; delete what"
                " is far outside the table, split it, or save it as CSV UTF-8"
            )


def _position(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column, from 1, of a reference such as `AB12`; a cell without one follows the last."""
    letters = (reference or "").rstrip("0123456789")
    digits = (reference or "")[len(letters) :]
    if not letters.isascii() or not letters.isalpha() or not digits or len(letters) > 3 or len(digits) > 7:
        return max(row, 1), column + 1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return int(digits), number
