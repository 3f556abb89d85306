"""How often the region is right, and the rest of an address.

`python -m benchmarks.quality.understanding_places` prints the mistakes on the half to build by.
"""

import time
from collections.abc import Iterator

from benchmarks.quality.labelled import HALVES, Case, Half, cases
from benchmarks.quality.score import Score, share, tell
from normalizer.understanding.places import FoundPlace, PlaceFinder
from normalizer.understanding.places_index import Register, level_of, within

_STEP = "place"
_PARTS = ("street", "number", "rt", "rw", "kilometre", "landmark")


_MEDIAN = 204
"""Characters of a complaint in a large city's media centre."""
_MORE = (
    ". Sudah beberapa kali kami laporkan ke petugas tetapi sampai sekarang belum ada tindakan, mohon segera ditangani"
    " karena sangat mengganggu warga yang lewat setiap hari terutama anak sekolah. Terima kasih atas perhatiannya."
)


class PlaceCase(Case):
    """A text and the region that it means."""

    home: str | None = None
    """Of the source."""
    region: str | None
    """None where it is unknown, and should be said to be."""


class AddressCase(Case):
    """A text and the parts of an address in it."""

    street: str | None = None
    number: str | None = None
    rt: str | None = None
    rw: str | None = None
    kilometre: float | None = None
    landmark: str | None = None
    point: tuple[float, float] | None = None


class Places:
    """Finders for all homes of the cases, on one register."""

    def __init__(self) -> None:
        self._register = Register()
        self._finders: dict[str | None, PlaceFinder] = {}

    def found(self, text: str, home: str | None = None) -> FoundPlace:
        """What is found for a source at home there."""
        if home not in self._finders:
            self._finders[home] = PlaceFinder(home, self._register)
        return self._finders[home].find(text)


def scores() -> list[Score]:
    """The scores of both halves, the one held back last."""
    places = Places()
    return [
        score
        for half in HALVES
        for score in (*_regions(places, half), *_addresses(places, half), *_points(places, half))
    ]


def microseconds(rounds: int = 20) -> float:
    """Of a text of the half to build by, made as long as half of what citizens write, the best of some rounds."""
    places = Places()
    texts = [((case.text + _MORE)[:_MEDIAN], case.home) for case in cases("places", PlaceCase, "to build by")]
    best = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        for text, home in texts:
            places.found(text, home)
        best = min(best, time.thread_time() - start)
    return best / len(texts) * 1_000_000


def _is_right(found: str | None, meant: str) -> bool:
    """Whether kelurahan or kecamatan is right: the region itself, or the kecamatan that holds the kelurahan."""
    return found is not None and level_of(found) >= 3 and within(meant, found)


def _regions(places: Places, half: Half) -> Iterator[Score]:
    answered = [(case, places.found(case.text, case.home).region_code) for case in cases("places", PlaceCase, half)]
    deep = [(case.region, found) for case, found in answered if case.region and level_of(case.region) >= 3]
    said = [(case, found) for case, found in answered if found]
    true = sum(case.region is not None and within(case.region, found) for case, found in said)
    right = sum(_is_right(found, meant) for meant, found in deep)
    yield share(_STEP, f"kelurahan or kecamatan right, {half}", right, len(deep), 0.9)
    yield share(_STEP, f"exactly the region, {half}", sum(found == meant for meant, found in deep), len(deep))
    yield share(_STEP, f"precision of any region, {half}", true, len(said), 0.97)


def _addresses(places: Places, half: Half) -> Iterator[Score]:
    wanted = right = said = 0
    for case in cases("places_addresses", AddressCase, half):
        found = places.found(case.text)
        for part in _PARTS:
            meant, read = getattr(case, part), getattr(found, part, None)
            wanted += meant is not None
            said += read is not None
            right += meant is not None and read == meant
    yield share(_STEP, f"parts of an address found, {half}", right, wanted, 0.9)
    yield share(_STEP, f"precision of parts of an address, {half}", right, said, 0.95)


def _point_is_right(found: FoundPlace, meant: tuple[float, float] | None) -> bool:
    if meant is None or found.latitude is None or found.longitude is None:
        return (meant is None) == (found.latitude is None)
    return abs(found.latitude - meant[0]) < 1e-5 and abs(found.longitude - meant[1]) < 1e-5


def _points(places: Places, half: Half) -> Iterator[Score]:
    right = [
        _point_is_right(places.found(case.text), case.point) for case in cases("places_addresses", AddressCase, half)
    ]
    yield share(_STEP, f"coordinates right or rightly absent, {half}", sum(right), len(right), 0.97)


def mistakes(half: Half) -> Iterator[str]:
    """What is wrong, a line each."""
    places = Places()
    for case in cases("places", PlaceCase, half):
        found = places.found(case.text, case.home)
        if found.region_code != case.region:
            wrong = found.region_code and not (case.region and within(case.region, found.region_code))
            verdict = "wrong" if wrong else "less"
            yield f"{verdict}: {case.home} {case.text!r}: {found.region_code} {found.region_name} for {case.region}"
    for part in cases("places_addresses", AddressCase, half):
        found = places.found(part.text)
        for name in _PARTS:
            if getattr(found, name, None) != getattr(part, name):
                yield f"{part.text!r}: {name} {getattr(found, name, None)!r} for {getattr(part, name)!r}"
        if not _point_is_right(found, part.point):
            yield f"{part.text!r}: {found.latitude}, {found.longitude} for {part.point}"


if __name__ == "__main__":
    tell(mistakes("to build by"), scores())
    print(f"{microseconds():.0f} microseconds a text")
