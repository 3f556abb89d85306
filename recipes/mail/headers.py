"""Header fields: found in raw bytes, unfolded, decoded (RFC 5322, 2047, 2231), real deviations allowed."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from recipes.mail.charsets import decode, known_charset
from recipes.mail.limits import Limits

_END_OF_LINE: Final = re.compile(rb"\r\n|\n|\r")
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_USUAL_FIELD: Final = re.compile(
    rb"(?i)(from|to|cc|subject|date|sender|reply-to|message-id|mime-version|received|content-[a-z]+|x-[a-z-]+)[ \t]*:"
)
# An encoded word. Neither RFC 2047's length limit nor its ban on spaces and question marks inside is kept by real
# clients; the beginning of another word ends it, which also keeps the search linear.
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?=]|=(?!\?(?!=))|\?(?!=))*+)\?=")
_PARAMETER: Final = re.compile(r"""\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*+"?|[^;]*)\s*(?:;|$)""", re.DOTALL)
_FOOTER_BELOW_BASE64: Final = re.compile(rb"[\r\n](--|__|\*\*)")
_NOT_BASE64: Final = re.sub(rb"[A-Za-z0-9+/=]", b"", bytes(range(256)))
_SECTION: Final = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")


@dataclass(slots=True)
class Headers:
    """The header fields of one part, in order, names in lower case, values raw but unfolded."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """`headers_cut`, `header_cut`, `header_malformed`."""

    def raw(self, name: str) -> bytes | None:
        """The first value of a field."""
        return next((value for found, value in self.fields if found == name), None)

    def text(self, name: str) -> str:
        """The first value of a field, decoded; empty when it is absent."""
        raw = self.raw(name)
        return decode_header(raw) if raw is not None else ""

    def as_lists(self) -> dict[str, list[str]]:
        """All fields decoded: lower-case name → values in order."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(decode_header(value))
        return found


