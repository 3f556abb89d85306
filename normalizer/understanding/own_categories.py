"""An agency's own categories, written as what is different from those that come with Muara."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from normalizer.understanding.categories import CategoryCase, CategoryTable, Key, Topic
from normalizer.understanding.phrases import Phrase
from normalizer.understanding.tables import RULES, RulesError, Table, load_table

_EXTENDS = re.compile(r"^extends\s*:", re.MULTILINE)


class OwnTopic(Table):
    """A category of the agency's own, or what is different about a shipped one."""

    title: str | None = Field(default=None, min_length=3)
    """As the agency calls it."""
    agency: str | None = Field(default=None, min_length=2)
    """The OPD in charge, by the agency's own name for it."""
    phrases: dict[float, list[Phrase]] = Field(default_factory=dict)
    """Further phrases; one that is shipped with another weight gets this one."""
    without: list[str] = Field(default_factory=list)
    """Shipped phrases that do not count here."""


class OwnCategoryTable(Table):
    """`categories.yaml` of a home that extends the shipped table."""

    extends: Literal["shipped"]
    version: str
    """Changes with every change of this file."""
    minimum: float | None = Field(default=None, gt=0, lt=1)
    """The agency's threshold; the shipped one by default."""
    categories: dict[Key, OwnTopic] = Field(default_factory=dict)
    """Key → what is different, or a new category."""
    without: list[Key] = Field(default_factory=list)
    """Shipped categories that this agency does not have."""
    cases: list[CategoryCase] = Field(default_factory=list)
    """Texts and what they are about; `muara check` tries them."""


def load_categories(path: Path) -> CategoryTable:
    """A home's table: whole, or with `extends: shipped` what is different from the shipped one.

    Raises:
        RulesError: it cannot be used; says where and why.
    """
    try:
        extends = _EXTENDS.search(path.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        extends = False  # reading it as a table says what is wrong
    if not extends:
        return load_table(path, CategoryTable)
    return _combined(path, load_table(RULES / "categories.yaml", CategoryTable), load_table(path, OwnCategoryTable))


def _combined(path: Path, shipped: CategoryTable, own: OwnCategoryTable) -> CategoryTable:
    topics = dict(shipped.categories)
    for key in own.without:
        if topics.pop(key, None) is None:
            raise RulesError(f"{path}: without: there is no shipped category {key!r}")
    for key, change in own.categories.items():
        topics[key] = _topic(path, key, topics.get(key), change)
    try:
        return CategoryTable(
            version=f"{shipped.version}+{own.version}",
            minimum=own.minimum or shipped.minimum,
            categories=topics,
            cases=own.cases,
        )
    except ValidationError as error:
        raise RulesError(f"{path}: {error.errors()[0]['msg']}") from error


def _topic(path: Path, key: str, shipped: Topic | None, own: OwnTopic) -> Topic:
    if shipped is None:
        if own.title is None or own.agency is None or not own.phrases:
            raise RulesError(f"{path}: categories.{key}: a new category needs `title`, `agency` and `phrases`")
        return Topic(title=own.title, agency=own.agency, phrases=own.phrases)
    known = {phrase for phrases in shipped.phrases.values() for phrase in phrases}
    if unknown := [phrase for phrase in own.without if phrase not in known]:
        raise RulesError(f"{path}: categories.{key}.without: not among the shipped phrases: {', '.join(unknown)}")
    gone = {*own.without, *(phrase for phrases in own.phrases.values() for phrase in phrases)}
    phrases = {
        weight: [phrase for phrase in shipped.phrases.get(weight, ()) if phrase not in gone]
        + own.phrases.get(weight, [])
        for weight in sorted({*shipped.phrases, *own.phrases}, reverse=True)
    }
    return Topic(title=own.title or shipped.title, agency=own.agency or shipped.agency, phrases=phrases)
