"""The words of a text that can tell one complaint from another, and how far two such sets meet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile, zip_longest

from rapidfuzz import fuzz, process

from normalizer.dedup.numerals import ROMAN
from normalizer.dedup.vocabulary import Vocabulary

_WORD = re.compile(r"\w+")
_ENDINGS = ("nya", "lah", "kah")
_LONG_FIGURE = 5
"""Digits from which a number is a customer's, an account's or a ticket's, not a house's or a count of days."""
_SAME_WORD = 80.0
"""Similarity (0 to 100) from which two longer words differ by one typing error: one letter in five."""
_LONG_WORD = 5
"""Letters from which one that is wrong still leaves a word that is known."""
_VOWELS = re.compile("[aeiou]")
_CONSONANTS = 3
"""Consonants from which they tell a word by themselves."""
_BLOCK = re.compile("[a-z]{0,2}[0-9]{0,3}")
_NEIGHBOURHOODS = ("rt", "rw")
_NAME = 2
"""Words of a place's name that are taken for it: where a name ends cannot be told in lower-case texts."""
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
    """Those with a digit in them that no word before them explains, such as RT, kilometre, number."""
    houses: frozenset[str]
    """Those that follow the word for a house's number."""
    blocks: frozenset[str]
    """Of an estate: `blok a 2` and `blk a2` are one."""
    figures: frozenset[str]
    """Numbers of five digits or more, as a customer's, an account's, a ticket's."""
    phrases: frozenset[tuple[str, str]]
    """Pairs of neighbours among the words that are not common."""
    letters: tuple[str, ...]
    """Words without a digit, sorted."""
    after: Mapping[str, str]
    """Of each word that is not common, the last one that stands before it."""
    places: frozenset[str]
    """Words that seem to name a place, since they follow a word such as `kelurahan`."""
    regions: frozenset[str]
    """Those of them that follow the word for a region."""
    streets: frozenset[str]
    """First words of names that follow a word for a street."""
    qualified: Mapping[str, tuple[str, ...]]
    """Of words that seem to name a place, the number or the like that follows: `melati` 2, `melati` raya dalam."""
    cities: frozenset[str]
    """Names of large cities."""
    directions: frozenset[str]
    """Words that tell a direction: `arah ke tol`."""
    kinds: frozenset[str]
    """Words that tell of a kind of trouble."""
    concepts: Mapping[str, int]
    """Kinds of trouble, each with the number of words that tell of it."""


def take_apart(text: str, vocabulary: Vocabulary) -> Words:
    """Splits a comparable text."""
    tokens = tuple(map(_plain, _WORD.findall(text)))
    common = vocabulary.common
    spans = vocabulary.spans
    telling = [
        token
        for token, following in zip_longest(tokens, tokens[1:], fillvalue="")
        if token not in common and not (following in spans and token.isdigit())
    ]
    content = frozenset(telling)
    explained = vocabulary.explaining
    numbers = frozenset(
        word
        for last, word in pairwise(("", *telling))
        if any(map(str.isdigit, word)) and last not in explained and not word.startswith(_NEIGHBOURHOODS)
    )
    places = _places(tokens, vocabulary.markers, vocabulary)
    regions = _places(tokens, vocabulary.regions, vocabulary)
    concepts: dict[str, int] = {}
    kinds = frozenset(word for word in content - places if vocabulary.concepts_of(word))
    for word in kinds:
        for concept in vocabulary.concepts_of(word):
            concepts[concept] = concepts.get(concept, 0) + 1
    return Words(
        text=text,
        tokens=tokens,
        content=content,
        numbers=numbers,
        houses=frozenset(
            word for last, word in pairwise(tokens) if last in vocabulary.houses and word.isdigit() and len(word) <= 3
        ),
        figures=frozenset(word for word in numbers if len(word) >= _LONG_FIGURE and word.isdigit()),
        blocks=_blocks(tokens, vocabulary),
        phrases=frozenset(pairwise(telling)),
        letters=tuple(sorted(filter(str.isalpha, content))),
        after={word: last for last, word in pairwise(telling)},
        places=places,
        regions=regions,
        streets=frozenset(
            word for last, word in pairwise(tokens) if last in vocabulary.streets and vocabulary.may_name(word)
        ),
        qualified=_qualified(tokens, places, vocabulary),
        cities=content & vocabulary.cities,
        directions=_directions(tokens, vocabulary),
        kinds=kinds,
        concepts=concepts,
    )


