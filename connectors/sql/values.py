"""A row of any database as a JSON object."""

import base64
import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any

from recipes.decoding import encode


def document(
    names: Sequence[str], values: Sequence[Any], *, json_in: Collection[str], bits_in: Collection[str]
) -> bytes:
    """The object of a row. `json_in` names columns that hold JSON, `bits_in` those that hold bits."""
    found = {}
    for name, value in zip(names, values, strict=True):
        if name in json_in and isinstance(value, str | bytes):
            found[name] = _parsed(value)
        elif name in bits_in and isinstance(value, bytes):
            found[name] = int.from_bytes(value)
        else:
            found[name] = _plain(value)
    return encode(found)


def _parsed(value: str | bytes) -> Any:  # noqa: ANN401 a JSON value
    try:
        return _plain(json.loads(value, parse_constant=lambda _name: None))
    except (ValueError, RecursionError):
        return _plain(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 a database's value in, a JSON value out
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if value - value == 0 else None  # NaN and infinities have no JSON
    if value is None or isinstance(value, bool | int | str):
        return value
    return _text_of(value)


def _text_of(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return str(value)  # money and exact numbers, spans of time, UUIDs, addresses, ranges
