"""Photos and films made of boxes: what they tell is overwritten, and everything else stands where it stood."""

import struct

import pytest

from runtime.contents.examining import BadContent, examine, without_traces

from .samples import exif


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + name + body


def film(*of_the_film: bytes, of_the_track: bytes = b"", brand: bytes = b"isom") -> bytes:
    track = box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"mdhd", bytes(24))), of_the_track)
    return (
        box(b"ftyp", brand, bytes(4), brand)
        + box(b"moov", box(b"mvhd", bytes(100)), track, *of_the_film)
        + struct.pack(">I4sQ", 1, b"mdat", 16 + 6)
        + b"gambar"
    )


ANDROID = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", 18, 0x15C7), b"-03.2945+102.8614/"))
APPLE = box(b"meta", bytes(4), box(b"ilst", b"location.ISO6709 -03.2945+102.8614+127.000/ iPhone Siti"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (film(ANDROID), "video/mp4"),
        (film(APPLE, box(b"uuid", bytes(16), b"<x>Siti</x>")), "video/mp4"),
        (film(of_the_track=ANDROID, brand=b"qt  "), "video/quicktime"),
        (film(ANDROID, brand=b"3gp4"), "video/3gpp"),
        (film(ANDROID, brand=b"M4A "), "audio/mp4"),
    ],
)
def test_a_film_tells_its_place_and_keeps_nothing_of_it(content: bytes, kind: str) -> None:
    found = examine(content, kind)
    assert (found.kind, found.position) == (kind, (-3.2945, 102.8614))
    assert not any(word in found.content for word in (b"102.86", b"Siti", b"iPhone", b"udta", b"uuid"))
    assert len(found.content) == len(content), "nothing may move: tables in the file count its bytes"
    assert found.content.index(b"gambar") == content.index(b"gambar")
    assert without_traces(found.content, kind) == (found.content, None)


def photo(brand: bytes = b"heic", *, method: int = 0) -> tuple[bytes, bytes]:
    """A photo with Exif, XMP and a picture; and what of it stands before those."""
    told = struct.pack(">I", 6) + b"Exif\0\0" + exif(">")
    words, picture = b"<x>Siti</x>", b"gambar"
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand)

    def information(ident: int, kind: bytes, more: bytes = b"") -> bytes:
        return box(b"infe", b"\2\0\0\0", struct.pack(">HH", ident, 0), kind, b"\0", more)

    def meta(at: int) -> bytes:
        table = b"\1\0\0\0" + struct.pack(">BBH", 0x44, 0x40, 3)
        for ident, length in ((1, len(picture)), (2, len(told)), (3, len(words))):
            table += struct.pack(">HHHIHII", ident, method if ident > 1 else 0, 0, at, 1, 0, length)
            at += length
        infos = information(1, b"hvc1"), information(2, b"Exif"), information(3, b"mime", b"application/rdf+xml\0")
        return box(b"meta", bytes(4), box(b"iinf", bytes(4), struct.pack(">H", 3), *infos), box(b"iloc", table))

    before = head + meta(len(head) + len(meta(0)) + 8)
    return before + box(b"mdat", picture, told, words), before


@pytest.mark.parametrize(("brand", "kind"), [(b"heic", "image/heic"), (b"avif", "image/avif")])
def test_a_photo_in_boxes_tells_its_place_and_keeps_nothing_of_it(brand: bytes, kind: str) -> None:
    content, before = photo(brand)
    found = examine(content, kind)
    assert (found.kind, found.position) == (kind, (-3.294511, 102.861417))
    assert found.content.startswith(before), "tables and properties stay"
    assert found.content[len(before) + 8 :].startswith(b"gambar" + bytes(4) + b"MM\x00\x2a")
    assert not any(word in found.content for word in (b"Siti", b"KameraX"))
    assert len(found.content) == len(content)
    assert without_traces(found.content, kind) == (found.content, None)


def test_what_cannot_be_taken_apart_goes_to_nobody() -> None:
    heic, mp4 = photo()[0], film(ANDROID)
    broken = [
        (photo(method=2)[0], "image/heic"),  # made of other items
        (heic[:-40], "image/heic"),  # the items are cut off
        (mp4[:20] + b"\x7f" + mp4[21:], "video/mp4"),  # a box that is larger than the file
        (box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"free") * 20_001), "video/mp4"),
    ]
    for content, kind in broken:
        with pytest.raises(BadContent, match="damaged"):
            without_traces(content, kind)
    assert without_traces(mp4[:-3], "video/mp4")[1] == (-3.2945, 102.8614), "only its pictures are cut off"
