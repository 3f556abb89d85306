"""Patterns that are tried only where a word stands that all of their matches hold: most texts are done with at once."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from normalizer.understanding.words import word_set

_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=64)
def letters_in(text: str) -> frozenset[str]:
    """The runs of letters in a text, in lower case: `RT5rw3` holds `rt` and `rw`. Of the last texts: remembered."""
    return frozenset(_LETTERS.findall(text.lower()))


class Guarded:
    """A pattern, whatever the case, and the words (runs of letters) of which every match holds one."""

    def __init__(self, pattern: str, words: str | Iterable[str], and_words: str | Iterable[str] = ()) -> None:
        """`and_words`: others of which every match holds one too."""
        self._pattern = re.compile(pattern, re.IGNORECASE)
        self._words = word_set(words) if isinstance(words, str) else frozenset(words)
        self._and_words = word_set(and_words) if isinstance(and_words, str) else frozenset(and_words)

    def finditer(self, text: str, said: frozenset[str]) -> Iterator[re.Match[str]]:
        """All matches; `said` are the text's `letters_in`."""
        return self._pattern.finditer(text) if self._may_match(said) else iter(())

    def search(self, text: str, said: frozenset[str]) -> re.Match[str] | None:
        """The first match."""
        return self._pattern.search(text) if self._may_match(said) else None

    def _may_match(self, said: frozenset[str]) -> bool:
        if said.isdisjoint(self._words):
            return False
        return not self._and_words or not said.isdisjoint(self._and_words)
