"""The names of regions in a text, each with all regions that it can mean and what it counts for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from normalizer.understanding.place_names import SHORT, UNCERTAIN
from normalizer.understanding.place_words import (
    DIRECTED,
    HAMLET_WORDS,
    KABUPATEN_WORDS,
    KOTA_WORDS,
    LEVEL_WORDS,
    LOCATIVES,
    NOT_BEFORE_A_PLACE,
    ORDINARY,
    STATES,
)
from normalizer.understanding.places_index import RegionIndex, level_of, within
from normalizer.understanding.region_choice import Mention
from normalizer.understanding.said_words import Said

_LONGEST = 5
"""Words of the longest name that is looked for."""
_KAMPUNG_IS_A_VILLAGE = ("11", "14", "18", "64", "9")
"""Beginnings of the codes where a `kampung` is what is a desa elsewhere; elsewhere it is a part of one."""


_FAINT = 0.1
"""An ordinary word: counts for nothing, unless a comma and the name of what holds it follow (`Guntur, Demak`)."""
_WEAK = 0.2
"""Hardly an ordinary word, but alone: counts for nothing, unless the name of what holds it follows."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What follows a level word and is no region's name as written."""

    candidates: tuple[str, ...]
    """As keys, shortest first."""
    level: int
    is_known: bool
    """Whether it is a name elsewhere, as written: then it is less likely to be misspelt."""


class _Name(NamedTuple):
    words: tuple[str, ...]
    """Their keys."""
    is_capital: bool
    is_before_rt: bool
    """`tomang rt 3`"""


@dataclass(frozen=True, slots=True)
class _Placed:
    mention: Mention
    codes: tuple[str, ...]
    """Of all regions of the name, as far as its level word allows."""
    start: int
    end: int
    level: int | None
    """Of its level word, where one stands before it."""
    words: int


