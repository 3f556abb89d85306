"""Labelled pairs of texts: one JSON object a line, as `muara dedup evaluate` reads them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

Label = Literal["same_report", "same_incident", "different"]
LABELS: tuple[Label, ...] = ("same_report", "same_incident", "different")
_LONGEST = 100_000
"""Characters of one text that are read."""
_MILLISECONDS_FROM = 1e11
"""A number from here on counts milliseconds since 1970, not seconds."""


class BadPairs(ValueError):
    """The file of pairs cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what a citizen told, and where and when it came."""

    text: str
    place: str | None = None
    """The address field of a form."""
    point: tuple[float, float] | None = None
    """Latitude and longitude, WGS 84 degrees."""
    submitted_at: datetime | None = None
    """UTC."""
    reporter: str | None = None
    """Whoever told it: a phone number, an e-mail address, or any name that is the same for the same person."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and what they are to each other."""

    line: int
    """In its file, from 1."""
    a: Side
    b: Side
    label: Label
    family: str | None = None
    """How the pair came to be, where the file tells: pairs of one family are never split when weights are tried."""


def read_pairs(file: Path, zone: str = "Asia/Jakarta") -> list[Pair]:
    """All pairs of a file; empty lines are passed over. A time without a zone is one of `zone`.

    Raises:
        BadPairs: the file cannot be read, holds no pair, or a line is none; names the line.
    """
    try:
        clock = ZoneInfo(zone)
    except (KeyError, ValueError) as error:
        raise BadPairs(f"{zone!r} is no time zone; give one such as Asia/Makassar with --zone") from error
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise BadPairs(f"{file}: cannot be read ({error.strerror}); name a file of labelled pairs") from error
    except UnicodeDecodeError as error:
        raise BadPairs(f"{file}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_pair(number, line, clock))
            except ValueError as error:
                raise BadPairs(f"{file}:{number}: {error}") from error
    if not found:
        raise BadPairs(f'{file}: holds no pair; each line is {{"a": {{"text": …}}, "b": {{"text": …}}, "label": …}}')
    return found


def _pair(number: int, line: str, zone: ZoneInfo) -> Pair:
    try:
        document = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, column {error.colno}); each line is one object") from error
    if not isinstance(document, dict):
        raise ValueError('not an object; each line is {"a": {"text": …}, "b": {"text": …}, "label": …}')  # noqa: TRY004 told as a fault of the file
    label = document.get("label")
    if label not in LABELS:
        raise ValueError(f'"label" is {_shown(label)}; say one of {", ".join(LABELS)}')
    family = document.get("family")
    return Pair(
        number,
        side_of(document.get("a"), "a", zone),
        side_of(document.get("b"), "b", zone),
        cast("Label", label),
        str(family) if family is not None else None,
    )


def side_of(given: object, name: str, zone: ZoneInfo) -> Side:
    """One side of a pair from what JSON says.

    Raises:
        ValueError: it says no text, or something that cannot be read.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f'"{name}" is {_shown(given)}; give an object with a "text"')  # noqa: TRY004 told as a fault of the file
    text = given.get("text")
    if not isinstance(text, str):
        raise ValueError(f'"{name}.text" is {_shown(text)}; give the text as a string')  # noqa: TRY004 told as a fault of the file
    place, point = _place(given.get("place"), name)
    return Side(
        text=text[:_LONGEST],
        place=place,
        point=point or _point(given),
        submitted_at=_moment(given.get("submitted_at"), f"{name}.submitted_at", zone),
        reporter=_reporter(given.get("reporter")),
    )


def _place(given: object, name: str) -> tuple[str | None, tuple[float, float] | None]:
    """A string, or an object of strings that may also hold coordinates."""
    if given is None:
        return None, None
    if isinstance(given, str):
        return given.strip() or None, None
    if isinstance(given, Mapping):
        words = [str(value) for value in given.values() if isinstance(value, str) and value.strip()]
        return ", ".join(words) or None, _point(given)
    if isinstance(given, list):
        return ", ".join(str(value) for value in given if value) or None, None
    raise ValueError(f'"{name}.place" is {_shown(given)}; give the address as a string, or null')


def _point(given: Mapping[Any, Any]) -> tuple[float, float] | None:
    for north, east in (("latitude", "longitude"), ("lat", "lon"), ("lat", "lng"), ("lat", "long")):
        try:
            found = float(given[north]), float(given[east])
        except (KeyError, TypeError, ValueError):
            continue
        if abs(found[0]) <= 90 and abs(found[1]) <= 180:
            return found
    return None


def _moment(given: object, name: str, zone: ZoneInfo) -> datetime | None:
    if given is None or given == "":
        return None
    try:
        if isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given):
            return datetime.fromtimestamp(given / (1000 if abs(given) >= _MILLISECONDS_FROM else 1), UTC)
        if isinstance(given, str):
            found = datetime.fromisoformat(given.strip())
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass  # told below, as what is no time by its kind
    raise ValueError(f'"{name}" is {_shown(given)}; write it as 2026-11-24T08:30:00+07:00, or leave it out')


def _reporter(given: object) -> str | None:
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return given.strip() if isinstance(given, str) else json.dumps(given, sort_keys=True, ensure_ascii=False)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if value is not None else "missing"
    return text if len(text) <= 60 else f"{text[:57]}…"
