"""What photos tell beside the picture, and that it is gone; what a file is by its content."""

import io
import struct
import zipfile
import zlib

import pytest

from connectors.media.kinds import ALLOWED, kind_of
from connectors.media.photos import BadPicture, without_traces

SCAN = b"\xff\xda\x00\x02" + b"gambar\xff\x00\xff\xd0lagi" + b"\xff\xd9"
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
TABLE = b"\xff\xdb\x00\x05\x00\x01\x02"


OFFICE = "application/vnd.openxmlformats-officedocument"


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


def exif(
    order: str = "<", *, turn: int = 6, south: bytes = b"S", degrees: tuple[int, ...] = (3, 1, 17, 1, 4024, 100)
) -> bytes:
    """TIFF with a turn, a camera and a place: 3° 17' 40.24" S, 102° 51' 41.1" E."""
    mark = b"II\x2a\x00" if order == "<" else b"MM\x00\x2a"
    gps, values = 8 + 2 + 36 + 4, 8 + 2 + 36 + 4 + 2 + 48 + 4
    camera = values + 48
    first = [(0x010F, 2, 8, struct.pack(f"{order}I", camera)), (0x0112, 3, 1, struct.pack(f"{order}HH", turn, 0))]
    first.append((0x8825, 4, 1, struct.pack(f"{order}I", gps)))
    place = [(1, 2, 2, south + b"\0\0\0"), (2, 5, 3, struct.pack(f"{order}I", values)), (3, 2, 2, b"E\0\0\0")]
    place.append((4, 5, 3, struct.pack(f"{order}I", values + 24)))
    tiff = mark + struct.pack(f"{order}I", 8)
    for entries in (first, place):
        tiff += struct.pack(f"{order}H", len(entries))
        tiff += b"".join(struct.pack(f"{order}HHI4s", *each) for each in entries) + bytes(4)
    return tiff + struct.pack(f"{order}6I", *degrees) + struct.pack(f"{order}6I", 102, 1, 51, 1, 411, 10) + b"KameraX\0"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes, tail: bytes = b"") -> bytes:
    return b"\xff\xd8" + JFIF + b"".join(segments) + TABLE + SCAN + tail


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_tells_its_place_and_keeps_nothing_but_its_turn(order: str) -> None:
    secrets = [segment(0xE1, b"Exif\0\0" + exif(order)), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>Siti</x>")]
    secrets += [segment(0xED, b"Photoshop 3.0\0Siti"), segment(0xFE, b"Siti"), segment(0xE2, b"MPF\0Siti")]
    profile = segment(0xE2, b"ICC_PROFILE\0warna")
    clean, position = without_traces(jpeg(*secrets, profile, tail=b"\xff\xd8 pratinjau KameraX"), "image/jpeg")
    assert position == (-3.294511, 102.861417)
    assert not any(word in clean for word in (b"Siti", b"KameraX", b"adobe", b"pratinjau"))
    assert clean.endswith(profile + TABLE + SCAN)
    again, nothing = without_traces(clean, "image/jpeg")
    assert (again, nothing) == (clean, None), "the turn stays, and nothing is left to take out"
    assert b"\x01\x12\x00\x03" in clean


def test_png_too() -> None:
    head = chunk(b"IHDR", bytes(13))
    told = (
        chunk(b"eXIf", exif(">")) + chunk(b"tEXt", b"Author\0Siti") + chunk(b"iTXt", b"Siti") + chunk(b"tIME", bytes(7))
    )
    rest = chunk(b"IDAT", b"gambar") + chunk(b"IEND", b"")
    mark = b"\x89PNG\r\n\x1a\n"
    assert without_traces(mark + head + told + rest + b"Siti", "image/png") == (
        mark + head + rest,
        (-3.294511, 102.861417),
    )


@pytest.mark.parametrize(
    "tiff",
    [
        b"", b"II", b"XX\x2a\x00\x08\0\0\0", exif()[:60], exif(degrees=(3, 0, 17, 0, 1, 0)),
        exif(degrees=(300, 1, 0, 1, 0, 1)), b"II\x2a\x00\xff\xff\xff\xff", b"II\x2a\x00\x08\0\0\0\xff\xff" + bytes(99),
    ],
)  # fmt: skip
def test_damaged_exif_tells_nothing_and_goes_all_the_same(tiff: bytes) -> None:
    clean, position = without_traces(jpeg(segment(0xE1, b"Exif\0\0" + tiff)), "image/jpeg")
    assert position is None
    assert clean.endswith(JFIF + TABLE + SCAN)
    assert len(clean) <= len(jpeg()) + 40


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8XX", b"\x89PNG\r\n\x1a\n\0\0\0\x09"]
)
def test_what_cannot_be_taken_apart_goes_to_nobody(content: bytes) -> None:
    for kind in ("image/jpeg", "image/png"):
        with pytest.raises(BadPicture):
            without_traces(content, kind)
    assert without_traces(content, "application/pdf") == (content, None)


@pytest.mark.parametrize(
    ("content", "declared", "kind"),
    [
        (jpeg(), "application/pdf", "image/jpeg"),
        (b"%PDF-1.7\n", None, "application/pdf"),
        (b"OggS\0\x02" + bytes(40), "audio/ogg", "audio/ogg"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20), None, "image/webp"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "video/mp4", "video/mp4"),
        (zipped("[Content_Types].xml", "word/document.xml"), "image/jpeg", f"{OFFICE}.wordprocessingml.document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), None, f"{OFFICE}.spreadsheetml.sheet"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "application/msword", "application/msword"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, declared: str | None, kind: str) -> None:
    assert kind_of(content, declared) == kind
    assert kind in ALLOWED


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + bytes(90),
        b"\x7fELF" + bytes(60),
        b"<html><script>x</script>",
        b"#!/bin/sh\nrm",
        b"halo",
        b"PK\x03\x04" + bytes(60),
        zipped("a.exe"),
        zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        b"\xd0\xcf\x11\xe0" + bytes(60),
        b"<svg>",
    ],
)
def test_programs_pages_and_archives_go_to_nobody_whatever_they_claim(content: bytes) -> None:
    for declared in ("image/jpeg", "image/png", "application/pdf", None):
        assert kind_of(content, declared) not in ALLOWED
