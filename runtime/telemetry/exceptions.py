"""Exceptions in the log: their kinds, places and sentences, without the values that sentences quote.

No pattern recognises a person's name. But errors quote what they say of data (`KeyError: 'Ani'`, `input_value='…'`): so
whatever stands in quotes is left out, from the first to the last of a line, since a quotation may hold quotes.
"""

import re
import traceback
from typing import Any

from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

_QUOTED = re.compile(r"""(['"`]).*\1""")
_MOST = 50
"""Exceptions of one chain or group that are shown."""

_structured = ExceptionDictTransformer(show_locals=False)


def without_values(words: str) -> str:
    """A sentence of an exception without what it quotes."""
    return "\n".join(_QUOTED.sub("'…'", line) for line in words.splitlines())


def as_structure(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """For JSON. Local variables are left out: they hold people's words."""
    return [_silenced(each) for each in _structured(exc_info)]


def as_text(exc_info: ExcInfo) -> str:
    """For a terminal, the cause before its effect."""
    return "\n".join(_lines(exc_info[1], set()))


def _silenced(found: dict[str, Any]) -> dict[str, Any]:
    notes = [without_values(str(note)) for note in found.get("exc_notes") or ()]
    group = [[_silenced(each) for each in one] for one in found.get("exceptions") or ()]
    changed = {"exc_value": without_values(str(found.get("exc_value", ""))), "exc_notes": notes, "exceptions": group}
    return {name: changed.get(name, value) for name, value in found.items()}


def _lines(error: BaseException | None, seen: set[int]) -> list[str]:
    if error is None or id(error) in seen or len(seen) >= _MOST:
        return []
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = _lines(before, seen)
    if lines:
        lines.append("which led to:")
    lines += [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}: {without_values(str(error))}")
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        lines += ["of which:", *(f"  {line}" for line in _lines(one, seen))]
    return lines
