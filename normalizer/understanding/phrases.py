"""Phrases found in words: the matching behind all rule tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator

from normalizer.understanding.words import Wording, words

T = TypeVar("T")


def _parts(written: str) -> tuple[tuple[str, bool], ...]:
    """The words of a phrase, each with whether it is open at its end."""
    return tuple(
        (part, raw.endswith("*"))
        for raw in written.split()
        for part in ([raw[:-1]] if raw.endswith("*") else words(raw))
    )


def _checked(written: str) -> str:
    parts = _parts(written)
    if not parts:
        raise ValueError(f"the phrase {written!r} has no words")
    if any(len(part) < 3 for part, open_end in parts if open_end):
        raise ValueError(
            f"the phrase {written!r} opens after fewer than three letters: it would match nearly everything"
        )
    return written


Phrase = Annotated[str, AfterValidator(_checked)]
"""A phrase of a rule table: words, each of which may end in `*` after at least three letters."""


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase that stands in a text."""

    phrase: str
    """As the rule table writes it."""
    meaning: T
    start: int
    """Index of its first word."""


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    written: str
    parts: tuple[tuple[str, bool], ...]
    meaning: T
    length: tuple[int, int, int]
    known: int
    """How many of its first words are what it is looked up by, so that only the others have to be compared."""

    def stands_at(self, said: Sequence[str], at: int) -> bool:
        """Whether all its words stand there."""
        if at + len(self.parts) > len(said):
            return False
        for n, (part, open_end) in enumerate(self.parts[self.known :], at + self.known):
            if not (said[n].startswith(part) if open_end else said[n] == part):
                return False
        return True


class PhraseTable(Generic[T]):
    """Phrases with what they mean. A word ending in `*` stands for all that begin like it.

    Phrases and texts are folded alike, so a table holds no everyday spellings. Where several phrases begin at one
    word the longest counts, and what it covers is spent: `lampu merah` is no `lampu`. One phrase may have two meanings.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        """Raises ValueError for a phrase that is none (see `Phrase`)."""
        # By the first word, by its first three letters where it is open, and by the first two words: where many
        # phrases begin with one word, few begin with it and the next.
        self._closed: dict[str, list[_Entry[T]]] = {}
        self._open: dict[str, list[_Entry[T]]] = {}
        self._pairs: dict[str, dict[str, list[_Entry[T]]]] = {}
        for written, meaning in phrases:
            parts = _parts(_checked(written))
            (first, is_open), (second, is_second_open) = parts[0], parts[1] if len(parts) > 1 else ("", True)
            if is_open:
                same_start, known = self._open.setdefault(first[:3], []), 0
            elif is_second_open:
                same_start, known = self._closed.setdefault(first, []), 1
            else:
                same_start, known = self._pairs.setdefault(first, {}).setdefault(second, []), 2
            same_start.append(_Entry(written, parts, meaning, _length(parts), known))
        self._firsts = frozenset(self._closed.keys() | self._pairs.keys())
        self._beginnings = frozenset(self._open)

    def find(self, said: Sequence[str]) -> list[Hit[T]]:
        """The phrases in a text's words (see `words.words`), left to right, none overlapping a different one."""
        wording = said if isinstance(said, Wording) else Wording(said)
        firsts, beginnings = wording.distinct & self._firsts, wording.beginnings & self._beginnings
        if not firsts and not beginnings:
            return []
        hits: list[Hit[T]] = []
        closed, opened, pairs = self._closed, self._open, self._pairs
        done = 0  # words that are spent
        for at, word in enumerate(said):
            if at < done or (word not in firsts and word[:3] not in beginnings):
                continue
            begun = [*closed.get(word, ())]
            if word in pairs and at + 1 < len(said):
                begun += pairs[word].get(said[at + 1], ())
            begun += opened.get(word[:3], ())
            entries = [entry for entry in begun if len(entry.parts) == entry.known or entry.stands_at(said, at)]
            if entries:
                longest = max(entry.length for entry in entries)
                hits += [Hit(entry.written, entry.meaning, at) for entry in entries if entry.length == longest]
                done = at + longest[0]
        return hits


def _length(parts: tuple[tuple[str, bool], ...]) -> tuple[int, int, int]:
    """Words, letters, closed words: the more of them, the more a phrase says."""
    letters = sum(len(part) for part, _ in parts)
    return len(parts), letters, sum(not is_open for _, is_open in parts)
