"""How far the words of two complaints meet: alike, alike but for typing, and words in one another's place."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from normalizer.dedup.words import Words

_SAME_WORD = 80.0
"""Similarity (0 to 100) from which two longer words differ by one typing error: one letter in five."""
_LONG_WORD = 5
"""Letters from which one that is wrong still leaves a word that is known."""
_VOWELS = re.compile("[aeiou]")
_CONSONANTS = 3
"""Consonants from which they tell a word by themselves."""
_TYPING_ERRORS = 24
"""With more unmatched words than this on both sides the texts differ by more than typing."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts have in common."""

    shared: frozenset[str]
    """Words of both, words with a typing error in one of them included, in the left text's spelling."""
    left_only: frozenset[str]
    right_only: frozenset[str]
    spelled: Mapping[str, str]
    """Of shared words with a typing error: the left text's spelling, and the right one's."""
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
    spelled: Mapping[str, str] = {}
    if 0 < min(len(left_only), len(right_only)) <= _TYPING_ERRORS:
        spelled = _mistyped(left, right, left_only, right_only)
        if spelled:
            shared = shared.union(spelled)
            left_only, right_only = left_only.difference(spelled), right_only.difference(spelled.values())
    shorter = len(shared) + min(len(left_only), len(right_only))
    everything = len(shared) + len(left_only) + len(right_only)
    return Overlap(
        shared,
        left_only,
        right_only,
        spelled,
        containment=len(shared) / shorter if shorter else 0.0,
        jaccard=len(shared) / everything if everything else 0.0,
    )


def _mistyped(left: Words, right: Words, left_only: frozenset[str], right_only: frozenset[str]) -> dict[str, str]:
    """Words of `left` with the word of `right` that they are but for the way they are typed. Numbers have none.

    One of the two is a word that nobody knows: no typing error turns `lama` into `lampu`.
    """
    ours, theirs = left.unknown & left_only, right.unknown & right_only
    if not ours and not theirs:
        return {}
    ends = (left.tokens[-1], right.tokens[-1])
    free = sorted(word for word in right_only if word.isalpha())
    found: dict[str, str] = {}
    for word in sorted(left_only):
        if not word.isalpha():
            continue
        others = free if word in ours else [other for other in free if other in theirs]
        best = _same_word(word, others, ends)
        if best is not None:
            found[word] = best
            free.remove(best)
    return found


def _same_word(word: str, others: Iterable[str], ends: tuple[str, str]) -> str | None:
    best, most = None, _SAME_WORD
    bare = _consonants(word)
    for other in others:
        if len(bare) >= _CONSONANTS and bare == _consonants(other):
            return other
        # The last word of a text that was cut off.
        if (word == ends[0] and other.startswith(word)) or (other == ends[1] and word.startswith(other)):
            return other
        if len(word) >= _LONG_WORD <= len(other) and (word[0] == other[0] or word[-2:] == other[-2:]):
            alike = fuzz.ratio(word, other, score_cutoff=most)
            if alike >= most:
                best, most = other, alike + 1e-6
    return best


@lru_cache(maxsize=50_000)
def _consonants(word: str) -> str:
    """`sjk` for `sejak` and for `sjk`: vowels are what people leave out when they type in haste."""
    return word[0] + _VOWELS.sub("", word[1:])


def other_slots(
    both: Overlap, left: Words, right: Words, markers: frozenset[str], generic: frozenset[str]
) -> tuple[str, str]:
    """The two words that stand after one and the same place word, each missing from the other text; or ("", "").

    That is how one form filled in for two places looks: `... di pasar mawar ...` and `... di pasar melati ...`.
    """
    ours = _slots(left, both.left_only, markers, generic)
    theirs = _slots(right, both.right_only, markers, generic)
    both_say = [m for m in ours.keys() & theirs.keys() if not _is_cut(ours[m], theirs[m])]
    marker = min(both_say, default=None)
    return ("", "") if marker is None else (ours[marker], theirs[marker])


def other_qualifiers(left: Words, right: Words) -> tuple[str, str]:
    """What tells two places of one name apart, of the left and the right text: `2` and `dalam`; or ("", "")."""
    for name in sorted(left.qualified.keys() & right.qualified.keys()):
        ours, theirs = left.qualified[name], right.qualified[name]
        # Melati and Melati Raya may be one; Melati Raya 2 and Melati Raya Dalam are two.
        if any(one != other for one, other in zip(ours, theirs, strict=False)):
            return " ".join((name, *ours)), " ".join((name, *theirs))
    return "", ""


def other_numbers(left: Words, right: Words, passed: frozenset[str]) -> tuple[str, str]:
    """After one and the same name or word for a place each has numbers, and none in common; or ("", "").

    Numbers after the words of `passed` say nothing.
    """
    for base in sorted((left.numbered.keys() & right.numbered.keys()) - passed):
        ours, theirs = left.numbered[base], right.numbered[base]
        if ours.isdisjoint(theirs):
            return f"{base} {min(ours)}", f"{base} {min(theirs)}"
    return "", ""


def _is_cut(ours: str, theirs: str) -> bool:
    """One is the beginning of the other: a text message ended there."""
    return ours.startswith(theirs) or theirs.startswith(ours)


def _slots(text: Words, only: frozenset[str], markers: frozenset[str], generic: frozenset[str]) -> dict[str, str]:
    """By place word the first word after it that the other text lacks."""
    found: dict[str, str] = {}
    for marker, word in pairwise(text.tokens):
        if marker in markers and word in only and word not in generic:
            found.setdefault(marker, word)
    return found
