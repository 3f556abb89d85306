"""The words of a complaint that can tell it from another one: what it names, what it tells, what it says of numbers.

All that needs one text only is found here, once; comparing two is left to sets.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from normalizer.dedup.numerals import ROMAN
from normalizer.dedup.vocabulary import Vocabulary
from normalizer.understanding.words import word_set

_WORD = re.compile(r"\w+")
_LONG_WORD = 7
_LONG_FIGURE = 5
"""Digits from which a number is a customer's, an account's or a ticket's, not a house's or a count of days."""
_BLOCK = re.compile("[a-z]{0,2}[0-9]{0,3}")
_MIXED = re.compile("[a-z]{1,2}[0-9]{1,3}|[0-9]{1,3}[a-z]")
_LETTERED = re.compile("[a-z][0-9]{1,3}")
"""Blocks are also told without the word: `Rajabasa C2`."""
_NEIGHBOURHOODS = ("rt", "rw")
_NAME = 2
"""Words of a place's name that are taken for it: where a name ends cannot be told in lower-case texts."""
_SHORTEST_NAME = 3
_DONE = "sudah"
_BETWEEN = frozenset({"bisa", "kembali", "mulai", "mau", "dapat", "kami", "pada"})
_LASTING = frozenset({
    "tapi", "belum", "tolong", "mohon", "minta", "harap", "segera", "kapan", "semoga", "dong", "agar", "supaya", "kok",
    "tidak", "please", "harapan", "bantu",
})  # fmt: skip
"""Whoever says one of these does not tell that a trouble is over."""
_KINDS = {
    "sdn": "sd", "smpn": "smp", "sman": "sma", "smkn": "smk", "mtsn": "mts", "pom": "spbu", "langgar": "mushola",
    "surau": "mushola", "musala": "mushola", "rsud": "rs", "rumahsakit": "rs",
}  # fmt: skip
_STATE_SCHOOL = "negeri"
_NO_DIRECTION = frozenset({"satu", "dua", "kedua", "se", "berlawanan"})
_COUNTED = frozenset({"km", "kilometer", "rt", "rw"})
_NO_SPOT = frozenset({"jalan", "gang", "lorong", "rumah", "kota", "jl", "jln"})
_NO_BUILDING = word_set(
    """
    di jalan kampung kp lingkungan perumahan perum perumnas komplek kompleks blok cluster kota sungai kali taman dusun
    btn residence villa griya rumah pintu tol
    """
)
_NO_BLOCK = ("rt", "rw", "km", "no", "rp", "jl", "gg", "kg", "sd", "jt", "rb", "l")
_LIGHT, _POWER = "lampu", "listrik"
_HOME_LIGHT = frozenset({"jalan", "pju", "tiang", "penerangan", "terang", "bohlam", "titik", "gang", "merah", "taman"})
"""Without one of these `lampu mati` means that there is no electricity."""
_CALLED = "nama"
"""The word before somebody's name, where it was not masked."""


@dataclass(frozen=True, slots=True)
class Words:
    """One complaint, taken apart."""

    text: str
    tokens: tuple[str, ...]
    """All words of the text in order."""
    content: frozenset[str]
    """Distinct roots without the common ones, numbers included; of the text."""
    matter: frozenset[str]
    """Those of them that tell what happened: no names, no numbers, no words for places."""
    said: frozenset[str]
    """All words of the text, the address field, the street and the landmark, as they stand there."""
    names: frozenset[str]
    """What may be a name in any of them: words that nobody uses otherwise, and what follows a word for a place."""
    marked: frozenset[str]
    """Those that follow a word for a street, a building or the like, and no word for a region."""
    spots: frozenset[str]
    """What it says that a place is beside (`depan apotek`), and the first words of streets: no region, but a spot."""
    regions: frozenset[str]
    """Those that follow a word for a region."""
    numbered: Mapping[str, frozenset[str]]
    """What stands before a number, with those numbers: `koridor` 2, `agung` 7, `smp` 88."""
    unknown: frozenset[str]
    """Roots that may be names, or ordinary words with a typing error."""
    numbers: frozenset[str]
    """Those with a digit in them that no word before them explains, such as RT, kilometre, number."""
    buildings: frozenset[str]
    """Kinds of buildings and the like that it names: `puskesmas`, `pasar`."""
    houses: frozenset[str]
    """Those that follow the word for a house's number."""
    blocks: frozenset[str]
    """Of an estate: `blok a 2` and `blk a2` are one."""
    figures: frozenset[str]
    """Numbers of five digits or more, as a customer's, an account's, a ticket's; and names of people."""
    phrases: frozenset[tuple[str, str]]
    """Pairs of neighbours among the roots that are not common."""
    after: Mapping[str, str]
    """Of each root that is not common, the last one that stands before it."""
    places: frozenset[str]
    """Words that seem to name a place, since they follow a word for one."""
    streets: frozenset[str]
    """First words of names that follow a word for a street."""
    qualified: Mapping[str, tuple[str, ...]]
    """Of words that seem to name a place, the number or the like that follows: `melati` 2, `melati` raya dalam."""
    cities: frozenset[str]
    """Names of large cities."""
    directions: frozenset[str]
    """Words that tell a direction: `arah ke tol`."""
    sides: frozenset[str]
    """Words that tell a side: `sisi barat`."""
    concepts: Mapping[str, int]
    """Kinds of trouble, each with the number of words that tell of it."""
    is_over: bool
    """It says that the trouble is over."""
    reminds: bool
    """It comes back to what was told before."""


