"""The words of a text that its sender formatted in blocks, as Telegram's rich messages are."""

from collections.abc import Iterator

from recipes.functions import to_text
from recipes.mapped import MappingError, Value

_INLINE = ("text", "expression", "alternative_text")
"""Where a formatted piece holds its words, or the pieces within it."""
_ABOVE = ("label", "summary", "text", "expression")
_BELOW = ("blocks", "items", "cells", "caption", "credit")
"""The parts of a block in the order of reading; each may hold pieces or further blocks."""


def rich_text(value: Value) -> str | None:
    """All words in the order of reading: a line for each block, one for each row of a table; None when there are none.

    :raises MappingError: when it is nested too deeply.
    """
    try:
        lines = (line.strip() for line in _lines(value))
        return "\n".join(line for line in lines if line) or None
    except RecursionError:
        raise MappingError("the formatted text is nested too deeply") from None


def _lines(value: Value) -> Iterator[str]:
    if isinstance(value, list):
        if value and all(isinstance(each, list) for each in value):  # the rows of a table
            for row in value:
                yield " | ".join(_inline(cell) for cell in row)
            return
        for each in value:
            yield from _lines(each)
    elif isinstance(value, dict):
        yield " ".join(part for name in _ABOVE if (part := _inline(value.get(name))))
        for name in _BELOW:
            below = value.get(name)
            if isinstance(below, list | dict) and name != "credit":
                yield from _lines(below)
            else:
                yield _inline(below)
    else:
        yield _inline(value)


def _inline(value: Value) -> str:
    if isinstance(value, list):
        return "".join(_inline(each) for each in value)
    if isinstance(value, dict):
        return "".join(_inline(value.get(name)) for name in _INLINE)
    return (to_text(value) or "") if not isinstance(value, bool) else ""
