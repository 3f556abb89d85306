"""MP3: the tags before and behind the sound (ID3v2: title, artist, pictures, comments; ID3v1) are cut off."""

from runtime.contents.exif import Position

_HEAD, _OLD = 10, 128


def mp3(content: bytes) -> tuple[bytes, Position | None]:
    """The sound alone. Raises `ValueError` where nothing else is in it than tags."""
    start, end = 0, len(content)
    while content[start : start + 3] == b"ID3":
        length = 0
        for byte in content[start + 6 : start + _HEAD]:
            length = length << 7 | byte & 0x7F
        footer = _HEAD if content[start + 5 : start + 6] and content[start + 5] & 0x10 else 0
        start += _HEAD + length + footer
    if content[end - _OLD : end - _OLD + 3] == b"TAG":
        end -= _OLD
    if start >= end:
        raise ValueError("tags without a sound")
    return content[start:end], None
