"""YAML to plain data that remembers its lines. Hostile or broken input becomes a `YamlProblem`, nothing else."""

import re
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

_ALIASES: Final = 50
_DEPTH: Final = 40
_NODES: Final = 30_000
_SIZE: Final = 2_000_000


class YamlProblem(ValueError):
    """What is wrong with a YAML text, where (from 1), and what to do about it."""

    def __init__(self, line: int, column: int, message: str, remedy: str, where: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.message, self.remedy, self.where = line, column, message, remedy, where


class _Constructor(RoundTripConstructor):
    """YAML 1.2 without its surprises: dates and digits with a leading zero are texts."""


def _as_text(_: _Constructor, node: ScalarNode) -> str:
    return str(node.value)


def _as_integer(constructor: _Constructor, node: ScalarNode) -> Any:  # noqa: ANN401 - ruamel's own number types
    if re.fullmatch(r"[+-]?0\d+|\+\d+", node.value) or len(node.value) > 18:
        return str(node.value)
    return constructor.construct_yaml_int(node)


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _as_text)
_Constructor.add_constructor("tag:yaml.org,2002:int", _as_integer)


@dataclass(frozen=True, slots=True)
class Tree:
    """Plain dicts, lists, texts and numbers, beside the marked nodes that they came from."""

    data: dict[str, Any]
    marked: Any

    def position(self, where: tuple[str | int, ...]) -> tuple[int, int, str]:
        """Line and column (from 1) of the deepest key on the way that the text holds, and the way to it in words."""
        node, line, column, shown = self.marked, *_start(self.marked), ""
        for step in where:
            # Steps that are not in the text are names that pydantic gives to the members of a union.
            if isinstance(node, CommentedMap) and step in node:
                line, column = node.lc.key(step)
                node, shown = node[step], f"{shown}.{step}" if shown else str(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line, column = node.lc.item(step)
                node, shown = node[step], f"{shown}[{step}]"
        return line + 1, column + 1, shown


def _start(node: Any) -> tuple[int, int]:  # noqa: ANN401 - a node of any kind
    return (node.lc.line or 0, node.lc.col or 0) if isinstance(node, CommentedMap | CommentedSeq) else (0, 0)


def read_tree(text: str) -> Tree:
    """Parse a text that holds one mapping.

    :raises YamlProblem: when it does not.
    """
    if len(text) > _SIZE:
        raise YamlProblem(0, 0, f"the file is longer than {_SIZE} characters", "split it")
    try:
        _inspect(text)
        loader = YAML(typ="rt", pure=True)
        loader.Constructor = _Constructor
        marked = loader.load(text)
    except DuplicateKeyError as error:
        name = re.search(r'duplicate key "(.*?)" with', str(error))
        line, column = _mark(error)
        key = name[1] if name else "a key"
        raise YamlProblem(line, column, f'the key "{key}" stands here twice', "keep one of the two", key) from None
    except MarkedYAMLError as error:
        line, column = _mark(error)
        message, remedy = _explained(error, text, line)
        raise YamlProblem(line, column, message, remedy) from None
    except (YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, YamlProblem):
            raise
        first = str(error).strip().splitlines()[:1]
        raise YamlProblem(
            _odd_line(text), 1, f"it is not valid YAML: {' '.join(first)}", "remove the odd character"
        ) from None
    if marked is None:
        raise YamlProblem(0, 0, "the file is empty", "write one `key: value` a line")
    if not isinstance(marked, CommentedMap):
        line, column = _start(marked)
        raise YamlProblem(line + 1, column + 1, "the file holds no keys with values", "write one `key: value` a line")
    try:
        return Tree(_plain(marked, [0]), marked)
    except RecursionError:
        raise YamlProblem(0, 0, "an anchor of the file holds itself", "write the repeated part out") from None


def _inspect(text: str) -> None:
    """Refuse bombs before anything is built: the parser's events cost memory for one node at a time."""
    depth = aliases = 0
    for nodes, event in enumerate(YAML(typ="rt", pure=True).parse(text)):
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent):
            aliases += 1
        elif isinstance(event, ScalarEvent) and event.tag and not str(event.tag).startswith("tag:yaml.org,2002:"):
            mark = event.start_mark
            raise YamlProblem(mark.line + 1, mark.column + 1, f'the tag "{event.tag}" is not allowed', "remove it")
        if depth > _DEPTH or aliases > _ALIASES or nodes > _NODES:
            mark = event.start_mark
            raise YamlProblem(
                mark.line + 1,
                mark.column + 1,
                "the file is nested too deep or repeats itself too often",
                "write it flatter",
            )


def _plain(node: Any, count: list[int]) -> Any:  # noqa: ANN401 - a node of any kind
    count[0] += 1
    if count[0] > _NODES:
        raise YamlProblem(0, 0, "the anchors of the file make it too large", "write the repeated parts out")
    if isinstance(node, dict):
        plain: dict[str, Any] = {}
        for key, value in node.items():
            if not isinstance(key, str | int | float | bool):
                line, column = node.lc.key(key) if isinstance(node, CommentedMap) else (-1, -1)
                raise YamlProblem(line + 1, column + 1, "a key must be a word", "put it in quotes")
            plain[key if type(key) is str else _word(key)] = _plain(value, count)
        return plain
    if isinstance(node, list):
        return [_plain(value, count) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    # ruamel keeps true and false as numbers of its own when they carry a comment or an anchor.
    return bool(node) if type(node).__name__ == "ScalarBoolean" else str(node)


def _word(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _mark(error: MarkedYAMLError) -> tuple[int, int]:
    mark = error.problem_mark or error.context_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


_EXPLANATIONS: Final = (
    # What ruamel.yaml says → what it means, and what to do.
    (
        r"mapping values are not allowed",
        "a second colon stands in this value",
        "put the value in quotes, or break the line",
    ),
    (r"while parsing a flow|expected ',' or", "a bracket that was opened is not closed", "close { with } and [ with ]"),
    (r"quoted scalar", "a quotation mark that was opened is not closed", "close it, or write the mark twice inside"),
    (
        r"expected <block end>|could not find expected ':'",
        "this line does not fit the ones above it",
        "line it up with its neighbours, and end keys with a colon",
    ),
    (r"undefined alias", "the name after * was not defined before", "define it with &, or put the text in quotes"),
    (r"cannot start any token", "a value begins with a special character", "put the value in quotes"),
)


def _explained(error: MarkedYAMLError, text: str, line: int) -> tuple[str, str]:
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    problem = f"{error.context or ''} {error.problem or ''}"
    if "\t" in shown[: len(shown) - len(shown.lstrip())] or r"'\t'" in problem:
        return "a tab indents this line", "indent with spaces"
    for sign, message, remedy in _EXPLANATIONS:
        if re.search(sign, problem):
            return message, remedy
    return f"it is not valid YAML: {problem.strip()}", "put texts with special characters in quotes"


def _odd_line(text: str) -> int:
    match = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text)
    return text.count("\n", 0, match.start()) + 1 if match else 0
