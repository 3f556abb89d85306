"""The values of a sample, each with the path by which a recipe reads it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recipes.mapped import Value
from recipes.paths import present

_PLAIN = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LABELS = (
    "label",
    "question",
    "pertanyaan",
    "field",
    "key",
    "kunci",
    "tipe",
    "type",
    "jenis",
    "nama",
    "name",
    "judul",
    "title",
)
_REFERENCES = ("ref", "label", "title", "name", "key")
_ANSWERS = ("value", "nilai", "answer", "jawaban", "values", "val")


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
    """All leaves below a document, in its order.

    Lists of objects are leaves, since they are many things, but for lists of questions and answers: these are the
    fields of a form.
    """
    if not isinstance(document, dict):
        return
    for key, value in document.items():
        here = f"{path}.{step(key)}" if path else step(key)
        words = words_of(key)
        if isinstance(value, dict):
            yield from leaves(value, here, (*above, *words))
        elif form := form_answers(value):
            yield from _answers(form, here, (*above, *words))
        elif present(value) or value is False:
            yield Leaf(here, key, value, words, above)
            if isinstance(value, list) and isinstance(value[0], str):
                yield Leaf(f"{here}[0]", key, value[0], words, above)


def form_answers(value: Value) -> list[tuple[str, str, str, Value]]:
    """Of a list of labels and answers, `[{"label": "Isi", "value": "…"}]`: how each is found, its label, its answer.

    The answer may stand under the name of its kind, and the label in an object of its own:
    `{"type": "text", "text": "…", "field": {"ref": "isi"}}`.
    """
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        return []
    for label in _labels(value[0]):
        answers = [said for each in value if (said := _answer(each, label))]
        if len({said for _, said, _, _ in answers}) > len(value) // 2:
            return answers
    return []


def _labels(element: dict[str, Value]) -> list[tuple[str, ...]]:
    own: list[tuple[str, ...]] = [(name,) for name in _LABELS]
    inner = [(key, name) for key, value in element.items() if isinstance(value, dict) for name in _REFERENCES]
    return [path for path in (*own, *inner) if isinstance(_at(element, path), str)]


def _at(element: Value, path: tuple[str, ...]) -> Value:
    for name in path:
        element = element.get(name) if isinstance(element, dict) else None
    return element


def _answer(element: dict[str, Value], label: tuple[str, ...]) -> tuple[str, str, str, Value] | None:
    kind = element.get("type")
    named = [*_ANSWERS, *([kind] if isinstance(kind, str) and label != ("type",) else [])]
    answer = next((name for name in named if name in element and name not in label), None)
    said = _at(element, label)
    if answer is None or not isinstance(said, str):
        return None
    return ".".join(map(step, label)), said, answer, element[answer]


def _answers(form: Sequence[tuple[str, str, str, Value]], path: str, above: tuple[str, ...]) -> Iterator[Leaf]:
    met: set[str] = set()
    for label, said, answer, value in form:
        if said not in met and (present(value) or value is False):
            quoted = said.replace("\\", "\\\\").replace("'", "\\'")
            yield Leaf(f"{path}[?{label} == '{quoted}'].{step(answer)} | [0]", said, value, words_of(said), above)
        met.add(said)


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
