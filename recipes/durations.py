"""Spans of time as people write them: `45s`, `10m`, `6h`, `30d`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def span(text: str) -> timedelta:
    """The span of `10m`.

    :raises ValueError: when it is none.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is no span of time: write a number and s, m, h or d, such as 10m')
    seconds = float(found[1]) * _SECONDS[found[2]]
    if seconds > 100 * 366 * 86_400:
        raise ValueError(f'"{text}" is longer than a century')
    return timedelta(seconds=seconds)


def _is_span(text: str) -> str:
    span(text)
    return text


Duration = Annotated[str, AfterValidator(_is_span)]
"""A text that `span` reads."""