def _lines(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    """(start, line without its end, start of the next line)."""
    while start < end:
        found = _END_OF_LINE.search(data, start, end)
        stop, following = (found.start(), found.end()) if found else (end, end)
        yield start, data[start:stop], following
        start = following


_NEEDED = frozenset(
    {
        *("from", "sender", "reply-to", "return-path", "to", "subject", "date", "message-id", "in-reply-to"),
        *("content-type", "content-transfer-encoding", "content-disposition"),
        *("auto-submitted", "precedence", "list-id", "x-auto-response-suppress"),
    }
)
"""Read, the first of each, however many others stand before it: relays put hundreds on top."""


def split_headers(data: bytes, start: int, end: int, limits: Limits) -> tuple[Headers, int]:
    """The header fields of the part in `data[start:end]`, and where its body begins.

    A part without a header begins with its body. A line that is no header field ends the header, as if the empty line
    had been forgotten, unless a usual field follows it: then that line alone is dropped.
    """
    headers = Headers()
    collected: list[tuple[str, list[bytes], int]] = []
    skipping = False
    needed = set(_NEEDED)
    for position, line, following in _lines(data, start, end):
        if not line.strip(b" \t"):
            return _finish(headers, collected, limits), following
        if line[:1] in b" \t":
            if collected and not skipping:
                _continue(headers, collected, line, limits)
            elif not collected:
                return _finish(headers, collected, limits), position
            continue
        found = _FIELD.fullmatch(line)
        if found:
            name = found.group(1).decode("ascii").lower()
            skipping = len(collected) >= limits.headers and (name not in needed)
            needed.discard(name)
            if skipping:
                _note(headers, "headers_cut")
            else:
                collected.append((name, [], 0))
                _continue(headers, collected, found.group(2), limits)
        elif not (line.startswith((b"From ", b">From ")) and not collected):
            if not _USUAL_FIELD.match(data, following, end):
                return _finish(headers, collected, limits), position
            _note(headers, "header_malformed")
    return _finish(headers, collected, limits), end


def _note(headers: Headers, note: str) -> None:
    if note not in headers.notes:
        headers.notes.append(note)


def _continue(headers: Headers, collected: list[tuple[str, list[bytes], int]], line: bytes, limits: Limits) -> None:
    name, pieces, length = collected[-1]
    if length + len(line) > limits.header_bytes:
        _note(headers, "header_cut")
        line = line[: max(0, limits.header_bytes - length)]
    pieces.append(line)
    collected[-1] = (name, pieces, length + len(line))


def _finish(headers: Headers, collected: list[tuple[str, list[bytes], int]], limits: Limits) -> Headers:
    headers.fields = [(name, b"".join(pieces).strip()[: limits.header_bytes]) for name, pieces, _ in collected]
    return headers


def _word_bytes(charset: str, encoding: str, encoded: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(_in_charset(charset, encoded), header=True)
    return decode_base64(encoded.encode("ascii", "ignore"))


def _in_charset(charset: str, encoded: str) -> bytes:
    """The bytes of an encoded word; letters beyond ASCII, which do not belong there, in the charset that it claims."""
    if not encoded.isascii():
        try:
            return encoded.encode(known_charset(charset) or "utf-8")
        except UnicodeError:
            pass  # letters of another charset: read as they came
    return encoded.encode("utf-8", "replace")


def decode_base64(data: bytes) -> bytes:
    """The bytes that Base64 stands for.

    Forgiven: characters outside the alphabet, missing padding, padding in the middle (pieces put together by a
    gateway), and a mailing list's footer below a line that begins with two signs outside the alphabet.
    """
    footer = _FOOTER_BELOW_BASE64.search(data)
    letters = (data[: footer.start()] if footer else data).translate(None, _NOT_BASE64)
    content = bytearray()
    for piece in re.split(rb"=+", letters):
        usable = len(piece) - (1 if len(piece) % 4 == 1 else 0)
        content += binascii.a2b_base64(piece[:usable] + b"=" * (-usable % 4))
    return bytes(content)


def decode_words(value: str) -> str:
    """`value` with its RFC 2047 encoded words decoded.

    Neighbouring words of one charset are joined before decoding: clients cut in the middle of a letter.
    """
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for found in _ENCODED_WORD.finditer(value):
        between = value[position : found.start()]
        charset = found.group(1).split("*", 1)[0].lower()
        data = _word_bytes(charset, found.group(2), found.group(3))
        if pending is not None and not between.strip():
            if pending[0] == charset:
                pending = (charset, pending[1] + data)
            else:
                pieces.append(decode(pending[1], pending[0]))
                pending = (charset, data)
        else:
            if pending is not None:
                pieces.append(decode(pending[1], pending[0]))
            pieces.append(between)
            pending = (charset, data)
        position = found.end()
    if pending is not None:
        pieces.append(decode(pending[1], pending[0]))
    pieces.append(value[position:])
    return "".join(pieces)


def decode_header(raw: bytes) -> str:
    """The text of an unfolded header value: raw 8-bit letters and encoded words both understood, one line."""
    return re.sub(r"[\r\n\t]+", " ", decode_words(decode(raw))).strip()


def parse_parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="utf-8"` → its main value in lower case, and its parameters, RFC 2231 pieces joined."""
    main, _, rest = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    position = 0
    while position < len(rest):
        found = _PARAMETER.match(rest, position)
        if found is None:
            position = rest.find(";", position) + 1 or len(rest)
            continue
        position = found.end()
        text = found.group(2).strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text.strip('"'), flags=re.DOTALL)
        section = _SECTION.fullmatch(found.group(1).lower())
        if section is None or (section.group(2) is None and section.group(3) is None):
            plain.setdefault(found.group(1).lower(), text)
        else:
            numbered = pieces.setdefault(section.group(1), {})
            numbered.setdefault(int(section.group(2) or 0), (text, section.group(3) is not None))
    for name, numbered in pieces.items():
        plain[name] = _assemble(numbered)
    return main.strip().lower(), {name: decode_words(text) for name, text in plain.items()}


def _assemble(numbered: dict[int, tuple[str, bool]]) -> str:
    charset: str | None = None
    data = b""
    for number in sorted(numbered):
        text, encoded = numbered[number]
        if encoded and number == min(numbered) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode(data, charset)
