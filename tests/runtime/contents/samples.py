"""Pictures with what cameras write into them."""

import struct
import zlib

SCAN = b"\xff\xda\x00\x02" + b"gambar\xff\x00\xff\xd0lagi" + b"\xff\xd9"
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
TABLE = b"\xff\xdb\x00\x05\x00\x01\x02"


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