def take_apart(text: str, vocabulary: Vocabulary, elsewhere: Sequence[str] = (), region: str = "") -> Words:
    """Splits a comparable text; `elsewhere` is what says where it is beside the text, each part by itself; `region`
    names the region in which it was found to be.
    """
    tokens = tuple(map(_plain, _WORD.findall(text)))
    beside = [tuple(map(_plain, _WORD.findall(part))) for part in elsewhere]
    every = [tuple(token for token in part if token != _STATE_SCHOOL) for part in (tokens, *beside)]
    known = [vocabulary.known(token) for token in tokens]
    following = (*tokens[1:], "")
    telling = [
        (token, each)
        for token, each, after in zip(tokens, known, following, strict=False)
        if token not in vocabulary.common
        and each.root not in vocabulary.common
        and not (after in vocabulary.spans and token.isdigit())
    ]
    telling_roots = [each.root for _, each in telling]
    content = frozenset(telling_roots)
    read = frozenset(token for part in every[1:] for token in part if vocabulary.may_name(token))
    regions = _places(every, vocabulary.regions, vocabulary) | frozenset(_WORD.findall(region.casefold()))
    marked = frozenset(
        token
        for token in _places(every, vocabulary.markers - vocabulary.regions, vocabulary)
        if token in read or not vocabulary.known(token).is_ordinary
    )
    places = marked | regions
    buildings = vocabulary.markers - vocabulary.regions - vocabulary.streets - _NO_BUILDING
    streets = frozenset(
        word
        for part in every
        for last, word in pairwise(part)
        if last in vocabulary.streets
        and vocabulary.may_name(word)
        and (word in read or not vocabulary.known(word).is_ordinary)
    )
    numbers = _numbers([token for token, _ in telling], vocabulary)
    concepts: dict[str, int] = {}
    for each in {each for token, each in telling if each.concepts and token not in places}:
        for concept in each.concepts:
            concepts[concept] = concepts.get(concept, 0) + 1
    if _LIGHT in concepts and "mati" in content and content.isdisjoint(_HOME_LIGHT):
        concepts[_POWER] = concepts.get(_POWER, 0) + concepts.pop(_LIGHT)
    unknown = {token for part in every for token in part if _may_be_name(token, vocabulary)}
    names = (places | frozenset(unknown)) - vocabulary.cities
    return Words(
        text=text,
        tokens=tokens,
        content=content,
        matter=frozenset(
            each.root
            for token, each in telling
            if each.is_ordinary and token not in places and token not in vocabulary.markers and not each.root.isdigit()
        ),
        said=frozenset(token for part in every for token in part) | content,
        names=names,
        marked=(marked - regions) - vocabulary.cities,
        spots=_spots(every, vocabulary) | (streets - regions),
        regions=regions - vocabulary.cities,
        numbered=_numbered(every, names, vocabulary),
        unknown=frozenset(each.root for _, each in telling if not each.is_ordinary),
        numbers=numbers,
        houses=frozenset(
            word
            for part in every
            for last, word in pairwise(part)
            if last in vocabulary.houses and word.isdigit() and len(word) <= 3
        ),
        figures=frozenset(word for word in numbers if len(word) >= _LONG_FIGURE and word.isdigit())
        | frozenset(word for last, word in pairwise(tokens) if last == _CALLED and _may_be_name(word, vocabulary)),
        blocks=frozenset(block for part in every for block in _blocks(part, vocabulary)),
        buildings=frozenset(_KINDS.get(token, token) for part in every for token in part if token in buildings),
        phrases=frozenset(pairwise(telling_roots)),
        after={word: last for last, word in pairwise(telling_roots)},
        places=places,
        streets=streets - regions,
        qualified=_qualified(tokens, _places(every, vocabulary.markers, vocabulary), vocabulary),
        cities=frozenset(token for part in every for token in part if token in vocabulary.cities),
        directions=_directions(tokens, vocabulary.directions, vocabulary),
        sides=_directions(tokens, vocabulary.sides, vocabulary),
        concepts=concepts,
        is_over=_is_over(tokens, vocabulary),
        reminds=not vocabulary.reminders.isdisjoint(tokens),
    )


