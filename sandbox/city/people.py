"""Invented citizens: names, numbers that nobody can own, and a way of writing of their own."""

import random
from dataclasses import dataclass
from enum import StrEnum

from sandbox.city.geography import City, Village

_FIRST = (
    "Siti, Budi, Agus, Dewi, Rina, Joko, Sri, Wahyu, Nur, Dedi, Asep, Euis, Tuti, Bambang, Yanti, Hendra, Lina, Rudi,"
    "Ani, Slamet, Ujang, Neneng, Iwan, Ratna, Eko, Fitri, Yusuf, Maya, Andi, Wati, Ahmad, Rizky, Putri, Dian, Cecep,"
    "Kokom, Sugeng, Ningsih, Tono, Mimin, Hasan, Lestari, Bayu, Indah, Gilang, Ayu, Darto, Yuli, Imam, Ruminah"
)
_LAST = (
    "Rahmawati, Santoso, Hidayat, Lestari, Wijaya, Nugraha, Saputra, Kurniawan, Handayani, Setiawan, Permana, Susanti,"
    "Maulana, Suryani, Firmansyah, Wibowo, Hartati, Gunawan, Suhendar, Mulyani, Prasetyo, Rohman, Safitri, Suparman,"
    "Anggraini, Sutisna, Purnomo, Nurjanah, Hakim, Komariah, Ramadhan, Sulastri, Iskandar, Yuningsih, Basuki, Fauzi"
)
FIRST_NAMES = tuple(name.strip() for name in _FIRST.split(","))
LAST_NAMES = tuple(name.strip() for name in _LAST.split(","))
_TITLES = ("", "", "", "", "", "", "Sdr. ")
_PREFIXES = ("811", "812", "813", "821", "822", "852", "853", "857", "858", "877", "878", "896")


class Register(StrEnum):
    """How somebody writes."""

    FORMAL = "formal"
    CASUAL = "casual"
    TERSE = "terse"
    SHOUTING = "shouting"
    STRETCHED = "stretched"
    """Letters elongated: `lamaaa`."""
    SHORTENED = "shortened"
    """Abbreviations throughout: yg, dgn, sdh."""


class Tint(StrEnum):
    """The home language that shines through."""

    NONE = "none"
    JAVANESE = "javanese"
    SUNDANESE = "sundanese"


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who does not exist. The subscriber part of the number begins with 0000: no operator gives it out."""

    number: int
    """Which citizen of the plan; never sent."""
    name: str
    national: str
    """National significant number: `8110000` and four digits, without zero or country code."""
    email: str
    village: Village
    street: str
    rt: int
    rw: int
    register: Register
    tint: Tint
    typos: float
    """Chance that a word is mistyped."""

    @property
    def e164(self) -> str:
        """The number as `+62811…`."""
        return f"+62{self.national}"

    @property
    def customer_number(self) -> str:
        """The water company's number for the household: invented, and like no phone."""
        return f"MS-{self.number:06d}"


def spell_phone(rng: random.Random, national: str) -> str:
    """The number in one of the spellings that people use."""
    a, b, c = national[:3], national[3:7], national[7:]
    return rng.choice(
        (
            f"0{national}",
            f"62{national}",
            f"+62{national}",
            f"+62 {a}-{b}-{c}",
            f"0{a}-{b}-{c}",
            f"0{a} {b} {c}",
            f"+62 {a} {b} {c}",
            f"(0{a}) {b}{c}",
            f"0{a}.{b}.{c}",
        )
    )


class Census:
    """Makes citizens one after another, each with a number and an address of their own."""

    def __init__(self, rng: random.Random, city: City, streets: tuple[str, ...]) -> None:
        self._rng, self._city, self._streets = rng, city, streets
        self._made = 0
        self._order = list(range(10_000))
        rng.shuffle(self._order)

    def newcomer(self) -> Citizen:
        """The next citizen.

        Raises:
            ValueError: the city is full; 120,000 numbers are all there are.
        """
        rng, n = self._rng, self._made
        if n >= len(self._order) * len(_PREFIXES):
            raise ValueError("the city is full: 120,000 citizens are all that can be invented; ask for fewer messages")
        self._made += 1
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        ending = self._order[n % len(self._order)]
        draw = rng.random()
        return Citizen(
            number=n,
            name=f"{rng.choice(_TITLES)}{first} {last}",
            national=f"{_PREFIXES[n // len(self._order)]}0000{ending:04d}",
            email=f"{first}.{last}{n}@example.org".lower(),
            village=rng.choice(self._city.villages),
            street=rng.choice(self._streets),
            rt=rng.randint(1, 9),
            rw=rng.randint(1, 9),
            register=rng.choices(tuple(Register), (24, 30, 16, 6, 9, 15))[0],
            tint=Tint.JAVANESE if draw < 0.12 else Tint.SUNDANESE if draw < 0.22 else Tint.NONE,
            typos=rng.choice((0.0, 0.0, 0.0, 0.01, 0.02, 0.04)),
        )
