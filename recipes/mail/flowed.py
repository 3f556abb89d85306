"""Text of `format=flowed` (RFC 3676): soft line ends joined, so that a paragraph is one line again."""

from typing import Final

_SIGNATURE: Final = "-- "


def _depth(line: str) -> tuple[int, str]:
    bare = line.lstrip(">")
    depth = len(line) - len(bare)
    return depth, bare.removeprefix(" ")  # one space of stuffing, by the RFC


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Paragraphs joined as the sender saw them; `delete_space` is the parameter DelSp, for scripts without spaces.

    Quoted lines keep one mark a level. The signature separator is never joined with anything.
    """
    lines: list[str] = []
    open_depth: int | None = None
    for raw in text.split("\n"):
        depth, line = _depth(raw)
        mark = ">" * depth + " " if depth else ""
        soft = line.endswith(" ") and line != _SIGNATURE
        shown = line[:-1] if soft and delete_space else line
        if open_depth == depth and line != _SIGNATURE:
            lines[-1] += shown
        else:
            lines.append(mark + shown)
        open_depth = depth if soft else None
    return "\n".join(line if line == _SIGNATURE else line.rstrip() for line in lines)
