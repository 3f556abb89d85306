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


def misspelt(unread: Unread, names: Mapping[str, tuple[str, ...]]) -> Mention | None:
    """The one name that what follows a level word is nearly (`kel. Majapahid`); None where several are as near."""
    best: tuple[float, Mention] | None = None
    for wanted in unread.candidates:
        slips = (
            0
            if len(wanted) < _ONE_SLIP or wanted in ORDINARY
            else 1
            if len(wanted) < _TWO_SLIPS or unread.is_known
            else 2
        )
        if not slips:
            continue
        near = [
            (distance, codes)
            for name, distance, _ in process.extract(
                wanted, names.keys(), scorer=OSA.distance, score_cutoff=slips, limit=5
            )
            if (codes := tuple(code for code in names[name] if level_of(code) == unread.level))
        ]
        if not near or (len(near) > 1 and near[1][0] == near[0][0]):
            continue
        distance, codes = near[0]
        likeness = 1 - distance / len(wanted)
        if best is None or likeness > best[0]:
            best = (likeness, Mention(codes, 2.0, likeness))
    return best[1] if best else None
