"""The words of a text that can tell one complaint from another, and how far two such sets meet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.fuzz import ratio

_WORD = re.compile(r"\w+")
_ENDINGS = ("nya", "lah", "kah")
_LONG_FIGURE = 5
"""Digits from which a number is a customer's, an account's or a ticket's, not a house's or a count of days."""
_SAME_WORD = 80.0
"""Similarity (0 to 100) from which two longer words differ by one typing error: one letter in five."""
_TYPING_ERRORS = 12
"""With more unmatched words than this on either side the texts differ by more than typing."""


@dataclass(frozen=True, slots=True)
class Words:
    """One text, taken apart."""

    text: str
    tokens: tuple[str, ...]
    """All words in order."""
    content: frozenset[str]
    """Distinct words without the common ones, numbers included."""
    numbers: frozenset[str]
    """Those with a digit in them."""
    figures: frozenset[str]
    """Numbers of five digits or more."""


def take_apart(text: str, common: frozenset[str]) -> Words:
    """Splits a comparable text; `common` are words that say nothing, such as greetings."""
    tokens = tuple(map(_plain, _WORD.findall(text)))
    content = frozenset(tokens) - common
    numbers = frozenset(word for word in content if any(map(str.isdigit, word)))
    figures = frozenset(word for word in numbers if len(word) >= _LONG_FIGURE and word.isdigit())
    return Words(text, tokens, content, numbers, figures)


def _plain(word: str) -> str:
    """Without an ending that changes no meaning (`lampunya`), and numbers without leading zeros."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if len(word) >= 7 and word.endswith(_ENDINGS):
        return word[:-3]
    return word


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts have in common."""

    shared: frozenset[str]
    """Words of both, words with a typing error in one of them included."""
    left_only: frozenset[str]
    right_only: frozenset[str]
    containment: float
    """Shared words over the words of the shorter text: 1 when one text holds the other."""
    jaccard: float
    """Shared words over all words."""

    @property
    def torn(self) -> bool:
        """Either text has words that the other lacks: a template filled in twice looks like that."""
        return bool(self.left_only) and bool(self.right_only)


def overlap(left: Words, right: Words) -> Overlap:
    """Compares two texts word by word."""
    shared = left.content & right.content
    left_only, right_only = left.content - shared, right.content - shared
    if left_only and right_only:
        same = _mistyped(left_only, right_only)
        shared |= frozenset(same)
        left_only -= frozenset(same)
        right_only -= frozenset(same.values())
    shorter = len(shared) + min(len(left_only), len(right_only))
    everything = len(shared) + len(left_only) + len(right_only)
    return Overlap(
        shared,
        left_only,
        right_only,
        containment=len(shared) / shorter if shorter else 0.0,
        jaccard=len(shared) / everything if everything else 0.0,
    )


def _mistyped(left: frozenset[str], right: frozenset[str]) -> dict[str, str]:
    """Words of `left` with the word of `right` that they are but for a typing error. Numbers have none."""
    if len(left) > _TYPING_ERRORS or len(right) > _TYPING_ERRORS:
        return {}
    free = sorted(word for word in right if len(word) >= 5 and word.isalpha())
    found: dict[str, str] = {}
    for word in sorted(left):
        if len(word) < 5 or not word.isalpha():
            continue
        best = max(free, key=lambda other: ratio(word, other), default=None)
        if best is not None and ratio(word, best) >= _SAME_WORD:
            found[word] = best
            free.remove(best)
    return found


def other_slots(
    both: Overlap, left: Words, right: Words, markers: frozenset[str], generic: frozenset[str]
) -> tuple[str, str]:
    """The two words that stand after one and the same place word, each missing from the other text; or ("", "").

    That is how one form filled in for two places looks: `... di pasar mawar ...` and `... di pasar melati ...`.
    """
    ours = _slots(left, both.left_only, markers, generic)
    theirs = _slots(right, both.right_only, markers, generic)
    marker = min(ours.keys() & theirs.keys(), default=None)
    return ("", "") if marker is None else (ours[marker], theirs[marker])


def _slots(text: Words, only: frozenset[str], markers: frozenset[str], generic: frozenset[str]) -> dict[str, str]:
    """By place word the first word after it that the other text lacks."""
    found: dict[str, str] = {}
    for marker, word in pairwise(text.tokens):
        if marker in markers and word in only and word not in generic:
            found.setdefault(marker, word)
    return found


def weighted_containment(both: Overlap, rarity: Mapping[str, float], unseen: float) -> float:
    """Containment in which each word counts with its rarity; `unseen` is the rarity of words never met before."""

    def weight(words: frozenset[str]) -> float:
        return sum(rarity.get(word, unseen) for word in words)

    shared = weight(both.shared)
    shorter = shared + min(weight(both.left_only), weight(both.right_only))
    return shared / shorter if shorter else 0.0
