"""The body of an answer, unpacked as it arrives and never beyond a limit: a few bytes can be packed gigabytes."""

import codecs
import re
import zlib

from connectors.rest.trouble import BadAnswer, NoAnswer

_GZIP = 31
"""To zlib: the format gzip with the largest window."""
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


class Body:
    """Takes a body piece by piece."""

    def __init__(self, encoding: str, limit: int) -> None:
        """`encoding` is the header `Content-Encoding`; `limit` counts bytes of the unpacked body.

        Raises:
            BadAnswer: it is packed in a way that was not asked for.
        """
        packed = encoding.strip().lower()
        if packed not in ("", "identity", "gzip", "x-gzip"):
            raise BadAnswer(f'the answer is packed as "{packed[:40]}", which was not asked for; only gzip is read')
        self._unpacker = zlib.decompressobj(_GZIP) if "gzip" in packed else None
        self._limit = limit
        self._content = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take a piece.

        Raises:
            BadAnswer: the body is larger than the limit, or is no gzip.
        """
        if self._unpacker is None:
            self._add(piece)
            return
        try:
            while piece:
                self._add(self._unpacker.decompress(piece, self._limit + 1 - len(self._content)))
                piece = self._unpacker.unconsumed_tail
                if self._unpacker.eof and self._unpacker.unused_data:
                    # Several packed pieces, one after the other, are one body (RFC 1952, 2.2).
                    piece, self._unpacker = self._unpacker.unused_data, zlib.decompressobj(_GZIP)
        except zlib.error as error:
            raise BadAnswer("the answer says that it is packed by gzip, and is not") from error

    def whole(self) -> bytes:
        """The body.

        Raises:
            NoAnswer: it broke off.
        """
        if self._unpacker is not None and not self._unpacker.eof and self._content:
            raise NoAnswer("the answer broke off")
        return bytes(self._content)

    def _add(self, piece: bytes) -> None:
        self._content += piece
        if len(self._content) > self._limit:
            raise BadAnswer(
                f"the answer is larger than {self._limit} bytes: ask for smaller pages, or raise the setting `max_body`"
            )


def in_utf8(content: bytes, content_type: str, media_type: str) -> bytes:
    """JSON that its server says is in another charset, in UTF-8. XML says itself what it is in."""
    found = _CHARSET.search(content_type)
    if found is None or media_type.endswith("xml"):
        return content
    try:
        codec = codecs.lookup(found[1])
        if codec.name == "utf-8" or not getattr(codec, "_is_text_encoding", True):
            return content
        return content.decode(codec.name, "replace").encode()
    except LookupError:
        return content
