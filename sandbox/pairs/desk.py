"""What all families of pairs share: two people or one, moments, address fields, known and unknown reporters."""

import random
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Literal

from sandbox.pairs.grammar import say
from sandbox.pairs.naming import Details, Namer
from sandbox.pairs.telling import Teller, Told, Wording
from sandbox.pairs.vocabulary import Vocabulary
from sandbox.pairs.world import Incident, Person, Spot, World

Label = Literal["same_report", "same_incident", "different"]
_ZONES = {"73": 8, "51": 8, "64": 8, "63": 8, "71": 8, "52": 8}
"""Hours east of Greenwich by province, where it is not Western Indonesian time."""
_WORD = re.compile(r"\w+")
_HAS_FIELD = 0.45
"""Share of messages from channels with an address field."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two messages."""

    text: str
    place: str | None
    """The address field; None where the channel has none."""
    at: datetime
    reporter: str | None
    """An opaque name for who it was, None where the channel does not tell."""
    city: str
    """Code of the city whose agency it came to. Not written: texts that do not say it do not say it."""

    def line(self) -> dict[str, str]:
        """As it is written to a file."""
        said = {"text": self.text, "place": self.place or "", "submitted_at": self.at.isoformat(timespec="seconds")}
        return said | ({"reporter": self.reporter} if self.reporter else {})


Reporters = tuple[str | None, str | None]


class Desk:
    """Draws what families are built from."""

    def __init__(self, words: Vocabulary, seed: int) -> None:
        self.words = words
        self.rng = random.Random(f"pairs/{seed}")
        self.world = World(words, self.rng)
        self.teller = Teller(words)
        self._namer = Namer(words.places.near)

    def wording(self, *, short: bool = False) -> Wording:
        """A fresh wording."""
        facts = self.rng.choice(((0, 1), (1, 0), (0,), (1,)))
        return Wording(self.rng.getrandbits(32), short, facts, self.rng.random() < 0.6)

    def gap(self, most: float = 25.0) -> timedelta:
        """Time between two messages; the same distribution for every label, but for the window."""
        rng = self.rng
        drawn = (rng.uniform(0.001, 0.03), rng.uniform(0.03, 1), rng.expovariate(0.25), rng.uniform(2, 25))
        days = rng.choices(drawn, (15, 30, 35, 20))[0]
        return timedelta(days=days if days <= most else rng.uniform(0.01, most))

    def moment(self, incident: Incident) -> datetime:
        """When the first of two people writes: soon after, or after a while where the trouble lasts."""
        lasting = incident.trouble.window >= 7 or incident.trouble.window == 0
        since = self.rng.uniform(0.02, 12.0 if lasting else 0.5)
        zone = timezone(timedelta(hours=_ZONES.get(incident.spot.city.code[:2], 7)))
        return (incident.began + timedelta(days=since)).astimezone(zone)

    def one_person(self, person: Person) -> Reporters:
        """The same person twice: known on both occasions, on one, or on none."""
        return self.rng.choices(((person.token, person.token), (person.token, None), (None, None)), (50, 25, 25))[0]

    def two_people(self, first: Person, second: Person) -> Reporters:
        """Two persons, likewise."""
        both, one, other, none = (first.token, second.token), (first.token, None), (None, second.token), (None, None)
        return self.rng.choices((both, one, other, none), (45, 13, 12, 30))[0]

    def two_speakers(self, first: tuple[Person, str], second: tuple[Person, str]) -> Reporters:
        """The same, by what they say: nobody could tell two people whose words are much the same from one who says it
        twice, unless both are known.
        """
        words = [set(_WORD.findall(text.casefold())) for _, text in (first, second)]
        alike = len(words[0] & words[1]) >= 0.5 * min(map(len, words))
        return (first[0].token, second[0].token) if alike else self.two_people(first[0], second[0])

    def side(self, text: str, spot: Spot, at: datetime, reporter: str | None, *, must: Details = frozenset()) -> Side:
        """A message. What its address field must name, the text leaves out; then the field is there for certain."""
        has_field = bool(must) or self.rng.random() < _HAS_FIELD
        place = self._namer.field(spot, self.rng, must=must) if has_field else None
        return Side(text, place, at, reporter, spot.city.code)

    def city_field(self, code: str) -> str | None:
        """An address field that names the city alone, where the channel has one."""
        name = next(city.name for city in self.words.places.cities if city.code == code)
        return self.rng.choice((name, f"Kota {name}", "-", "")) if self.rng.random() < _HAS_FIELD else None

    def details(self, incident: Incident, *wanted: str) -> Details:
        """What a text names: these, and by chance more of what such a place has."""
        scope, rng = incident.trouble.scope, self.rng
        usual = {"street": "street", "facility": "facility", "area": "village", "person": "village"}[scope]
        if scope == "area" and incident.spot.estate and rng.random() < 0.5:
            usual = "estate"
        chances = {"rt": 0.2, "landmark": 0.25, "village": 0.55, "district": 0.25, "city": 0.25, "pin": 0.06}
        if scope == "facility":
            chances = {"district": 0.2, "city": 0.3}
        more = {name for name, chance in chances.items() if rng.random() < chance}
        if incident.spot.kilometre:
            more.add("kilometre")
        if incident.spot.towards:
            more.add("towards")
        return frozenset({*(wanted or (usual,)), *more})

    def text(self, incident: Incident, person: Person, at: datetime, wording: Wording, details: Details) -> str:
        """Told and typed."""
        return self.teller.type(self.teller.tell(incident, person, at, wording, details), person, self.rng)

    def fill(self, template: str, incident: Incident, person: Person, seed: int) -> str:
        """A form or petition, filled in for an incident; with one seed in the same words."""
        rng, spot = random.Random(seed), incident.spot
        place = self._namer.in_words(spot, frozenset({"street", "rt", "village"}), rng)
        area = f"{spot.estate} {spot.village}" if spot.estate else f"RW {spot.rw:02d} Kelurahan {spot.village}"
        slots = {
            "problem": self.teller.problem(incident, rng),
            "fact": self.teller.fact(incident, 0, rng),
            "effect": say(rng, rng.choice(incident.trouble.effect)),
            "wish": say(rng, rng.choice(incident.trouble.wish)),
            "kind": self.words.typing.topics[incident.trouble.kind],
            "place": place,
            "area": area,
            "name": person.name,
            "phone": person.phone,
            "ticket": str(self.rng.randint(10_000_000, 999_999_999)),
            "plate": f"{self.rng.choice('BDLNHK')} {self.rng.randint(1000, 9999)} {self.rng.choice('XYZ')}QX",
        }
        return "\n".join(say(rng, line, slots) for line in template.splitlines())

    def signed(self, told: Told, person: Person, spot: Spot) -> Told:
        """With a name, and often a phone number, at the end."""
        rng = self.rng
        signature = say(
            rng,
            rng.choice(self.words.frames.signatures),
            {"name": person.name, "phone": person.phone, "village": spot.village},
        )
        return replace(told, closing=f"{told.closing} {signature}".strip())


@dataclass(frozen=True, slots=True)
class Pair:
    """Two messages and what they are to each other."""

    a: Side
    b: Side
    label: Label
    family: str

    def line(self) -> dict[str, object]:
        """As it is written to a file."""
        return {"a": self.a.line(), "b": self.b.line(), "label": self.label, "family": self.family}
