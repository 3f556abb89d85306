"""A place in words: as much of it as its writer names, in the order and spelling of the moment."""

import random
from collections.abc import Sequence

from sandbox.pairs.world import Spot

Details = frozenset[str]
"""Of street, number, rt, landmark, facility, estate, village, district, city, kilometre, towards, pin."""

_ROAD = ("Jl. {}", "Jalan {}", "Jln {}", "jl {}", "jln. {}", "jalan {}")
_NUMBER = (" No. {}", " no {}", " nomor {}", " No.{}")
_RT = ("RT {a:02d}/RW {b:02d}", "RT {a} RW {b}", "rt {a} rw {b}", "RT.{a:03d} RW.{b:03d}", "Rt{a:02d}/{b:02d}")
_VILLAGE = ("Kelurahan {}", "Kel. {}", "kel {}", "{}", "kelurahan {}")
_DISTRICT = ("Kecamatan {}", "Kec. {}", "kec {}")
_CITY = ("{}", "Kota {}", "kota {}")
_TOWARDS = ("arah {}", "arah ke {}", "yang menuju {}", "jalur ke {}")
_LINK = (
    "https://maps.google.com/?q={:.6f},{:.6f}",
    "https://www.google.com/maps?q={:.5f},{:.5f}",
    "lokasi {:.6f}, {:.6f}",
    "titik koordinat {:.6f},{:.6f}",
)


class Namer:
    """Names places in one set's words: those for where a thing stands by another."""

    def __init__(self, near: Sequence[str]) -> None:
        self._near = near

    def in_words(self, spot: Spot, details: Details, rng: random.Random) -> str:
        """The details of a place, most exact first; those that the place lacks are passed over."""
        parts = [*self._exact(spot, details, rng), *_wide(spot, details, rng)]
        if "pin" in details:
            jitter = rng.uniform(-0.0004, 0.0004), rng.uniform(-0.0004, 0.0004)
            parts.append(rng.choice(_LINK).format(spot.latitude + jitter[0], spot.longitude + jitter[1]))
        return rng.choice((", ", " ", ", ")).join(parts)

    def _exact(self, spot: Spot, details: Details, rng: random.Random) -> list[str]:
        parts: list[str] = []
        if "facility" in details and spot.facility:
            parts.append(spot.facility)
        if "street" in details:
            road = spot.street if spot.street.startswith(("Gang", "Lorong")) else rng.choice(_ROAD).format(spot.street)
            if "number" in details:
                road += rng.choice(_NUMBER).format(spot.number)
            if "kilometre" in details and spot.kilometre:
                road += rng.choice((" KM {}", " km {}", " Km. {}")).format(spot.kilometre)
            parts.append(road)
        if "towards" in details and spot.towards:
            parts.append(rng.choice(_TOWARDS).format(spot.towards))
        if "estate" in details and spot.estate:
            parts.append(spot.estate)
        if "landmark" in details:
            mark = rng.choice(self._near).format(spot.landmark)
            parts.insert(rng.choice((0, len(parts))), mark)
        if "rt" in details:
            parts.append(rng.choice(_RT).format(a=spot.rt, b=spot.rw))
        return parts

    def field(self, spot: Spot, rng: random.Random, *, must: Details = frozenset()) -> str:
        """The address field of a form: from everything to nothing; never without what it must name."""
        wanted = rng.choices(
            (
                frozenset({"street", "number", "village", "district", "city"}),
                frozenset({"street", "village"}),
                frozenset({"street", "rt", "village", "district"}),
                frozenset({"village", "district"}),
                frozenset({"district"}),
                frozenset({"city"}),
                frozenset({"rt", "village"}),
                frozenset[str](),
            ),
            (3, 4, 2, 3, 3, 3, 1, 1),
        )[0]
        if spot.facility and "street" in wanted:
            # A building's address is the building: nobody looks its street up.
            wanted = (wanted - {"street", "number", "rt"}) | {"facility"}
        return self.in_words(spot, frozenset(wanted | must), rng) or rng.choice(("-", "", "sesuai lokasi"))


def _wide(spot: Spot, details: Details, rng: random.Random) -> list[str]:
    parts: list[str] = []
    if "village" in details:
        parts.append(rng.choice(_VILLAGE).format(spot.village))
    if "district" in details:
        parts.append(rng.choice(_DISTRICT).format(spot.district))
    if "city" in details:
        parts.append(rng.choice(_CITY).format(spot.city.name))
    return parts
