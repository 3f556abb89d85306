"""From samples to a draft: where the messages are, what identifies them, and which field is which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from recipes.drafting import shapes
from recipes.drafting.guessing import Guess, guess
from recipes.drafting.leaves import Leaf, leaves, lists, words_of
from recipes.drafting.vocabulary import NAMES
from recipes.mapped import Value

Kind = Literal["json", "form", "xml", "row"]

_HTML = re.compile(r"<(p|br|div|b|i|a|span|ul|li|strong|em)\b[^>]*>", re.IGNORECASE)
_SLUG = re.compile(r"[^a-z0-9]+")
_FEW = 2
"""Guesses that an element of a list must give to be taken for a message."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One delivery of the sender, decoded."""

    document: Value
    kind: Kind
    name: str = "sample"
    text: str = ""
    """As it was sent, where it cannot be written anew from the document: XML."""


@dataclass(slots=True)
class Draft:
    """What was found: parts of a recipe, and what to say about each."""

    receive: dict[str, Any] = field(default_factory=dict)
    map: dict[str, Any] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)
    """Our field → where it comes from."""
    unused: list[str] = field(default_factory=list)
    """Paths of the sample that nothing reads."""


def draft(sample: Sample) -> Draft:
    """A draft from one sample. What was not found is left out."""
    made = Draft()
    found, around = _messages(sample.document, made)
    made.guesses = guess(found)
    for name, each in guess(around).items():
        # What a batch says once is said of all its messages; an id or a text is not.
        if name not in made.guesses and name in ("sent_at", "category", "address"):
            kept = _slug(each.leaf.key)
            made.receive["split"]["keep"][kept] = each.leaf.path
            made.guesses[name] = Guess(name, Leaf(kept, each.leaf.key, each.leaf.value, each.leaf.words), each.points)
    _identity(made)
    _fields(made, found)
    used = {each.leaf.path for each in made.guesses.values()}
    made.unused = [leaf.path for leaf in found if leaf.path not in used and leaf.path not in _attached(made)]
    return made


def _messages(document: Value, made: Draft) -> tuple[list[Leaf], list[Leaf]]:
    """The leaves of one message, and those around the list in which the messages stand."""
    alone = list(leaves(document))
    best = max(lists(document, "body"), key=lambda each: len(guess(list(leaves(each[2][0])))), default=None)
    if best is None:
        return alone, []
    path, key, elements = best
    inside = guess(list(leaves(elements[0])))
    if "text" not in inside or len(inside) < _FEW or ("text" in guess(alone) and path != "body"):
        return alone, []
    name = _slug(key) if path != "body" else "pesan"
    made.receive["split"] = {"each": [{"list": path, "as": name}], "keep": {name: name}}
    around = [leaf for leaf in leaves(document, "body") if leaf.path != path]
    return list(leaves(elements[0], name)), around


def _identity(made: Draft) -> None:
    guesses = made.guesses
    if "external_id" in guesses:
        made.receive["external_id"] = guesses["external_id"].leaf.path
    senders = [guesses[name].leaf.path for name in ("phone", "email", "name") if name in guesses]
    if senders:
        made.receive["sender"] = senders[0] if len(senders) == 1 else senders
    if "sent_at" in guesses:
        made.receive["sent_at"] = _time(guesses["sent_at"].leaf)


def _time(leaf: Leaf) -> dict[str, Any]:
    form = shapes.as_time(leaf.value)
    return {"timestamp": leaf.path, **({} if form in ("ISO", "unix", None) else {"format": form})}


def _fields(made: Draft, found: Sequence[Leaf]) -> None:
    guesses = made.guesses
    for name in ("text", "title", "name", "phone", "email", "category", "address", "anonim", "rahasia", "hub_receipt"):
        if name in guesses:
            made.map[name] = _expression(name, guesses[name].leaf)
    if "latitude" in guesses:
        made.map["location"] = {name: guesses[name].leaf.path for name in ("latitude", "longitude")}
    elif (point := next((leaf for leaf in found if shapes.as_point(leaf.value)), None)) is not None:
        patterns = shapes.as_point(point.value)
        assert patterns is not None  # noqa: S101 it was looked for
        names = zip(("latitude", "longitude"), patterns, strict=True)
        made.map["location"] = {name: {"extract": point.path, "pattern": pattern} for name, pattern in names}
        guesses["location"] = Guess("location", point, 5)
    files = [leaf for leaf in found if _is_file(leaf, guesses)]
    if files:
        made.map["attachments"] = [_attachment(leaf) for leaf in files]


def _expression(name: str, leaf: Leaf) -> Any:  # noqa: ANN401 an expression of a recipe
    if name in ("phone", "email"):
        return {name: leaf.path}
    if name in ("anonim", "rahasia"):
        return {"boolean": leaf.path}
    if name == "text" and isinstance(leaf.value, str) and _HTML.search(leaf.value):
        return {"html_to_text": leaf.path}
    return leaf.path


def _is_file(leaf: Leaf, guesses: Mapping[str, Guess]) -> bool:
    taken = {each.leaf.path for name, each in guesses.items() if name != "attachments"}
    return leaf.path not in taken and "attachments" in guess([leaf])


def _attachment(leaf: Leaf) -> dict[str, Any]:
    if not isinstance(leaf.value, list):
        return {"url": leaf.path}
    first = leaf.value[0]
    if not isinstance(first, dict):
        return {"each": leaf.path, "url": "@"}
    inside = list(leaves(first))
    url = next(each for each in inside if shapes.as_url(each.value))
    said = {"each": leaf.path, "url": url.path}
    for name, words in (("filename", {"nama", "name", "filename"}), ("media_type", {"tipe", "type", "mime"})):
        named = next((each for each in inside if words & set(each.words) and each is not url), None)
        if named is not None:
            said[name] = named.path
    return said


def _attached(made: Draft) -> set[str]:
    return {path for each in made.map.get("attachments", []) for path in (each.get("each"), each["url"]) if path}


def _slug(name: str) -> str:
    plain = _SLUG.sub("_", "_".join(words_of(name))).strip("_")
    return plain if plain and plain[0].isalpha() else f"isi_{plain}".rstrip("_")


def missing(made: Draft) -> list[str]:
    """Our fields that were not found."""
    return [name for name in NAMES if name not in made.guesses and name not in ("latitude", "longitude", "hub_receipt")]
