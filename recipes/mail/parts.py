"""The MIME structure of a mail: a tree of parts that are slices of the raw bytes (RFC 2045, 2046).

Written for mails that nobody vouches for: the standard library's parser recurses once a level, tests every line against
every open boundary, and re-writes an attached message when its bytes are asked for. Here an attached message stays the
bytes that came, depth and number of parts have ceilings, and the work grows with the size of the mail alone.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from recipes.mail.charsets import reads_as_text
from recipes.mail.cms import signed_content
from recipes.mail.headers import Headers, decode_base64, decode_words, parse_parameters, split_headers
from recipes.mail.limits import DEFAULT_LIMITS, Limits, MailError
from recipes.mail.tnef import files_as_mail

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_SIGNED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SHORT_TYPES: Final = {"text": "text/plain", "html": "text/html", "plain": "text/plain"}
_UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*", re.MULTILINE)
_UU_LETTERS: Final = bytes(code if 32 <= code <= 96 else 32 for code in range(256))
"""Everything outside the alphabet of uuencode read as a space, which is zero."""
_HEADER_OF_MAIL: Final = re.compile(
    r"from|to|cc|bcc|subject|date|sender|reply-to|return-path|message-id|mime-version|received|delivered-to|in-reply-to"
    r"|references|auto-submitted|precedence|dkim-signature|(content|list|resent|arc|x)-.+"
)
"""Any of these makes a mail of what came."""
_BOUNDARY_LENGTH: Final = 250
_LIKELY_BOUNDARY: Final = re.compile(rb"(?:^|[\r\n])--([!-~]{1,70})[ \t]*\r?\n(?=[Cc]ontent-)")
"""A delimiter that a header of a part follows, for mails that do not say what parts theirs."""
_FILENAME_LENGTH: Final = 150


@dataclass(slots=True)
class Part:
    """One MIME entity: a leaf with content, or a multipart with children."""

    data: bytes = field(repr=False)
    headers: Headers
    body_start: int
    body_end: int
    media_type: str
    """Without parameters, lower case; `text/plain` where the mail says nothing usable."""
    parameters: dict[str, str]
    disposition: str
    """`inline`, `attachment`, or empty."""
    filename: str | None
    """As the sender named it, without any path."""
    content_id: str | None
    encoding: str
    """Content-Transfer-Encoding in lower case."""
    index: int = -1
    """Ordinal of a leaf among the leaves; -1 for a multipart."""
    children: list["Part"] = field(default_factory=list)

    def content(self) -> bytes:
        """The content with its transfer encoding undone; what cannot be undone is given as it came."""
        body = self.data[self.body_start : self.body_end]
        if self.encoding == "base64":
            decoded = decode_base64(body)
            return body if self.media_type.startswith("text/") and _is_words(body, decoded) else decoded
        if self.encoding == "quoted-printable":
            return binascii.a2b_qp(body)
        if self.encoding in ("x-uuencode", "uuencode", "x-uue"):
            return _uudecode(body)
        return body

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the mail."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))

    def leaves(self) -> list["Part"]:
        """The parts with content, by `index`."""
        return [part for part in self.walk() if part.index >= 0]


def _is_words(body: bytes, decoded: bytes) -> bool:
    """Whether a text announced as Base64 is none: some programs say so and send words, which decode to noise."""
    first = body.lstrip().split(b"\n", 1)[0].strip()
    return b" " in first and not reads_as_text(decoded, strictly=True) and reads_as_text(body)


def _uudecode(body: bytes) -> bytes:
    """The content between `begin` and `end`; a body without a `begin` line is given as it came."""
    beginning = _UU_BEGIN.search(body)
    if beginning is None:
        return body
    content = bytearray()
    for line in body[beginning.end() :].splitlines():
        if line.strip() == b"end":
            break
        letters = line.translate(_UU_LETTERS)
        if letters:
            # The first letter says how many bytes follow; whatever stands behind those is a checksum or damage.
            content += binascii.a2b_uu(letters[: 1 + (((letters[0] - 32) & 63) * 4 + 2) // 3])
    return bytes(content)


def _safe_filename(value: str | None) -> str | None:
    if value is None:
        return None
    name = re.split(r"[/\\]", re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", decode_words(value)))[-1].strip(
        " \"'"
    )
    if name in ("", ".", ".."):
        return None
    if len(name) > _FILENAME_LENGTH:
        stem, dot, suffix = name.rpartition(".")
        keep = f".{suffix}" if dot and len(suffix) <= 10 else ""
        name = (stem or name)[: _FILENAME_LENGTH - len(keep)] + keep
    return name


def _opener(media_type: str, filename: str | None) -> Callable[[bytes], bytes | None] | None:
    """What takes a mail out of a part that wraps one; None for any other part."""
    if media_type in _SIGNED:
        return signed_content
    return files_as_mail if media_type in _TNEF or (filename or "").lower() == "winmail.dat" else None


class _Parser:
    def __init__(self, raw: bytes, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._parts = 0
        self._leaves = 0
        self.notes: list[str] = []

    def note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def parse(self, start: int, end: int, *, depth: int = 0, default: str = "text/plain") -> Part:
        self._parts += 1
        headers, body_start = split_headers(self._raw, start, end, self._limits)
        for note in headers.notes:
            self.note(note)
        media_type, parameters = parse_parameters(headers.text("content-type"))
        media_type = media_type.split(" ", 1)[0]  # `multipart/mixed boundary=x`, its semicolon forgotten
        disposition, about = parse_parameters(headers.text("content-disposition"))
        filename = _safe_filename(about.get("filename") or parameters.get("name"))
        if not _MEDIA_TYPE.fullmatch(media_type):
            unknown = "application/octet-stream" if media_type and filename else default
            media_type = _SHORT_TYPES.get(media_type, unknown)
        part = Part(
            data=self._raw,
            headers=headers,
            body_start=body_start,
            body_end=end,
            media_type=media_type,
            parameters=parameters,
            disposition=disposition if disposition in ("inline", "attachment") or not disposition else "attachment",
            filename=filename,
            content_id=headers.text("content-id").strip("<> ") or None,
            encoding=headers.text("content-transfer-encoding").split(";")[0].strip().lower(),
        )
        if media_type.startswith("multipart/"):
            self._divide(part, depth)
        elif depth < self._limits.depth and (open_ := _opener(media_type, filename)) is not None:
            self._unwrap(part, open_, depth)
        if not part.children:
            if part.media_type.startswith("multipart/") and depth < self._limits.depth:
                part.media_type = "text/plain"  # announced as several parts, and is one
            part.index = self._leaves
            self._leaves += 1
        return part

    def _divide(self, part: Part, depth: int) -> None:
        if depth >= self._limits.depth:
            self.note("nesting_cut")
            return
        boundary = part.parameters.get("boundary", "").rstrip()
        slices = self._slices(part, boundary) if boundary and len(boundary) <= _BOUNDARY_LENGTH else iter(())
        first = next(slices, None)
        if first is None:  # none is named, or another one than is written
            self.note("boundary_missing")
            likely = _LIKELY_BOUNDARY.search(self._raw, max(part.body_start - 1, 0), part.body_end)
            slices = self._slices(part, likely[1].decode()) if likely else iter(())
            first = next(slices, None)
        default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for start, end in chain([first] if first else (), slices):
            if self._parts >= self._limits.parts:
                self.note("parts_cut")
                break
            part.children.append(self.parse(start, end, depth=depth + 1, default=default))

    def _unwrap(self, part: Part, open_: Callable[[bytes], bytes | None], depth: int) -> None:
        """What lies within a wrapping, as the one part below."""
        content = open_(part.content())
        if content is not None and content.strip():
            whole, self._raw = self._raw, content
            part.children.append(self.parse(0, len(content), depth=depth + 1))
            self._raw = whole

    def _slices(self, part: Part, boundary: str) -> Iterator[tuple[int, int]]:
        """The children's bytes. A missing last delimiter is forgiven: what came is what there is."""
        mark = re.escape(boundary.encode("utf-8", "replace"))
        delimiter = re.compile(rb"--" + mark + rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
        start: int | None = None
        for found in delimiter.finditer(self._raw, part.body_start, part.body_end):
            if found.start() and self._raw[found.start() - 1] not in b"\r\n":
                continue
            if start is not None:
                yield start, self._before_line_end(start, found.start())
            if found.group(1):
                return
            start = found.end()
        if start is not None:
            self.note("boundary_unclosed")
            yield start, part.body_end

    def _before_line_end(self, start: int, end: int) -> int:
        """The line end in front of a delimiter belongs to the delimiter."""
        for ending in (b"\r\n", b"\n", b"\r"):
            if self._raw.endswith(ending, start, end):
                return end - len(ending)
        return end


def parse_parts(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Part, list[str]]:
    """The tree of a mail's parts, and notes on what was cut or mended.

    Raises `MailError` when the mail is empty or larger than `limits.message_bytes`, or when it is no mail at all.
    """
    if len(raw) > limits.message_bytes:
        raise MailError(
            f"The mail has {len(raw):,} bytes; at most {limits.message_bytes:,} are read. Raise the limit or "
            "have it sent smaller."
        )
    start = len(raw) - len(raw.lstrip(b"\r\n \t\xef\xbb\xbf"))
    if start == len(raw):
        raise MailError("The mail is empty: there is neither a header nor a text in it.")
    parser = _Parser(raw, limits)
    root = parser.parse(start, len(raw))
    if not any(_HEADER_OF_MAIL.fullmatch(name) for name, _ in root.headers.fields):
        if raw[start : start + 1] in (b"{", b"[", b"<", b"%") or not reads_as_text(raw[start : start + 4096]):
            raise MailError("This is no mail: there is neither a header nor plain text.")
        # Somebody's words without any header: all of it is text, `Lokasi: …` in its first line too.
        root.headers, root.body_start = Headers(), start
        parser.note("header_missing")
    return root, parser.notes
