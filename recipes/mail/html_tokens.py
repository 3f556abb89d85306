"""HTML cut into tags and text in one linear pass, so that no parser behind it meets what a hostile mail wrote.

A tag with a hundred thousand attributes takes libxml2 twelve seconds; markup nested deeper than it likes is lost. What
leaves this module carries a handful of attributes, each short and quoted, and no script, style or comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Final

_KEPT: Final = frozenset({"href", "src", "class", "style", "id", "type", "cite", "hidden", "alt"})
_VALUE_LENGTH: Final = 2000
_OPENING: Final = re.compile(r"<(?:(!--)|([!?])|(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40}))")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*+([^\s=>/][^\s=>/]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?|[\s/]*+=""",
)
_TAG_END: Final = re.compile(r"[\s/]*+>")
_RAW_TEXT: Final = {
    name: re.compile(rf"</{name}\b[^>]*+>", re.IGNORECASE)
    for name in ("script", "style", "template", "noscript", "svg")
}


@dataclass(slots=True)
class Token:
    """A tag, or the text between two; exactly one of `name` and `text` says which."""

    name: str | None = None
    """Of a tag, lower case."""
    closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    """The few that matter, their references resolved."""
    text: str = ""
    """As it stands in the source, with references."""

    def markup(self) -> str:
        """The token as HTML again, harmless."""
        if self.name is None:
            return self.text.replace("<", "&lt;")
        if self.closing:
            return f"</{self.name}>"
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return f"<{self.name}{attributes}>"


def tokenize(source: str) -> Iterator[Token]:
    """The tags and texts of `source` in order, without comments, declarations, scripts and styles. Never raises."""
    position = text_start = 0
    while True:
        found = _OPENING.search(source, position)
        if found is None:
            break
        if found.start() > text_start:
            yield Token(text=source[text_start : found.start()])
        if found.group(1):
            position = _after(source, "-->", found.end())
        elif found.group(2):
            position = _after(source, ">", found.end())
        else:
            name = found.group(4).lower()
            attributes, position = _attributes(source, found.end())
            raw_text = _RAW_TEXT.get(name)
            if raw_text is None:
                yield Token(name=name, closing=bool(found.group(3)), attributes=attributes)
            elif not found.group(3):
                end = raw_text.search(source, position)
                position = end.end() if end else len(source)
        text_start = position
    if text_start < len(source):
        yield Token(text=source[text_start:])


def crude_text(tokens: list[Token]) -> str:
    """The text alone, a line for every stretch between two tags: for markup that cannot be rendered."""
    pieces = (unescape(token.text).strip() for token in tokens if token.name is None)
    return "\n".join(piece for piece in pieces if piece)


def _after(source: str, mark: str, position: int) -> int:
    end = source.find(mark, position)
    return len(source) if end < 0 else end + len(mark)


def _attributes(source: str, position: int) -> tuple[dict[str, str], int]:
    """The attributes that matter, and where the tag ends; an unclosed tag ends with the source."""
    kept: dict[str, str] = {}
    while True:
        end = _TAG_END.match(source, position)
        if end:
            return kept, end.end()
        found = _ATTRIBUTE.match(source, position)
        if found is None or found.end() == position:
            return kept, len(source)
        position = found.end()
        name = (found.group(1) or "").lower()
        if name in _KEPT and name not in kept:
            value = next((group for group in found.group(2, 3, 4) if group is not None), "")
            kept[name] = unescape(value[:_VALUE_LENGTH])
