"""Which parts of a mail are what the sender wrote, as one plain text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from recipes.mail.armor import without_armor
from recipes.mail.charsets import decode
from recipes.mail.flowed import unflow
from recipes.mail.html_text import Rendered, render_html
from recipes.mail.limits import DEFAULT_LIMITS, Limits
from recipes.mail.parts import Part

_STUB: Final = re.compile(
    r"(this is a multi-?part message in mime format"
    r"|(your|this) (e-?mail|mail|message).{0,40}(does not|doesn't|cannot|can't|requires?).{0,40}html"
    r"|(please )?(view|read) this (e-?mail|message) in (an? )?html"
    r"|.{0,60}(tidak (mendukung|dapat menampilkan)|gunakan|lihat|buka).{0,40}(versi |format |tampilan )?html)"
    r".{0,120}",
    re.IGNORECASE | re.DOTALL,
)
"""A plain text that only says that the real one is HTML."""
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LOOKS_HTML: Final = re.compile(r"\s*(<!doctype html|<html[\s>])", re.IGNORECASE)
_BODY_TYPES: Final = frozenset({"text/plain", "text/html", "application/xhtml+xml", "text/enriched", "text/richtext"})


@dataclass(slots=True)
class Body:
    """The text of a mail, and which parts it came from."""

    text: str = ""
    used: set[int] = field(default_factory=set)
    """Indexes of the parts whose content is body, the other versions of an alternative included."""
    shown: set[str] = field(default_factory=set)
    """Content-IDs of the images that an HTML version shows in what the sender wrote."""
    shown_aside: set[str] = field(default_factory=set)
    """Content-IDs of the images shown within quotations and signatures."""
    notes: list[str] = field(default_factory=list)


def read_body(root: Part, limits: Limits = DEFAULT_LIMITS) -> Body:
    """The best text of a mail.

    Of an alternative the plain version, unless it is empty or only points to the HTML one; otherwise all texts in
    order. A part that is named or marked as an attachment is no body, unless there is no other.
    """
    body = Body()
    reader = _Reader(body, limits)
    pieces = reader.read(root)
    if not any(text.strip() for text, _ in pieces):
        named = next((p for p in root.leaves() if p.media_type in _BODY_TYPES and p.disposition != "attachment"), None)
        pieces = [(reader.text(named), False)] if named is not None else []
    body.text = without_armor(_join(pieces))
    if len(body.text) > limits.text_chars:
        body.notes.append("text_cut")
        body.text = body.text[: limits.text_chars]
    return body


class _Reader:
    def __init__(self, body: Body, limits: Limits) -> None:
        self._body = body
        self._limits = limits

    def read(self, part: Part) -> list[tuple[str, bool]]:
        """Texts below a part in order, each with whether it was HTML. Recursion ends with the parser's depth."""
        if part.index >= 0:
            return [(self.text(part), part.media_type != "text/plain")] if _is_body(part) else []
        if part.media_type == "multipart/alternative":
            return self._best([self.read(child) for child in part.children])
        return [piece for child in part.children for piece in self.read(child)]

    def _best(self, versions: list[list[tuple[str, bool]]]) -> list[tuple[str, bool]]:
        real = [version for version in versions if any(text.strip() for text, _ in version)]
        plain = [version for version in real if not any(is_html for _, is_html in version)]
        told = [version for version in plain if not _STUB.fullmatch(_all(version).strip())]
        if told:
            return told[0]
        return real[-1] if real else []

    def text(self, part: Part) -> str:
        """The text of one leaf, rendered, with the notes that this gives."""
        self._body.used.add(part.index)
        content = part.content()
        charset = part.parameters.get("charset")
        if part.media_type == "text/plain":
            text = _lines(decode(content, charset))
            if not _LOOKS_HTML.match(text):
                if part.parameters.get("format", "").lower() == "flowed":
                    text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
                return text
        found = _META_CHARSET.search(content[:4096]) if charset is None else None
        rendered = render_html(decode(content, found.group(1).decode("ascii") if found else charset), self._limits)
        self._take(rendered)
        return rendered.text

    def _take(self, rendered: Rendered) -> None:
        self._body.shown |= rendered.shown
        self._body.shown_aside |= rendered.shown_aside
        self._body.notes += [note for note in rendered.notes if note not in self._body.notes]


def _is_body(part: Part) -> bool:
    return part.media_type in _BODY_TYPES and part.disposition != "attachment" and part.filename is None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")


def _all(pieces: Iterable[tuple[str, bool]]) -> str:
    return "\n\n".join(text.strip("\n") for text, _ in pieces if text.strip())


def _join(pieces: list[tuple[str, bool]]) -> str:
    """All texts, without an HTML one that only repeats the others: some senders say mixed and mean alternative."""
    plain = re.sub(r"\W+", " ", _all(piece for piece in pieces if not piece[1])).strip().lower()
    if plain:
        kept: list[tuple[str, bool]] = []
        for text, is_html in pieces:
            folded = re.sub(r"\W+", " ", text).strip().lower()
            if is_html and (folded in plain or plain in folded):
                continue
            kept.append((text, is_html))
        pieces = kept
    return _all(pieces).strip()
