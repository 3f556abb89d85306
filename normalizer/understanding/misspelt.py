"""A region's name that is misspelt, found among the few names of one region."""

from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from normalizer.understanding.mentions import Unread
from normalizer.understanding.place_words import ORDINARY
from normalizer.understanding.places_index import level_of
from normalizer.understanding.region_choice import Mention

_ONE_SLIP = 6
"""Letters from which on one of them may be wrong, missing, too many or swapped with its neighbour."""
_TWO_SLIPS = 10


class Names:
    """The names of one region, ready to be compared: only those of nearly the same length can be meant."""

    def __init__(self, names: Mapping[str, tuple[str, ...]]) -> None:
        """Takes names as keys, with the codes of all regions so named."""
        self._by_size: dict[tuple[int, int], dict[str, tuple[str, ...]]] = {}
        for name, codes in names.items():
            for level in {level_of(code) for code in codes}:
                fitting = tuple(code for code in codes if level_of(code) == level)
                self._by_size.setdefault((level, len(name)), {})[name] = fitting

    def nearest(self, wanted: str, level: int, slips: int) -> tuple[int, tuple[str, ...]] | None:
        """The slips and the codes of the one name that is nearest; None where there is none, or several as near."""
        near: list[tuple[int, tuple[str, ...]]] = []
        for length in range(len(wanted) - slips, len(wanted) + slips + 1):
            names = self._by_size.get((level, length))
            if names:
                found = process.extract(wanted, names.keys(), scorer=OSA.distance, score_cutoff=slips, limit=2)
                near += [(int(distance), names[name]) for name, distance, _ in found]
        near.sort()
        return near[0] if near and (len(near) == 1 or near[0][0] < near[1][0]) else None


def misspelt(unread: Unread, names: Names) -> Mention | None:
    """The one name that what follows a level word is nearly (`kel. Majapahid`); None where several are as near."""
    best: Mention | None = None
    for wanted in unread.candidates:
        if len(wanted) < _ONE_SLIP or wanted in ORDINARY:
            continue
        slips = 1 if len(wanted) < _TWO_SLIPS or unread.is_known else 2
        found = names.nearest(wanted, unread.level, slips)
        likeness = 1 - found[0] / len(wanted) if found else 0.0
        if found and (best is None or likeness > best.likeness):
            best = Mention(found[1], 2.0, likeness)
    return best
