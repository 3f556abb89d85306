"""Office documents, which are ZIP files: the entries that name author, company and dates are overwritten where they
stand, each by properties that tell nothing and fill its place. Nothing moves, and nothing is unpacked.

ECMA-376 part 2 (`docProps/…`) and OpenDocument 1.2 part 3 (`meta.xml`); APPNOTE 4.3 for the fields of a ZIP file. What
stands in the text itself stays: comments, tracked changes, pictures with what they tell.
"""

import io
import struct
import zipfile
import zlib

from runtime.contents.exif import Position

_OFFICE = "http://schemas.openxmlformats.org"
_TELLING = {
    "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_OFFICE}/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": f'<Properties xmlns="{_OFFICE}/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": f'<Properties xmlns="{_OFFICE}/officeDocument/2006/custom-properties"/>',
    "meta.xml": '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
}
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_CENTRAL_MARK, _LOCAL_MARK, _LOCAL_LENGTH = b"PK\x01\x02", b"PK\x03\x04", 30
_LOCKED_OR_FOLLOWED = 0x0001 | 0x0008
"""Flags: encrypted; or the sizes follow the content, which they need not any more."""


def document(content: bytes) -> tuple[bytes, Position | None]:
    """A document without the properties beside its text. An entry too small to hold any is left.

    Raises `ValueError` or `struct.error` when it cannot be taken apart.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries, place = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ValueError("no ZIP file") from error
    whole = bytearray(content)
    for entry in entries:
        mark, *fields = _CENTRAL.unpack_from(content, place)
        if mark != _CENTRAL_MARK:
            raise ValueError("no directory where one is named")
        properties = _TELLING.get(entry.filename)
        if properties is not None and entry.compress_size >= len(properties):
            _overwrite(whole, place, entry, properties.encode().ljust(entry.compress_size))
        place += _CENTRAL.size + sum(fields[9:12])
    return bytes(whole), None


def _overwrite(whole: bytearray, place: int, entry: zipfile.ZipInfo, told: bytes) -> None:
    """Put a content, stored as it is, where another one of that length was; and say so in both places that name it."""
    local = entry.header_offset
    if whole[local : local + 4] != _LOCAL_MARK:
        raise ValueError("no entry where one is named")
    name, extra = struct.unpack_from("<2H", whole, local + 26)
    start = local + _LOCAL_LENGTH + name + extra
    if start + len(told) > place:
        raise ValueError("an entry reaches into the directory")
    whole[start : start + len(told)] = told
    for flags, method, sizes in ((local + 6, local + 8, local + 14), (place + 8, place + 10, place + 16)):
        (given,) = struct.unpack_from("<H", whole, flags)
        struct.pack_into("<H", whole, flags, given & ~_LOCKED_OR_FOLLOWED)
        struct.pack_into("<H", whole, method, zipfile.ZIP_STORED)
        struct.pack_into("<3I", whole, sizes, zlib.crc32(told), len(told), len(told))
