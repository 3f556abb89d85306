"""Masks what looks like a person's identity in whatever is logged.

Whoever logs gives ids and counts and no words of people; this catches what slips through all the same, in an
exception's text above all. It looks at shapes alone, and so may mask too much.
"""

import re
from collections.abc import Mapping
from typing import Any

from structlog.typing import EventDict, WrappedLogger

_SHAPES = (
    ("[email]", re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)),
    # NIK, family card, payment card: sixteen digits, together or in groups.
    ("[16 digits]", re.compile(r"(?:(?<![\w.-])|(?<=%20))\d(?:(?:%20|[ .-])?\d){15}(?![\w-]|\.\d)")),
    (
        "[phone]",
        re.compile(
            r"(?:(?<![\w.-])|(?<=%2[0Bb]))(?:"
            r"(?:\+|(?<=%2[Bb]))\d(?:(?:%20|[ .()-]){0,2}\d){7,14}"  # any country
            r"|(?:00(?:%20|[ .-])?)?62(?:%20|[ .-])?8(?:(?:%20|[ .-])?\d){8,11}"  # Indonesian, the + left out
            r"|08(?:(?:%20|[ .-])?\d){7,11}"  # Indonesian, as dialled at home
            r"|\(0\d{2,3}\)(?:%20|[ .-])?\d(?:(?:%20|[ .-])?\d){4,7}"  # a landline
            r")(?![\w-]|\.\d)"
        ),
    ),
)


def mask(text: str) -> str:
    """A text with what looks like an e-mail address, a phone number or a sixteen-digit number replaced by its kind."""
    for kind, shape in _SHAPES:
        text = shape.sub(kind, text)
    return text


def mask_values(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor: masks every string among the values, however deep."""
    del logger, method
    return {
        name if name.startswith("_") else mask(name): value if name.startswith("_") else _masked(value)
        for name, value in event.items()
    }


def _masked(value: Any) -> Any:  # noqa: ANN401 any value that is logged
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(key) if isinstance(key, str) else key: _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask(str(value))