def _plain(word: str) -> str:
    """Without an ending that changes no meaning (`lampunya`), and numbers without leading zeros."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if len(word) >= _LONG_WORD and word.endswith("nya"):
        return word[:-3]
    return word


def _may_be_name(token: str, vocabulary: Vocabulary) -> bool:
    return len(token) >= _SHORTEST_NAME and token.isalpha() and not vocabulary.known(token).is_ordinary


def _places(parts: Sequence[Sequence[str]], markers: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Words of names that follow one of the markers."""
    found = set()
    for tokens in parts:
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


def _numbers(telling: Sequence[str], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(
        word
        for last, word in pairwise(("", *telling))
        if any(map(str.isdigit, word)) and last not in vocabulary.explaining and not word.startswith(_NEIGHBOURHOODS)
    )


def _numbered(
    parts: Sequence[Sequence[str]], names: frozenset[str], vocabulary: Vocabulary
) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    bases = (vocabulary.markers - vocabulary.regions) | _COUNTED
    for tokens in parts:
        for (last, word), after in zip(pairwise(tokens), (*tokens[2:], ""), strict=False):
            number = ROMAN.get(word, word)
            if last not in names and last not in bases:
                continue
            if (number.isdigit() and len(number) < _LONG_FIGURE and after not in vocabulary.spans) or _MIXED.fullmatch(
                number
            ):
                found.setdefault(_KINDS.get(last, last), set()).add(number)
    return {base: frozenset(numbers) for base, numbers in found.items()}


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


def _blocks(tokens: Sequence[str], vocabulary: Vocabulary) -> frozenset[str]:
    found = set()
    for position, token in enumerate(tokens[:-1]):
        if token in vocabulary.blocks and _BLOCK.fullmatch(name := tokens[position + 1]):
            number = tokens[position + 2] if name.isalpha() and position + 2 < len(tokens) else ""
            found.add(f"{name}{number}" if number.isdigit() else name)
    found.update(token for token in tokens if _LETTERED.fullmatch(token) and not token.startswith(_NO_BLOCK))
    return frozenset(found)


def _directions(tokens: tuple[str, ...], markers: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """`arah ke tol`, `sisi barat`; not `satu arah`."""
    found = set()
    told = False
    for last, token in pairwise(("", *tokens)):
        if token in markers:
            told = last not in _NO_DIRECTION and not last.isdigit()
        elif told and token not in vocabulary.particles:
            told = False
            if token not in vocabulary.regions and token not in vocabulary.common:
                found.add(token)
    return frozenset(found)


def _spots(parts: Sequence[Sequence[str]], vocabulary: Vocabulary) -> frozenset[str]:
    """`depan apotek`, `samping warung Mak Iteng`: what stands there, and what it is called."""
    found = set()
    for tokens in parts:
        left = 0
        for token in tokens:
            if token in vocabulary.positions:
                left = _NAME
            elif left and (token in vocabulary.markers or not vocabulary.known(token).is_ordinary):
                if token not in vocabulary.regions and token not in vocabulary.cities and token not in _NO_SPOT:
                    found.add(_KINDS.get(token, token))
                left -= 1
            else:
                left = 0
    return frozenset(found)


def _is_over(tokens: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    """`Sudah diperbaiki`, or thanks and something that is well; not what goes on with a but, is asked for, or was not
    yet done.
    """
    over = vocabulary.resolved
    if not over or not _LASTING.isdisjoint(tokens):
        return False
    if not vocabulary.thanks.isdisjoint(tokens) and not over.isdisjoint(tokens):
        return True
    done = False
    for token, after in pairwise((*tokens, "")):
        if done and token in over:
            return after not in {"mati", "tidak"}
        done = vocabulary.known(token).root == _DONE or (done and token in _BETWEEN)
    return False
