"""The situations of the city, read from `situations/*.yaml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from ruamel.yaml import YAML

Place = Literal["street", "home", "clinic", "school", "market", "village", "subdistrict", "hospital"]
Span = Literal["state", "event", "habit", "none"]
"""`state` lasts (since …), `event` happened (at …), `habit` comes back (every …)."""
Classification = Literal["pengaduan", "aspirasi", "permintaan_informasi"]
"""SP4N's classes."""

_Choice = TypeVar("_Choice", bound=str)
_PLACES: tuple[Place, ...] = get_args(Place)
_SPANS: tuple[Span, ...] = get_args(Span)
_CLASSES: tuple[Classification, ...] = get_args(Classification)
SITUATIONS = Path(__file__).parent / "situations"
_KNOWN = frozenset({"category", "class", "place", "span", "shared", "agency", "problem", "object", "effect", "wish"})


@dataclass(frozen=True, slots=True)
class Situation:
    """Something that goes wrong, or that one may wish or ask. Slots are independent of each other."""

    key: str
    category: str
    classification: Classification
    place: Place
    span: Span
    shared: bool
    """Whether other people may complain of the very same incident."""
    agency: str
    """`pdam` or `rsud` where an agency's own system takes it too, else empty."""
    problem: tuple[str, ...]
    """Phrasings of the one fact that makes the situation."""
    object: tuple[tuple[str, ...], ...]
    """Facts that tell one incident from another, each in several phrasings."""
    effect: tuple[str, ...]
    wish: tuple[str, ...]


def load_situations(folder: Path = SITUATIONS) -> tuple[Situation, ...]:
    """All situations, in the order of their files.

    Raises:
        ValueError: a situation lacks a slot, or has an unknown one; the sentence names file and situation.
    """
    found: list[Situation] = []
    for path in sorted(folder.glob("*.yaml")):
        document: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(path)
        found.extend(_read(path.name, key, entry) for key, entry in document.items())
    if not found:
        raise ValueError(f"no situations in {folder}: put *.yaml files there")
    return tuple(found)


def _read(file: str, key: str, entry: dict[str, Any]) -> Situation:
    where = f"{file}, {key}"
    if unknown := set(entry) - _KNOWN:
        raise ValueError(f"{where}: unknown slot {min(unknown)!r}; known are {', '.join(sorted(_KNOWN))}")
    for slot, least in (("problem", 3), ("object", 2), ("effect", 3), ("wish", 3)):
        if len(entry.get(slot) or ()) < least:
            raise ValueError(f"{where}: {slot} needs at least {least} entries")
    if any(len(fact) < 2 for fact in entry["object"]):
        raise ValueError(f"{where}: each fact of object needs at least two phrasings")
    return Situation(
        key=key,
        category=entry["category"],
        classification=_one_of(where, "class", entry.get("class", "pengaduan"), _CLASSES),
        place=_one_of(where, "place", entry["place"], _PLACES),
        span=_one_of(where, "span", entry["span"], _SPANS),
        shared=entry.get("shared", True),
        agency=entry.get("agency", ""),
        problem=tuple(entry["problem"]),
        object=tuple(tuple(fact) for fact in entry["object"]),
        effect=tuple(entry["effect"]),
        wish=tuple(entry["wish"]),
    )


def _one_of(where: str, slot: str, value: str, allowed: tuple[_Choice, ...]) -> _Choice:
    for choice in allowed:
        if choice == value:
            return choice
    raise ValueError(f"{where}: {slot} is {value!r}, but must be one of {', '.join(allowed)}")
