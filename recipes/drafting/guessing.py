"""Which of the sender's fields is which of ours: by what it is called, and by what stands in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recipes.drafting import shapes
from recipes.drafting.leaves import Leaf
from recipes.drafting.leaves import leaves as leaves_of
from recipes.drafting.vocabulary import NAMES, NOT_IT
from recipes.mapped import Value

_SURE = 5
"""Points from which a guess is as good as known: its whole name is one of ours, and its value looks like it."""
_ENOUGH = 3
"""Points below which nothing is said."""
_LETTERS = 0.7


@dataclass(frozen=True, slots=True)
class Guess:
    """One of our fields, and where the sender has it."""

    field: str
    leaf: Leaf
    points: int

    @property
    def sure(self) -> bool:
        """Whether name and value agree."""
        return self.points >= _SURE


def guess(leaves: Sequence[Leaf]) -> dict[str, Guess]:
    """Our field → the leaf that fits best. No leaf serves twice, but as a phone number and an e-mail address."""
    fitting = [Guess(field, leaf, points) for field in NAMES for leaf in leaves if (points := _points(field, leaf))]
    order = {leaf.path: number for number, leaf in enumerate(leaves)}
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for each in sorted(fitting, key=lambda g: (-g.points, _rank(g), order[g.leaf.path])):
        if each.field not in found and each.leaf.path not in taken and each.points >= _ENOUGH:
            found[each.field] = each
            taken.add(each.leaf.path)
    if ("latitude" in found) != ("longitude" in found):
        found.pop("latitude", None)
        found.pop("longitude", None)
    return found


def _points(field: str, leaf: Leaf) -> int:
    """0 where the value cannot be it; else by the name up to 3, by the value up to 3."""
    value = _VALUES[field](leaf.value)
    if value == 0 or NOT_IT.get(field, frozenset()) & _around(field, leaf):
        return 0
    name = _named(field, leaf)
    # Some things show themselves, whatever they are called; the others need a name that speaks for them.
    return value + name if name or (field in _SELF_EVIDENT and value >= _ENOUGH) else 0


def _around(field: str, leaf: Leaf) -> set[str]:
    """The words that may speak against it: of its name; where names are general, also of the object that it is in."""
    return {*leaf.words, *(leaf.above[-1:] if field in ("category", "external_id", "title") else ())}


def _named(field: str, leaf: Leaf) -> int:
    own = " ".join(leaf.words)
    names = NAMES[field]
    if own in names or own.replace(" ", "") in {name.replace(" ", "") for name in names}:
        return 3
    if any(_holds(leaf.words, name.split()) for name in names):
        return 2
    return 1 if any(name in leaf.above for name in names) else 0


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(words[at : at + len(wanted)]) == list(wanted) for at in range(len(words) - len(wanted) + 1))


def _rank(found: Guess) -> int:
    """Among names as good as each other, the one that stands earlier in the vocabulary."""
    own = " ".join(found.leaf.words)
    names = NAMES[found.field]
    return names.index(own) if own in names else len(names)


def _name_like(value: Value) -> int:
    if not isinstance(value, str) or len(value) > 80 or shapes.as_url(value) or "@" in value:
        return 0
    letters = sum(sign.isalpha() or sign in " .,'-" for sign in value)
    return 2 if letters >= _LETTERS * len(value) and len(value.split()) <= 6 else 0


def _word_like(value: Value) -> int:
    return (
        2 if isinstance(value, str) and len(value) <= 80 and not shapes.as_url(value) else int(isinstance(value, int))
    )


def _text_like(value: Value) -> int:
    words = shapes.prose(value)
    return 0 if not words else 1 if words < 3 else 2 if words < 6 else 3


def _file_like(value: Value) -> int:
    if isinstance(value, list):
        return 3 if any(shapes.as_url(each) for each in _inner(value)) else 0
    return 3 if shapes.as_url(value) else 0


def _inner(values: Iterable[Value]) -> Iterable[Value]:
    for each in values:
        yield from (leaf.value for leaf in leaves_of(each)) if isinstance(each, dict) else [each]


_VALUES: Mapping[str, Callable[[Value], int]] = {
    "external_id": lambda value: 2 if shapes.as_id(value) and not shapes.as_url(value) else 0,
    "text": _text_like,
    "title": lambda value: 2 if isinstance(value, str) and 0 < len(value) <= 200 and not shapes.as_url(value) else 0,
    "name": _name_like,
    "phone": lambda value: 3 if shapes.as_phone(value) else 0,
    "email": lambda value: 3 if shapes.as_email(value) else 0,
    "sent_at": lambda value: 3 if shapes.as_time(value) else 0,
    "category": _word_like,
    "address": lambda value: 2 if isinstance(value, str) and not shapes.as_url(value) and "@" not in value else 0,
    "latitude": lambda value: 3 if shapes.as_degrees(value, 90) else 0,
    "longitude": lambda value: 3 if shapes.as_degrees(value, 180) else 0,
    "attachments": _file_like,
    "anonim": lambda value: 3 if shapes.as_flag(value) else 0,
    "rahasia": lambda value: 3 if shapes.as_flag(value) else 0,
    "hub_receipt": lambda value: 2 if shapes.as_id(value) else 0,
}
_SELF_EVIDENT = frozenset({"text", "email", "sent_at", "attachments", "phone"})
