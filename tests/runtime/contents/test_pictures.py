"""What photos tell beside the picture, and that it is gone; what a file is by its content."""

import io
import struct
import zipfile

import pytest

from runtime.contents.examining import BadContent, without_traces
from runtime.contents.kinds import ALLOWED, kind_of

from .samples import JFIF, SCAN, TABLE, chunk, exif, jpeg, segment

OFFICE = "application/vnd.openxmlformats-officedocument"


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


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


def test_what_stands_between_the_scans_of_a_photo_goes_too() -> None:
    scan = b"\xff\xda\x00\x02" + b"halus\xff\x00\xff\xd3"
    table = segment(0xC4, bytes(4))
    whole = b"\xff\xd8" + JFIF + scan + segment(0xFE, b"Siti") + table + SCAN + b"ekor"
    assert without_traces(whole, "image/jpeg") == (b"\xff\xd8" + JFIF + scan + table + SCAN, None)
    cut_off = b"\xff\xd8" + JFIF + scan
    assert without_traces(cut_off, "image/jpeg") == (cut_off, None)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    inside = b"WEBP" + b"".join(n + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for n, b in chunks)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def test_webp_too() -> None:
    head, picture, profile = bytes([0x2C]) + bytes(9), (b"VP8 ", b"gambar!"), (b"ICCP", b"warna!")
    told = [(b"EXIF", exif(">")), (b"XMP ", b"<x>Siti</x>"), (b"Siti", b"apa saja")]
    whole = riff((b"VP8X", head), profile, picture, *told) + b"ekor Siti"
    assert kind_of(whole, None) == "image/webp"
    clean, position = without_traces(whole, "image/webp")
    assert position == (-3.294511, 102.861417)
    assert clean[: clean.index(b"EXIF")].endswith(riff(profile, picture)[12:])
    assert not any(word in clean for word in (b"Siti", b"KameraX"))
    assert clean[20] == 0x28, "it says that there is Exif, for its turn, and that there is no XMP"
    assert without_traces(clean, "image/webp") == (clean, None)
    plain = riff((b"VP8X", bytes([0x20]) + bytes(9)), picture)
    assert without_traces(riff((b"VP8X", bytes([0x24]) + bytes(9)), picture, told[1]), "image/webp") == (plain, None)


def test_gif_too() -> None:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    picture = b"\x21\xf9\x04\0\0\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    told = b"\x21\xfe\x04Siti\0" + b"\x21\xff\x0bXMP DataXMP\x04Siti\0"
    whole = head + loop + told + picture + b";Siti"
    assert without_traces(whole, "image/gif") == (head + loop + picture + b";", None)


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
        with pytest.raises(BadContent):
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
