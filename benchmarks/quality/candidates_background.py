"""A history to find candidates in: a year of many cities' complaints, understood as far as the index needs it."""

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lokal import wilayah

from normalizer.dedup.report import Report
from normalizer.understanding import text as words
from normalizer.understanding.categories import Categorizer
from sandbox.pairs.desk import Desk
from sandbox.pairs.naming import Details
from sandbox.pairs.vocabulary import SETS, City, load
from sandbox.pairs.world import Incident, Person

PER_CITY = 10_000
"""Complaints of one city in the year: 27 a day, as one large city's media centre takes."""
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=365)
_SHARED = 0.10
"""Share of messages about an incident that others tell of as well."""
_FORMS = 0.06
"""Share that are copies of a form or petition."""
_REPEATED = 0.04
"""Share that their writer sent before."""
_READ = 30
"""Texts of each trouble whose category is read: reading a million would take longer than all the rest."""
_STREETS = (
    "Melur Kapuas Barito Mahakam Serayu Brantas Progo Musi Batanghari Siak Kampar Rokan Asahan Deli Babura Ciliwung"
    " Cisadane Citarum Cimanuk Bogowonto Lukulo Opak Wampu Kahayan Sebangau Lamandau Sesayap Kayan Bengawan Jeneberang"
    " Saddang Poso Tondano Memberamo Digul Walanae Lariang Palu Konaweha Singkoyo Bajo Muna Buton Wakatobi Sikka Alor"
)
_ENDS = (
    "Raya Indah Jaya Makmur Asri Baru Lama Timur Barat Utara Selatan Dalam Permai Sejahtera 1 2 3 4 5 6 7 8 9 10 11 12"
)
STREETS = tuple(f"{first} {end}" for first, end in itertools.product(_STREETS.split(), _ENDS.split()))


def cities(count: int) -> list[City]:
    """So many cities: those of the pairs first, then the register's, as far as they go (514)."""
    known = [city for name in SETS for city in load(name).places.cities]
    codes = {city.code for city in known}
    rows = [row for province in wilayah.list_wilayah() for row in wilayah.list_wilayah(province.code)]
    others = [row for row in rows if row.code not in codes]
    known += [City(code=row.code, name=row.name, tint="javanese", latitude=-7.0, longitude=110.0) for row in others]
    return known[:count]


class Background:
    """Draws reports without end; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"background/{seed}")
        self._desks = [Desk(load(name), seed) for name in SETS]
        self._categorizer = Categorizer()
        self._number = 0
        self._categories: dict[str, list[str | None]] = defaultdict(list)

    def reports(self, count: int, among: list[City]) -> Iterator[Report]:
        """So many reports of these cities, at any time of the year."""
        made = 0
        while made < count:
            for report in itertools.islice(self._group(self._rng.choice(among)), count - made):
                made += 1
                yield report

    def _group(self, city: City) -> Iterator[Report]:
        """One message; or all about one incident; or several copies of one form."""
        rng, desk = self._rng, self._rng.choice(self._desks)
        chance = rng.random()
        trouble = rng.choice(desk.words.shared if chance < _SHARED / 4 else list(desk.words.troubles.values()))
        incident = desk.world.incident(trouble, desk.world.spot(trouble, city))
        spot = incident.spot
        if not spot.kilometre:
            spot = replace(spot, street=STREETS[int(len(STREETS) * rng.random() ** 2)])
        incident = replace(incident, spot=spot, began=_BEGIN + _YEAR * rng.random())
        person = desk.world.person(city)
        if chance < _SHARED / 4:
            for _ in range(2 + int(rng.expovariate(0.5))):
                yield self._told(desk, incident, desk.world.person(city), incident.trouble.window)
        elif chance > 1 - _FORMS / 3:
            template, seed = rng.choice([*desk.words.frames.chains, *desk.words.frames.forms]), rng.getrandbits(32)
            for _ in range(3):
                elsewhere = replace(incident, spot=replace(spot, rt=rng.randint(1, 15), number=rng.randint(1, 150)))
                yield self._report(elsewhere, person, desk.fill(template, elsewhere, person, seed), frozenset())
        else:
            yield self._told(desk, incident, person, 14.0)
            if rng.random() < _REPEATED:
                yield self._told(desk, incident, person, 14.0)

    def _told(self, desk: Desk, incident: Incident, person: Person, within: float) -> Report:
        details = desk.details(incident)
        at = incident.began + timedelta(days=self._rng.uniform(0, within))
        text = desk.text(incident, person, at, desk.wording(), details)
        return replace(self._report(incident, person, text, details), sent_at=at)

    def _report(self, incident: Incident, person: Person, text: str, details: Details) -> Report:
        """As understanding would leave it, taken from what is known instead of read out of the text."""
        spot, rng = incident.spot, self._rng
        self._number += 1
        pinned = "pin" in details
        return Report(
            complaint_id=UUID(int=rng.getrandbits(128)),
            agency=spot.city.code,
            identities=frozenset({f"phone:{person.token}", f"conversation:{self._number}"}),
            reporter_known=rng.random() < 0.6,
            comparable=words.comparable(text),
            region_code=spot.code if "village" in details else spot.code.rpartition(".")[0],
            street=spot.street if "street" in details else None,
            number=str(spot.number) if "number" in details else None,
            rt=f"{spot.rt:03d}" if "rt" in details else None,
            rw=f"{spot.rw:03d}" if "rt" in details else None,
            kilometre=float(spot.kilometre) if spot.kilometre and "kilometre" in details else None,
            latitude=spot.latitude if pinned else None,
            longitude=spot.longitude if pinned else None,
            category=self._category(incident, text),
            sent_at=incident.began,
            attachments=frozenset(),
            landmark=spot.landmark if "landmark" in details else spot.facility or None,
        )

    def _category(self, incident: Incident, text: str) -> str | None:
        """Read out of the first texts of each trouble; of the later ones it is that of one of those."""
        known = self._categories[incident.trouble.problem[0]]
        if len(known) < _READ:
            found = self._categorizer.categorize(text)
            known.append(found.key if found else None)
            return known[-1]
        return self._rng.choice(known)
