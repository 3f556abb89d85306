"""A workbook (ECMA-376, a ZIP of XML) is measured before it is read: a few bytes can unpack to gigabytes.

What is inside is copied, bounded, into an archive of our own: the reader after us sees only what was measured here.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from connectors.files.extent import BadPart, Extent, TooWide
from connectors.files.lines import UnreadableFile

EXPANDED_LIMIT = 128 * 1024 * 1024
"""Bytes of all parts together, unpacked; 10,000 rows of a recap are about 20 MiB."""
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
    extent = Extent()
    with zipfile.ZipFile(copy) as archive:
        for name in archive.namelist():
            try:
                with archive.open(name) as part:
                    extent.add(iter(lambda: part.read(_CHUNK), b""))
            except TooWide as error:
                raise UnreadableFile(
                    f"{error}, which is more than can be read at once; delete what is far outside the table, split it,"
                    " or save it as CSV UTF-8"
                ) from None
            except BadPart:
                raise UnreadableFile(f"the workbook is damaged; {_RESAVE}") from None