class Reader:
    """Reads mentions for sources at home in one region."""

    def __init__(self, index: RegionIndex, home: str | None) -> None:
        self._index = index
        self._home = home

    def read(
        self, text: str, spent: tuple[tuple[int, int], ...], *, is_address: bool
    ) -> tuple[list[Mention], list[Unread]]:
        """Mentions in their order, and what may be names misspelt. `spent`: what is no region, such as a street."""
        found: list[_Placed] = []
        unread: list[Unread] = []
        said = Said(text)
        announced = {at: level for at, key in enumerate(said.keys, 1) if (level := LEVEL_WORDS.get(key))}
        announced.pop(len(said.keys), None)
        read = 0  # words that are read, as parts of names
        for at in sorted({*self._index.beginnings(said, is_address=is_address), *announced}):
            if at < read:
                continue
            before = said.keys[at - 1] if said.is_beside(at) else ""
            level = announced.get(at) if before else None
            if level is None and _inside(said.starts[at], spent):
                continue
            placed = self._longest(text, said, at, before, level, is_address=is_address)
            if placed:
                found.append(placed)
                read = at + placed.words
            is_part = before in HAMLET_WORDS and not (self._home or "").startswith(_KAMPUNG_IS_A_VILLAGE)
            if level is None or level < 3 or is_part:
                continue  # no register has the parts of a village
            if not (placed and self._is_satisfying(placed.mention)):
                known = placed is not None and placed.mention.strength >= 3
                # Of a name that is one elsewhere, not the beginning only: "Bandar Selamat" is no "Banjar".
                candidates = said.joined(at, _LONGEST - 1)[placed.words - 1 if placed and known else 0 :]
                unread.append(Unread(tuple(candidates), level, known))
        return _joined(text, found), unread

    def _longest(
        self, text: str, said: Said, at: int, before: str, level: int | None, *, is_address: bool
    ) -> _Placed | None:
        """The longest name that begins with a word and counts for something."""
        for words, codes in reversed(self._index.names_from(said, at, _LONGEST)):
            start = said.starts[at]
            keys = tuple(said.keys[at : at + words])
            is_before_rt = said.keys[at + words : at + words + 1] in (["rt"], ["rw"])
            name = _Name(keys, is_capital=text[start].isupper(), is_before_rt=is_before_rt)
            mention = _marked(codes, level, before) if level else self._alone(name, codes, before)
            if is_address and not level:
                mention = self._in_address(name, codes) or mention
            if mention:
                every = mention.codes if level else codes
                return _Placed(mention, every, start, said.ends[at + words - 1], level, words)
        return None

    def _is_satisfying(self, mention: Mention) -> bool:
        """Whether it is of the level that is said, and at home: nothing similar needs to be looked for."""
        return mention.strength >= 3 and (self._home is None or bool(self._at_home(mention.codes)))

    def _at_home(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(code for code in codes if within(code, self._home)) if self._home else ()

    def _in_address(self, name: _Name, codes: tuple[str, ...]) -> Mention | None:
        """In an address field a name needs no level word."""
        home = self._at_home(codes)
        upper = () if _is_ordinary(name) else _upper(codes)
        return Mention(home or upper, 2.0) if home or upper else None

    def _alone(self, name: _Name, codes: tuple[str, ...], before: str) -> Mention | None:
        """What a name without its level word counts for."""
        if before in NOT_BEFORE_A_PLACE:
            return None
        if _is_ordinary(name):
            return Mention(codes, _FAINT) if name.is_capital or name.words[0] in UNCERTAIN else None
        located = before in LOCATIVES or name.is_before_rt
        home, upper = self._at_home(codes), _upper(codes)
        if home:
            return _at_home(name, home, upper, located=located or before in DIRECTED)
        if upper:
            return Mention(upper, 1.0 if located or len(name.words) > 1 else 0.5)
        is_only_one = len(codes) == 1 and level_of(codes[0]) == 3 and name.words[0] not in ORDINARY
        if len(name.words) > 1 and name.is_capital and is_only_one:
            return Mention(codes, 1.0)  # "Kebayoran Baru": there is no other
        return Mention(codes, 0.5 if len(name.words) > 1 or located else _WEAK)


def _at_home(name: _Name, home: tuple[str, ...], upper: tuple[str, ...], *, located: bool) -> Mention:
    """What a name of the home region counts for."""
    if not set(upper) <= set(home):
        return Mention((*home, *upper), 0.5)  # "Muara Enim": a kelurahan here, and a kabupaten elsewhere
    if len(name.words) > 1 or located:
        return Mention(home, 2.0 if located or name.is_capital else 1.0)
    return Mention(home, 1.0 if len(name.words[0]) >= (5 if name.is_capital else 7) else _WEAK)


def _marked(codes: tuple[str, ...], level: int, word: str) -> Mention | None:
    """A name after its level word; `kota` and `kabupaten` of one name are two regions (Kota and Kabupaten Bogor)."""
    fitting = [code for code in codes if level_of(code) == level]
    if not fitting and level >= 3:  # "kec. Dago": it is a kelurahan
        others = tuple(code for code in codes if level_of(code) >= 3)
        return Mention(others, 2.0) if others else None
    if word in KOTA_WORDS:
        fitting = [code for code in fitting if code[3:5] >= "71"]
    elif word in KABUPATEN_WORDS:
        fitting = [code for code in fitting if code[3:5] < "71"]
    elif word in HAMLET_WORDS:
        is_village = all(code.startswith(_KAMPUNG_IS_A_VILLAGE) for code in fitting)
        return Mention(tuple(fitting), 3.0 if is_village else 1.0) if fitting else None
    return Mention(tuple(fitting), 3.0) if fitting else None


def _joined(text: str, found: list[_Placed]) -> list[Mention]:
    """The mentions; of two that stand together and of which the latter holds the former, each proves the other.

    `Ngijo, Karangploso, Malang`: alone each is the name of several regions, together they are one.
    """
    mentions = [placed.mention for placed in found]
    for n in range(len(found) - 2, -1, -1):  # from the end: what stands above is known first
        lower, upper = mentions[n], mentions[n + 1]
        gap = text[found[n].end : found[n + 1].start]
        if not _together(gap, found[n + 1].level) or (lower.strength < _WEAK and "," not in gap):
            continue
        inside = _inside_of(upper.codes, found[n].codes)
        if inside:
            holding = tuple(code for code in upper.codes if any(within(each, code) for each in inside))
            mentions[n] = Mention(inside, max(lower.strength, 2.0), lower.likeness)
            mentions[n + 1] = Mention(holding, max(upper.strength, 1.0), upper.likeness)
    for n in range(1, len(found)):  # the other way about: `Bekasi Timur, Aren Jaya`
        upper, lower = mentions[n - 1], mentions[n]
        gap = text[found[n - 1].end : found[n].start]
        if not _together(gap, found[n].level) or (lower.strength < _WEAK and "," not in gap):
            continue
        inside = _inside_of(upper.codes, found[n].codes)
        if inside:
            mentions[n - 1] = Mention(upper.codes, max(upper.strength, 1.0), upper.likeness)
            mentions[n] = Mention(inside, max(lower.strength, 2.0), lower.likeness)
    return [mention for mention in mentions if mention.strength >= 0.5]


def _inside_of(upper: tuple[str, ...], codes: tuple[str, ...]) -> tuple[str, ...]:
    """Of these regions those that lie in one of the upper ones."""
    above = set(upper)
    return tuple(code for code in codes if any(code.rsplit(".", up)[0] in above for up in range(1, level_of(code))))


def _together(gap: str, level: int | None) -> bool:
    """Whether only signs stand between two names, or the level word of the latter (`Ngijo, Kec. Karangploso`)."""
    if len(gap) > 16:
        return False
    between = gap.strip(" ,.-/():\n")
    return not between or (level is not None and between.isalpha())


def _upper(codes: Iterable[str]) -> tuple[str, ...]:
    """Of these regions the provinces, kabupaten and kota."""
    return tuple(code for code in codes if level_of(code) <= 2)


def _is_ordinary(name: _Name) -> bool:
    """Whether it is a word, or a thing and how it is (`sungai mati`), before it is a name."""
    if len(name.words) > 1:
        return not name.is_capital and name.words[-1] in STATES and name.words[0] in ORDINARY
    (key,) = name.words
    return key in ORDINARY or key in UNCERTAIN or (len(key) < 4 and key not in SHORT)


def _inside(start: int, spent: tuple[tuple[int, int], ...]) -> bool:
    """Whether a word stands inside what is used up; a landmark's first word may begin a name (`Pasar Satelit`)."""
    return any(begin < start < end for begin, end in spent)
