"""The parts of an address that no register knows: street, house number, RT/RW, kilometre, landmark."""

from dataclasses import dataclass

from normalizer.understanding.guarded import letters_in
from normalizer.understanding.landmarks import WHERE, landmark
from normalizer.understanding.neighbourhoods import kilometre, rt_rw
from normalizer.understanding.streets import KINDS, Street, house_number, lone_house_number, streets

_OF_RT_RW = frozenset({"rt", "rw", "r", "rukun"})
_OF_KILOMETRES = frozenset({"km", "kilometer"})
_ESTATES = frozenset({"Perumahan", "Kompleks"})


@dataclass(frozen=True, slots=True)
class Address:
    """What a text says below the level of a kelurahan; None where it says nothing."""

    street: str | None = None
    """`Jalan Ahmad Yani`, `Jalan Mawar Gang Damai 2`, `Perumahan Griya Indah`: in full words, capitalised."""
    number: str | None = None
    """`12A`, `Blok C5 No. 12`."""
    rt: str | None = None
    """Three digits, as civil registry documents write it: `003`."""
    rw: str | None = None
    kilometre: float | None = None
    """Of a road's own count (`KM 12`)."""
    landmark: str | None = None
    """As written: `depan Masjid Al-Huda`."""
    spent: tuple[tuple[int, int], ...] = ()
    """Which parts of the text are used up, so that no region is read in a street's name."""
    street_confidence: float = 0.0
    """0 to 1."""
    landmark_confidence: float = 0.0
    """0 to 1."""


def read_address(text: str) -> Address:
    """The first street, house number, RT, RW, kilometre and landmark in a text."""
    words = letters_in(text)  # what is looked for at all: most texts hold no part of an address
    rt, rw = rt_rw(text) if words & _OF_RT_RW else (None, None)
    found = list(streets(text)) if words & KINDS else []
    named = _one_place(found)
    # An estate may stand before its street or after it; its block and number count then.
    number = next((number for street in found if (number := house_number(text, street.end))), None)
    marked, place, sure = landmark(text) if words & WHERE else (None, None, 0.0)
    spent = [(street.start, street.end) for street in found]
    return Address(
        street=" ".join(street.name for street in named) or None,
        number=number or (lone_house_number(text) if "rumah" in words else None),
        rt=rt,
        rw=rw,
        kilometre=kilometre(text) if words & _OF_KILOMETRES else None,
        landmark=marked,
        spent=(*spent, place) if place else tuple(spent),
        street_confidence=(0.9 if all(street.is_sure for street in named) else 0.7) if named else 0.0,
        landmark_confidence=sure,
    )


def _one_place(found: list[Street]) -> list[Street]:
    """The first street, with the lane off it that is named beside it; an estate where no street is named."""
    roads = [street for street in found if street.kind not in _ESTATES]
    if not roads:
        return found[:1]
    beside = len(roads) > 1 and roads[1].start - roads[0].end < 20
    if not beside or (roads[0].kind == "Jalan") == (roads[1].kind == "Jalan"):
        return roads[:1]
    return sorted(roads[:2], key=lambda road: road.kind != "Jalan")  # "lorong 5 jl. Veteran": written one way
