"""How telling a word is: its inverse document frequency in the stream's own history, with a prior for a young stream.

`lampu` stands in every tenth complaint, `Cempedak` in one of ten thousand: two texts that share the second are likely
to be about one thing. Sparck Jones (1972). Words are known by their hashes only, so the history holds nobody's words.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from normalizer.dedup.weights import Weights
from normalizer.dedup.words import take_apart

_REMEMBERED = 50_000
"""Words whose rarity is kept at hand."""
_SHORT_NUMBER = 3
"""Digits up to which a number (a house, an RT, a count of days) is an everyday word."""


def word_key(word: str) -> int:
    """A 63-bit hash of a word: equal for equal words, small, and not readable."""
    return int.from_bytes(blake2b(b"word|" + word.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


class Rarity:
    """The rarity of words, between 0 (everywhere) and 1 (never met before). Does not change once it is made."""

    def __init__(self, weights: Weights, counts: Mapping[int, int] | None = None, documents: int = 0) -> None:
        """Prepares it.

        Args:
            weights: tell the prior: which words are frequent in complaints anywhere, and how much that counts.
            counts: in how many documents each word stands, by `word_key`; a word that is left out in none.
            documents: how many documents were counted.
        """
        prior = weights.words
        self._counts = counts if counts is not None else {}
        self._frequent = prior.frequent
        self._expected = prior.frequent_share * prior.documents
        self._all = prior.documents + documents
        self._greatest = math.log(self._all + 1.0)
        self._known: dict[str, float] = {}
        self.documents = documents
        """How many of the stream's own documents stand behind it."""

    @classmethod
    def of_texts(cls, weights: Weights, texts: Iterable[str]) -> "Rarity":
        """From comparable texts, each a document."""
        counts: Counter[int] = Counter()
        documents = 0
        vocabulary = weights.vocabulary()
        for text in texts:
            documents += 1
            counts.update(map(word_key, take_apart(text, vocabulary).content))
        return cls(weights, counts, documents)

    def of(self, word: str) -> float:
        """The rarity of one word, as `words.take_apart` gives them."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[word] = self._measured(word)
        return known

    def _measured(self, word: str) -> float:
        everyday = word in self._frequent or (len(word) <= _SHORT_NUMBER and word.isdigit())
        met = self._counts.get(word_key(word), 0) + (self._expected if everyday else 0.0)
        return math.log((self._all + 1.0) / (met + 1.0)) / self._greatest
