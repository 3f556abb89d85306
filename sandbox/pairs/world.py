"""Where things happen and to whom: incidents at spots in real cities, whose streets and people are invented."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from lokal import wilayah

from sandbox.pairs.grammar import say
from sandbox.pairs.vocabulary import City, Tint, Trouble, Vocabulary

_EPOCH = datetime(2026, 1, 5, tzinfo=UTC)
_SPAN = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Spot:
    """One place, as exactly as anybody may name it. What a text leaves out is left out by its writer."""

    city: City
    code: str
    """Of the kelurahan, by Kemendagri."""
    village: str
    district: str
    street: str
    number: int
    rt: int
    rw: int
    landmark: str
    latitude: float
    longitude: float
    facility: str = ""
    estate: str = ""
    kilometre: int = 0
    towards: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that happened: what all who tell of it have in common."""

    trouble: Trouble
    spot: Spot
    began: datetime
    facts: tuple[int, int]
    """Which two of the trouble's facts hold."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reports, and how they type."""

    name: str
    phone: str
    """Nobody's: its subscriber part begins with 0000."""
    token: str
    """What a channel knows them by: opaque."""
    tint: Tint | None
    """Home language, where it shows."""
    manner: str
    """`formal`, `plain`, `chat`, `shouting` or `bare` (no punctuation)."""
    typos: float
    """Share of longer words that are mistyped."""
    emoji: float


@cache
def _villages(code: str) -> tuple[tuple[str, str, str], ...]:
    """Code, kelurahan and kecamatan, of a whole city.

    Raises:
        ValueError: the register holds no such city.
    """
    districts = wilayah.list_wilayah(code)
    if not districts:
        raise ValueError(f"the register holds no city {code!r}: give a code such as 35.73")
    return tuple(
        (row.code, row.name, district.name) for district in districts for row in wilayah.list_wilayah(district.code)
    )


class World:
    """Draws what happens, from one set's words and one source of chance."""

    def __init__(self, words: Vocabulary, rng: random.Random) -> None:
        self.words = words
        self._rng = rng

    def person(self, city: City) -> Person:
        """Somebody of that city."""
        rng = self._rng
        number = rng.randrange(10_000)
        return Person(
            name=rng.choice(self.words.places.names),
            phone=rng.choice((f"0811-0000-{number:04d}", f"08110000{number:04d}", f"+62 811 0000 {number:04d}")),
            token=f"{rng.getrandbits(48):012x}",
            tint=city.tint if rng.random() < 0.35 else None,
            manner=rng.choices(("formal", "plain", "chat", "shouting", "bare"), (22, 30, 30, 8, 10))[0],
            typos=rng.choice((0.0, 0.0, 0.0, 0.02, 0.06)),
            emoji=rng.choice((0.0, 0.0, 0.3)),
        )

    def city(self, *, besides: City | None = None) -> City:
        """Any city, or any other."""
        return self._rng.choice([city for city in self.words.places.cities if city != besides])

    def spot(self, trouble: Trouble, city: City | None = None) -> Spot:
        """A place where such a trouble may be."""
        rng, places = self._rng, self.words.places
        city = city or self.city()
        code, village, district = rng.choice(_villages(city.code))
        highway = trouble.kilometre and rng.random() < 0.5
        lane = not highway and not trouble.directed and rng.random() < 0.15
        facility = ""
        if trouble.facility is not None:
            facility = say(
                rng,
                rng.choice(getattr(places, trouble.facility)),
                {"village": village, "district": district, "city": city.name, "n": str(rng.randint(1, 9))},
            )
        return Spot(
            city=city,
            code=code,
            village=village,
            district=district,
            street=rng.choice(places.highways if highway else places.lanes if lane else places.streets),
            number=rng.randint(1, 150),
            rt=rng.randint(1, 12),
            rw=rng.randint(1, 9),
            landmark=rng.choice(places.landmarks),
            latitude=round(city.latitude + rng.uniform(-0.05, 0.05), 6),
            longitude=round(city.longitude + rng.uniform(-0.05, 0.05), 6),
            facility=facility,
            estate=rng.choice(places.estates) if rng.random() < 0.5 else "",
            kilometre=rng.randint(3, 60) if highway else 0,
            towards=rng.choice(places.towards) if trouble.directed and rng.random() < 0.5 else "",
        )

    def incident(self, trouble: Trouble | None = None, spot: Spot | None = None) -> Incident:
        """Something that happens somewhere, at any time of the year."""
        rng = self._rng
        trouble = trouble or rng.choice(list(self.words.troubles.values()))
        count = len(trouble.facts)
        first = rng.randrange(count)
        return Incident(
            trouble,
            spot or self.spot(trouble),
            _EPOCH + _SPAN * rng.random(),
            (first, (first + rng.randint(1, max(1, count - 1))) % count),
        )

    def other(self, incident: Incident, scopes: tuple[str, ...]) -> Trouble:
        """Another trouble, of another kind, that may be at such a place."""
        fitting = [
            trouble
            for trouble in self.words.of_scope(*scopes)
            if trouble.kind != incident.trouble.kind and trouble.facility in (None, incident.trouble.facility)
        ]
        return self._rng.choice(fitting or [t for t in self.words.troubles.values() if t != incident.trouble])

    def another_street(self, spot: Spot) -> Spot:
        """The same neighbourhood, another street and all that goes with it."""
        rng, places = self._rng, self.words.places
        near = self.words.places.highways if spot.kilometre else places.streets
        return replace(
            spot,
            street=rng.choice([street for street in near if street != spot.street]),
            landmark=rng.choice([mark for mark in places.landmarks if mark != spot.landmark]),
            number=rng.randint(1, 150),
            rt=spot.rt % 12 + rng.randint(1, 3),
            latitude=round(spot.latitude + rng.choice((-1, 1)) * rng.uniform(0.012, 0.03), 6),
            longitude=round(spot.longitude + rng.choice((-1, 1)) * rng.uniform(0.012, 0.03), 6),
        )