def _places(tokens: tuple[str, ...], markers: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Words of names that follow one of the markers."""
    found = set()
    left = 0
    for token in tokens:
        if token in vocabulary.markers:
            left = _NAME if token in markers else 0
        elif left and vocabulary.may_name(token):
            found.add(token)
            left -= 1
        elif not token.isdigit():
            left = 0
    return frozenset(found)


def _plain(word: str) -> str:
    """Without an ending that changes no meaning (`lampunya`), and numbers without leading zeros."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if len(word) >= 7 and word.endswith(_ENDINGS):
        return word[:-3]
    return word


def _qualified(
    tokens: tuple[str, ...], places: frozenset[str], vocabulary: Vocabulary
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for position, token in enumerate(tokens):
        if token in places:
            after = takewhile(vocabulary.qualifiers.__contains__, tokens[position + 1 :])
            if run := tuple(ROMAN.get(word, word) for word in after):
                found[token] = run
    return found


def _blocks(tokens: tuple[str, ...], vocabulary: Vocabulary) -> frozenset[str]:
    found = set()
    for position, token in enumerate(tokens[:-1]):
        if token in vocabulary.blocks and _BLOCK.fullmatch(name := tokens[position + 1]):
            number = tokens[position + 2] if name.isalpha() and position + 2 < len(tokens) else ""
            found.add(f"{name}{number}" if number.isdigit() else name)
    return frozenset(found)


def _directions(tokens: tuple[str, ...], vocabulary: Vocabulary) -> frozenset[str]:
    found = set()
    told = False
    for token in tokens:
        if token in vocabulary.directions:
            told = True
        elif told and token not in vocabulary.particles:
            told = False
            if token not in vocabulary.regions:
                found.add(token)
    return frozenset(found)


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
    if 0 < len(left_only) <= _TYPING_ERRORS and 0 < len(right_only) <= _TYPING_ERRORS:
        spelled = _mistyped(left, right, shared)
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


def _mistyped(left: Words, right: Words, shared: frozenset[str]) -> dict[str, str]:
    """Words of `left` with the word of `right` that they are but for the way they are typed. Numbers have none."""
    free = [word for word in right.letters if word not in shared]
    found: dict[str, str] = {}
    for word in left.letters:
        if not free:
            break
        if word in shared:
            continue
        best = _same_word(word, free, is_cut=word == left.tokens[-1], last=right.tokens[-1])
        if best is not None:
            found[word] = best
            free.remove(best)
    return found


def _same_word(word: str, others: list[str], *, is_cut: bool, last: str) -> str | None:
    if len(word) >= _LONG_WORD:
        best = process.extractOne(word, others, scorer=fuzz.ratio, processor=None, score_cutoff=_SAME_WORD)
        if best is not None and len(best[0]) >= _LONG_WORD:
            return str(best[0])
    bare = _consonants(word)
    for other in others:
        if len(bare) >= _CONSONANTS and bare == _consonants(other):
            return other
        # The last word of a text that was cut off.
        if (is_cut and other.startswith(word)) or (other == last and word.startswith(other)):
            return other
    return None


@lru_cache(maxsize=50_000)
def _consonants(word: str) -> str:
    """`sjk` for `sejak` and for `sjk`: vowels are what people leave out when they type in haste."""
    return word[0] + _VOWELS.sub("", word[1:])


def swapped(both: Overlap, left: Words, right: Words) -> int:
    """After how many words both go on with words that the other text lacks: what a template filled in twice looks like.

    One who tells more, or less, puts words in; one who copies puts other words in the same place.
    """
    if not both.torn:
        return 0
    spelled = both.spelled
    ours = {spelled.get(last, last) for word in both.left_only if (last := left.after.get(word)) in both.shared}
    theirs = {last for word in both.right_only if (last := right.after.get(word)) is not None}
    return len(ours & theirs)


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
