"""Paths and conditions: the strings of a recipe, compiled to functions of the payload.

Plain dotted paths (`message.text.body`, `phones[0]`, `"No. Tiket"`) and comparisons of one with a word become
closures that cost a fraction of a microsecond; every other string is JMESPath (jmespath.org).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from recipes.mapped import MappingError, Value


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression may know besides the payload."""

    zone: str = "Asia/Jakarta"
    """IANA name of the zone in which the source writes times that name none."""
    settings: Mapping[str, Value] = field(default_factory=dict)
    """The settings of the source, for `setting:`."""


Expression = Callable[[Value, Context], Value]
"""A compiled expression: the value that it finds in a payload, None where there is nothing."""


class ExpressionError(ValueError):
    """A recipe holds an expression that cannot be compiled."""

    def __init__(self, where: tuple[str | int, ...], message: str, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.where = where
        """Keys and indices that lead to the culprit inside the expression."""
        self.message = message
        self.remedy = remedy


_NAME = r'(?:[A-Za-z_0-9][\w-]*|"(?:[^"\\]|\\.)+")'
_STEP = rf"(?:{_NAME}|@)(?:\[-?\d+\])*"
_PATH = re.compile(rf"{_STEP}(?:\.{_NAME}(?:\[-?\d+\])*)*", re.ASCII)
_PART = re.compile(rf"({_NAME})|\[(-?\d+)\]", re.ASCII)
_COMPARISON = re.compile(r"(?P<path>\S.*?)\s*(?P<operator>==|!=)\s*'(?P<word>[^'\\]*)'")


def present(value: Value) -> bool:
    """Whether a field was filled in: not null, not blank, not an empty list or object."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value not in ([], {})


def holds(value: Value) -> bool:
    """Whether a condition is met: a filled-in value other than false. The number 0 counts as filled in."""
    return value is not False and present(value)


def compile_string(text: str) -> Expression:
    """Compile a path, a comparison or JMESPath.

    :raises ExpressionError: with a remedy, when the string is none of them.
    """
    text = text.strip()
    if _PATH.fullmatch(text):
        return _path(_parts(text))
    comparison = _COMPARISON.fullmatch(text)
    if comparison and _PATH.fullmatch(comparison["path"]):
        return _comparison(_path(_parts(comparison["path"])), comparison["word"], comparison["operator"] == "==")
    return _jmespath(text)


def _parts(path: str) -> list[str | int]:
    parts: list[str | int] = []
    for name, index in _PART.findall(path):
        if index:
            parts.append(int(index))
        elif name.startswith('"'):
            parts.append(re.sub(r"\\(.)", r"\1", name[1:-1]))
        else:
            parts.append(name)
    return parts


def _path(parts: list[str | int]) -> Expression:
    if len(parts) <= 3 and all(isinstance(part, str) for part in parts):
        return _short_path([str(part) for part in parts])

    def read(document: Value, _: Context) -> Value:
        value = document
        for part in parts:
            if isinstance(part, str):
                value = value.get(part) if isinstance(value, dict) else None
            else:
                value = value[part] if isinstance(value, list) and -len(value) <= part < len(value) else None
        return value

    return read


def _short_path(names: list[str]) -> Expression:
    """Unrolled, since nearly all paths are short: a string key on anything but an object is a TypeError."""
    if not names:
        return lambda document, _: document
    first, second, third = (*names, "", "")[:3]

    def one(document: Value, _: Context) -> Value:
        try:
            return document[first]
        except (KeyError, TypeError):
            return None

    def two(document: Value, _: Context) -> Value:
        try:
            return document[first][second]
        except (KeyError, TypeError):
            return None

    def three(document: Value, _: Context) -> Value:
        try:
            return document[first][second][third]
        except (KeyError, TypeError):
            return None

    return (one, two, three)[len(names) - 1]


def _comparison(path: Expression, word: str, equal: bool) -> Expression:
    return lambda document, context: (path(document, context) == word) is equal


def _jmespath(text: str) -> Expression:
    try:
        compiled = jmespath.compile(text)
    except (JMESPathError, ValueError, RecursionError) as error:
        detail = str(error).splitlines()[0] if str(error) else "it is empty"
        raise ExpressionError(
            (),
            f'"{text}" is neither a path nor valid JMESPath ({detail})',
            "write a dotted path such as keluhan.isi; put names with spaces in double quotes, words in 'single' ones",
        ) from None
    _check_functions(compiled.parsed, text)

    def read(document: Value, _: Context) -> Value:
        try:
            return compiled.search(document)
        except (
            JMESPathError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            RecursionError,
        ) as error:
            # The error's own words may quote the payload, so only its kind is told.
            raise MappingError(f'"{text}" does not fit this payload ({type(error).__name__})') from None

    return read


def _check_functions(node: Value, text: str) -> None:
    known = Functions.FUNCTION_TABLE
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if not isinstance(node, dict):
            continue
        if node.get("type") == "function_expression" and node.get("value") not in known:
            close = get_close_matches(str(node["value"]), list(known), 1)
            raise ExpressionError(
                (),
                f'"{text}" calls {node["value"]}(), which JMESPath does not have',
                f"did you mean {close[0]}()?" if close else "the functions of recipes are written as `name: path`",
            )
        nodes.extend(node.get("children", ()))
