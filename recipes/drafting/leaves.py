"""The values of a sample, each with the path by which a recipe reads it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from recipes.mapped import Value
from recipes.paths import present

_PLAIN = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is no object: a text, a number, a flag, or a list."""

    path: str
    """As a recipe writes it."""
    key: str
    """The sender's name for it."""
    value: Value
    words: tuple[str, ...]
    """Of its name, in small letters, without what divides them: `noHP_pelapor` is no, hp, pelapor."""
    above: tuple[str, ...] = ()
    """The words of the names that lead to it."""


def leaves(document: Value, path: str = "", above: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """All leaves below a document, in its order. Lists of objects are leaves: they are many things, not one."""
    if not isinstance(document, dict):
        return
    for key, value in document.items():
        here = f"{path}.{step(key)}" if path else step(key)
        words = words_of(key)
        if isinstance(value, dict):
            yield from leaves(value, here, (*above, *words))
        elif present(value) or value is False:
            yield Leaf(here, key, value, words, above)


def step(key: str) -> str:
    """A name as one step of a path."""
    return key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def lists(document: Value, path: str) -> Iterator[tuple[str, str, list[Value]]]:
    """Lists of objects in a document, the document itself among them: path, the name that leads to it, elements."""
    if isinstance(document, list):
        if document and all(isinstance(each, dict) for each in document):
            yield path, path.rpartition(".")[2].strip('"'), document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from lists(value, f"{path}.{step(key)}" if path else step(key))
