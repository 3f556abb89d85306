"""What a file is, by its content: what its sender declares is a hint, no more."""

import io
import struct
import zipfile

import puremagic

ALLOWED = frozenset(
    {
        *(f"image/{each}" for each in ("jpeg", "png", "webp", "gif", "heic", "heif", "tiff", "bmp", "avif")),
        *(f"audio/{each}" for each in ("ogg", "mpeg", "mp4", "aac", "amr", "wav", "x-m4a", "webm", "flac")),
        *(f"video/{each}" for each in ("mp4", "3gpp", "quicktime", "webm", "mpeg", "x-msvideo", "x-matroska")),
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        *(
            f"application/vnd.openxmlformats-officedocument.{each}"
            for each in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
        ),
        *(f"application/vnd.oasis.opendocument.{each}" for each in ("text", "spreadsheet", "presentation")),
    }
)
"""What goes on to hubs: pictures, sounds, films, documents."""

_SAME = {
    "application/ogg": "audio/ogg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "video/3gpp2": "video/3gpp",
    "video/x-m4v": "video/mp4",
    "audio/m4a": "audio/mp4",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/heic-sequence": "image/heic",
}
_MARKS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
)
"""Of these the library lists several names; the marks say enough."""
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
}
"""What boxes of pictures call themselves (ISO/IEC 23008-12)."""
_CONTAINERS = {"video/mp4", "audio/mp4", "video/webm", "audio/webm"}
"""One mark for several kinds: here the declared type decides which of those it is."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_ODF = b"mimetypeapplication/vnd.oasis.opendocument."
_UNKNOWN = "application/octet-stream"


def kind_of(content: bytes, declared: str | None) -> str:
    """The media type of a content. `declared` only tells apart what one container may be."""
    said = _SAME.get(declared or "", declared or "")
    for mark, kind in _MARKS:
        if content.startswith(mark):
            return kind
    if content[4:8] == b"ftyp" and content[8:12] in _BRANDS:
        return _BRANDS[content[8:12]]
    if content.startswith(_ZIP):
        return _zipped(content)
    if content.startswith(_OLE):
        return said if said.startswith(("application/msword", "application/vnd.ms-")) else "application/x-ole-storage"
    return _recognised(content, said)


def _recognised(content: bytes, said: str) -> str:
    try:
        found = [_SAME.get(each.mime_type, each.mime_type) for each in puremagic.magic_string(content[:65536])]
    except (puremagic.PureError, ValueError):
        return _UNKNOWN
    names = [each for each in found if each]
    if said in names:
        return said
    best = names[0] if names else _UNKNOWN
    if best in _CONTAINERS and said.partition("/")[2] == best.partition("/")[2]:
        return said
    return best


def _zipped(content: bytes) -> str:
    """An office document by the names in it; nothing is unpacked. One with programs in it is an archive like any."""
    if content[30 : 30 + len(_ODF)] == _ODF:
        kind = content[38:110].partition(b"PK")[0].decode("ascii", "replace")
        return kind if kind in ALLOWED else "application/zip"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, struct.error, OSError):
        return "application/zip"
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return "application/zip"
    return next(
        (kind for start, kind in _OFFICE.items() if any(name.startswith(start) for name in names)), "application/zip"
    )
