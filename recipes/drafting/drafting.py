"""From samples to a draft: where the messages are, what identifies them, and which field is which."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from recipes.drafting import shapes
from recipes.drafting.guessing import Guess, guess
from recipes.drafting.leaves import Leaf, leaves, lists, words_of
from recipes.drafting.vocabulary import NAMES, REGIONS
from recipes.mapped import Value

Kind = Literal["json", "form", "xml", "row"]

_HTML = re.compile(r"<(p|br|div|b|i|a|span|ul|li|strong|em)\b[^>]*>", re.IGNORECASE)
_SLUG = re.compile(r"[^a-z0-9]+")
_SPOKEN = {"rt": "RT", "rw": "RW", "kelurahan": "Kel.", "kecamatan": "Kec."}
"""What is put before a part of an address that does not say what it is."""
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
    parts: list[str] = field(default_factory=list)
    """Paths of what the address is put together from, beside what was guessed to be it."""
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
    used = {*made.parts, *(each.leaf.path for each in made.guesses.values())}
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
    _address(made, found)
    if "latitude" in guesses:
        made.map["location"] = {name: guesses[name].leaf.path for name in ("latitude", "longitude")}
    else:
        _location(made, found)
    files = [leaf for leaf in found if _is_file(leaf, guesses)]
    # The first of a list is no other file than those of the list.
    files = [leaf for leaf in files if not any(leaf.path.startswith(f"{other.path}[") for other in files)]
    if files:
        made.map["attachments"] = [_attachment(leaf) for leaf in files]


def _location(made: Draft, found: Sequence[Leaf]) -> None:
    """A point in one value: a text, or GeoJSON, in which the longitude comes first (RFC 7946, 3.1.1)."""
    for leaf in found:
        if patterns := shapes.as_point(leaf.value):
            names = zip(("latitude", "longitude"), patterns, strict=True)
            made.map["location"] = {name: {"extract": leaf.path, "pattern": pattern} for name, pattern in names}
        elif leaf.words[-1:] == ("coordinates",) and shapes.as_position(leaf.value):
            made.map["location"] = {"latitude": f"{leaf.path}[1]", "longitude": f"{leaf.path}[0]"}
        else:
            continue
        made.guesses["location"] = Guess("location", leaf, 5)
        return


def _address(made: Draft, found: Sequence[Leaf]) -> None:
    """Adds the parts of an address that stand in fields of their own."""
    taken = {each.leaf.path for each in made.guesses.values()}
    written = made.map.get("address")
    parts = [written] if written else []
    for names in REGIONS:
        named = (leaf for leaf in found if " ".join(leaf.words) in names and leaf.path not in taken)
        part = next((leaf for leaf in named if isinstance(leaf.value, str | int)), None)
        if part is None:
            continue
        made.parts.append(part.path)
        made.guesses.setdefault("address", Guess("address", part, 5))
        spoken = _SPOKEN.get(names[0])
        parts.append({"template": f"{spoken} {{{part.path}}}"} if spoken and _bare(part.value, names) else part.path)
    if made.parts:
        made.map["address"] = {"join": parts, "with": ", "} if len(parts) > 1 else parts[0]


def _bare(value: Value, names: Sequence[str]) -> bool:
    """Whether a part does not say itself what it is: `Sukorejo`, not `Kel. Sukorejo`."""
    return not {word.lower().rstrip(".") for word in str(value).split()} & set(names)


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
    # The first with an address: others may be of another make, as an answer without a file among answers.
    inside = next(
        (
            found
            for element in leaf.value
            if (found := list(leaves(element))) and any(shapes.as_url(each.value) for each in found)
        ),
        None,
    )
    if inside is None:
        return {"each": leaf.path, "url": "@"}
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
