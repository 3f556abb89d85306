"""What an operator may name when asking for a story: an id, its beginning, or a number of a hub."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import dispatcher.story
import normalizer.story
from muara.ground import Books

SHORTEST = 4
"""Digits of an id's beginning: fewer would name too many."""
_MOST = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was perhaps meant."""

    subject: UUID
    """Of a message or a complaint."""
    words: str
    """What it is."""


async def candidates(books: Books, named: str) -> Sequence[Candidate]:
    """What bears this name: one when it is clear, several when it is not, none when nobody knows it.

    Raises:
        StoreUnavailable: the tables cannot be read.
    """
    found: dict[UUID, str] = {}
    if (bounds := _bounds(named)) is not None:
        found = dict(await normalizer.story.beginning_with(books.store, *bounds, most=_MOST))
        for delivery, complaint in await dispatcher.story.beginning_with(books.store, *bounds, most=_MOST):
            found.setdefault(complaint, f"complaint, by its delivery {delivery}")
    for complaint in await dispatcher.story.of_number(books.store, named):
        found.setdefault(complaint, f"complaint, by the number {named} of a hub")
    return [Candidate(subject, words) for subject, words in found.items()]


def _bounds(named: str) -> tuple[UUID, UUID] | None:
    """The lowest and the highest id that begin so; None when no id does."""
    digits = named.lower().rstrip("…").replace("-", "")
    if not SHORTEST <= len(digits) <= 32 or not re.fullmatch("[0-9a-f]*", digits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
