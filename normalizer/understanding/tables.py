"""Rule tables: YAML files, validated, refused with file, line and reason."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

RULES = Path(__file__).parent / "rules"
"""Where the tables that ship with Muara lie."""


class Table(BaseModel):
    """Base of all rule tables: immutable, and a key that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


AnyTable = TypeVar("AnyTable", bound=Table)


class RulesError(ValueError):
    """A rule table cannot be used; the message names file, line and what is wrong."""


def load_table(path: Path, model: type[AnyTable]) -> AnyTable:
    """Reads and validates one table.

    Raises:
        RulesError: the file is missing, is no YAML, or does not fit the model.
    """
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror}); give the path of a rule table") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: is not UTF-8; save it as UTF-8") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError(f"{path}:{line}: no valid YAML: {error.problem}") from error
    except YAMLError as error:
        raise RulesError(f"{path}: no valid YAML: {error}") from error
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = []
        for problem in error.errors(include_url=False):
            where = ".".join(map(str, problem["loc"])) or "the table"
            problems.append(f"{path}:{_line(document, problem['loc'])}: {where}: {problem['msg']}")
        raise RulesError("\n".join(problems)) from error


def _line(document: object, place: tuple[int | str, ...]) -> int:
    """The line on which a value stands, or the innermost known part around it."""
    line = 0
    for step in place:
        if isinstance(document, CommentedMap) and step in document:
            line = document.lc.key(step)[0]
            document = document[step]
        elif isinstance(document, CommentedSeq) and isinstance(step, int) and step < len(document):
            line = document.lc.item(step)[0]
            document = document[step]
        else:
            break
    return int(line) + 1
