"""Patterns that are tried only where a word stands that all of their matches hold: most texts are done with at once."""

import re
from collections.abc import Iterable, Iterator

from normalizer.understanding.words import word_set

_LETTERS = re.compile(r"[^\W\d_]+")


def letters_in(text: str) -> frozenset[str]:
    """The runs of letters in a text, in lower case: `RT5rw3` holds `rt` and `rw`."""
    return frozenset(_LETTERS.findall(text.lower()))


class Guarded:
    """A pattern, whatever the case, and the words (runs of letters) of which every match holds one."""

    def __init__(self, pattern: str, words: str | Iterable[str]) -> None:
        self._pattern = re.compile(pattern, re.IGNORECASE)
        self._words = word_set(words) if isinstance(words, str) else frozenset(words)

    def finditer(self, text: str, said: frozenset[str]) -> Iterator[re.Match[str]]:
        """All matches; `said` are the text's `letters_in`."""
        return iter(()) if said.isdisjoint(self._words) else self._pattern.finditer(text)

    def search(self, text: str, said: frozenset[str]) -> re.Match[str] | None:
        """The first match."""
        return None if said.isdisjoint(self._words) else self._pattern.search(text)
