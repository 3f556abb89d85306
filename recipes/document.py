"""Configuration files people write by hand: YAML, checked against a model, with every mistake at its line.

Strict on purpose: an unknown key is an error with the nearest right one, since a mistyped key would be silently without
effect. Dates stay text, and digits with a leading zero stay text, so that a phone number survives unquoted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recipes.shapes import known_keys
from recipes.yaml_tree import Tree, YamlProblem, read_tree

M = TypeVar("M", bound=BaseModel)
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file, and what to do about it."""

    file: str
    line: int
    """From 1; 0 when the file as a whole is meant."""
    column: int
    where: str
    """The way to the key, such as `sources[0].channel`; empty for the whole file."""
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        return f"{place}: {where}{self.message}{f'; {self.remedy}' if self.remedy else ''}"


class DocumentError(ValueError):
    """A file that cannot be used; `str()` has one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: plain data, and where each key stands."""

    name: str
    tree: Tree

    def build(self, model: type[M]) -> M:
        """The model of the data.

        :raises DocumentError: with every problem, in the order of the file.
        """
        try:
            return model.model_validate(self.tree.data)
        except ValidationError as error:
            problems = [self._explained(model, detail) for detail in error.errors(include_url=False)]
            # A union reports a mistake once per member; one line tells it.
            distinct = {(problem.line, problem.where, problem.message): problem for problem in problems}
            ordered = sorted(distinct.values(), key=lambda problem: (problem.line, problem.column))
            raise DocumentError(ordered) from None

    def problem(self, where: Where, message: str, remedy: str = "") -> Problem:
        """A problem at a key, for checks that go beyond the model."""
        line, column, shown = self.tree.position(where)
        return Problem(self.name, line, column, shown, message, remedy)

    def _explained(self, model: type[BaseModel], detail: ErrorDetails) -> Problem:
        where = detail["loc"]
        message, remedy = detail["msg"].removeprefix("Value error, "), ""
        match detail["type"]:
            case "extra_forbidden":
                key, known = str(where[-1]), known_keys(model, where[:-1])
                close = get_close_matches(key, known, 1)
                message = f'unknown key "{key}"'
                remedy = f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(known)}" if known else ""
            case "missing":
                message, remedy = f'the key "{where[-1]}" is missing', f"add `{where[-1]}:`"
                return self.problem(where[:-1], message, remedy)
            case "value_error":
                pass
            case "string_type":
                message, remedy = f"expected a text, found {_kind(detail['input'])}", "put it in quotes"
            case "model_type" | "dict_type" | "model_attributes_type" | "mapping_type":
                message = f"expected keys with values, found {_kind(detail['input'])}"
                remedy = "write one `key: value` a line, indented"
            case "list_type" | "tuple_type":
                message = f"expected a list, found {_kind(detail['input'])}"
                remedy = "write each element on a line that begins with `- `"
            case "literal_error" | "enum":
                given, choices = str(detail["input"]), detail.get("ctx", {}).get("expected", "")
                close = get_close_matches(
                    given, [word.strip("' ") for word in choices.replace(" or ", ",").split(",")], 1
                )
                message = f'"{given}" is not allowed here'
                remedy = f'did you mean "{close[0]}"?' if close else f"use {choices}"
            case "string_pattern_mismatch":
                message = f'"{detail["input"]}" does not have the form {detail.get("ctx", {}).get("pattern", "")}'
                remedy = "names are lower-case letters, digits and underscores, and begin with a letter"
            case _:
                message = f"{message[:1].lower()}{message[1:]}"
        return self.problem(where, message, remedy)


def parse_text(text: str, name: str) -> Document:
    """Parse YAML that holds keys with values.

    :param name: what problems call the file.
    :raises DocumentError: when it is no YAML, or no mapping.
    """
    try:
        return Document(name, read_tree(text))
    except YamlProblem as error:
        problem = Problem(name, error.line, error.column, error.where, error.message, error.remedy)
        raise DocumentError([problem]) from None


def parse_document(text: str, name: str, model: type[M]) -> M:
    """The model of a YAML text; like `load_document`, without a file."""
    return parse_text(text, name).build(model)


def open_document(path: Path) -> Document:
    """Read and parse a file.

    :raises DocumentError: when it cannot be read, is not UTF-8, or is no YAML.
    """
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DocumentError([Problem(name, 0, 0, "", "there is no such file", "check the path")]) from None
    except OSError as error:
        problem = Problem(name, 0, 0, "", f"cannot be read: {error.strerror}", "check its permissions")
        raise DocumentError([problem]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        remedy = "save it as UTF-8 in the editor"
        raise DocumentError([Problem(name, line, 1, "", "the file is not UTF-8", remedy)]) from None
    return parse_text(text, name)


def load_document(path: Path, model: type[M]) -> M:
    """Read a file into a model.

    :raises DocumentError: with every mistake: file, line, key, and what to do about it.
    """
    return open_document(path).build(model)


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"{value!r:.60}"
