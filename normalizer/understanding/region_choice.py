"""Which region is meant, from all names of regions in a text: each alone says little, together they often say it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from normalizer.understanding.places_index import level_of, within

_MOST = 16
_SIZES = (2, 5, 8)
"""Letters of the code of a province, a kabupaten or kota, a kecamatan: so much of a longer code names what holds it."""
_SURE = {3.0: 0.9, 2.0: 0.8, 1.0: 0.65}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text, with all regions that it can mean."""

    codes: tuple[str, ...]
    strength: float
    """3 with its level word, 2 alone but surely a place, 1 likely one, 0.5 only good to support others."""
    likeness: float = 1.0
    """Less than 1 for a name that is only similar."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What a mention lends to others: regions above and below those that it can mean."""

    codes: frozenset[str]
    above: frozenset[str]
    strength: float

    @classmethod
    def of(cls, mention: Mention) -> Self:
        above = {code[:size] for code in mention.codes for size in _SIZES if size < len(code)}
        return cls(frozenset(mention.codes), frozenset(above), min(mention.strength, 2.0))

    def touches(self, code: str) -> bool:
        """Whether the region lies above or below one of these; itself does not count."""
        return code in self.above or any(code[:size] in self.codes for size in _SIZES if size < len(code))


@dataclass(frozen=True, slots=True)
class _Verdict:
    code: str
    weight: float
    sure: float


def choose(mentions: Iterable[Mention], home: str | None) -> tuple[str | None, float]:
    """The deepest region that the mentions agree on and how sure it is (0 to 1); None where they decide nothing.

    Where two places are named, what holds both. `home` is the region that most of them are expected in.
    """
    distinct = list(dict.fromkeys(mentions))[:_MOST]
    if not distinct:
        return None, 0.0
    lines = [_Line.of(mention) for mention in distinct]
    verdicts = [
        _verdict(mention, [other for other in lines if other is not line], home)
        for mention, line in zip(distinct, lines, strict=True)
    ]
    chosen = [verdict for verdict in verdicts if verdict]
    if not chosen:
        return None, 0.0
    # The strongest lead; of these the deepest, if all others lie on its line.
    strongest = max(verdict.weight for verdict in chosen)
    leading = [verdict for verdict in chosen if verdict.weight >= strongest - 1.5]
    deepest = max(leading, key=lambda verdict: (level_of(verdict.code), verdict.weight))
    if all(_on_one_line(verdict.code, deepest.code) for verdict in leading):
        return deepest.code, round(min(deepest.sure, 0.98), 2)
    common = _common([verdict.code for verdict in leading])
    return (common, 0.4) if common and level_of(common) >= 2 else (None, 0.0)


def _verdict(mention: Mention, others: list[_Line], home: str | None) -> _Verdict | None:
    """Which of the regions of one name is meant; None if nothing decides."""
    ranked: list[tuple[float, float, str]] = []
    for each in mention.codes:
        lent = sum([line.strength for line in others if line.touches(each)])
        ranked.append((lent + _prior(each, home), lent, each))
    best, support, _ = max(ranked)
    candidates = [each for total, _, each in ranked if total == best]
    code = _common(candidates)
    if code is None or (level_of(code) < 2 and any(level_of(each) > 2 for each in candidates)):
        return None  # of several villages nothing is certain but the province; of Kota and Kabupaten Bogor, that is
    at_home = home is not None and within(candidates[0], home)
    if not at_home and not _stands_abroad(mention, code, support, home):
        return None
    if mention.strength < 1 and not support:
        return None
    sure = _SURE.get(mention.strength, 0.5) * mention.likeness + 0.05 * bool(support)
    sure -= 0.25 * (home is not None and not at_home and not support) + 0.3 * (len(candidates) > 1)
    return _Verdict(code, mention.strength + best, max(sure, 0.3))


def _stands_abroad(mention: Mention, code: str, support: float, home: str | None) -> bool:
    """Outside the home region a name needs company; or its level word, and to be the only one of its kind."""
    if support >= 1 or (support and mention.strength >= 3):
        return True
    if home is not None:
        near = level_of(code) <= 2 or code[:2] == home[:2]
        return near and len(mention.codes) == 1 and mention.strength >= 3
    if all(level_of(each) <= 2 for each in mention.codes):
        return mention.strength >= 1
    return len(mention.codes) == 1 and (mention.strength >= 3 or (mention.strength >= 1 and level_of(code) == 3))


def _prior(code: str, home: str | None) -> float:
    """What a region has going for it before anything else is read."""
    if home is None:
        return 0.0
    return 2.0 if _on_one_line(code, home) else 0.5 if code[:2] == home[:2] else 0.0


def _on_one_line(one: str, other: str) -> bool:
    return within(one, other) or within(other, one)


def _common(codes: Sequence[str]) -> str | None:
    """The smallest region that holds all of these; None if there is none below the nation."""
    shared: list[str] = []
    for parts in zip(*(code.split(".") for code in codes), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared) or None
