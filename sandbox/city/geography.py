"""Where things happen: the kelurahan of a real city under an invented name, with invented streets and coordinates.

Region names come from the `lokal` package (Kepmendagri 300.2.2-2138/2025), so that a text that names a kelurahan can
be located. Streets, landmarks and coordinates are made up.
"""

import random
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lokal import wilayah

CITY_NAME = "Kota Muara Sari"
HOME_REGION = "36.73"
"""Kemendagri code of the real city whose kelurahan lend their names: 67 of them, by the sea, where Javanese and
Sundanese are both spoken."""

_CENTRE = (-6.12, 106.15)
_STREETS = (
    "Melati Raya, Kenari, Pandan Wangi, Cempaka Putih, Merpati, Bahari, Nelayan, Samudra, Teratai, Delima, Kamboja,"
    "Gurami, Layar, Dermaga Lama, Tambak, Garuda Timur, Rajawali, Anyelir, Beringin, Mangga Dua, Salak, Jambu Air,"
    "Kesatria, Pemuda Bahagia, Suka Damai, Karang Jaya, Ampera Lama, Pelita, Mutiara, Intan, Safir, Angsana, Cemara,"
    "Flamboyan, Bougenvil, Dahlia, Mawar, Seroja, Lembayung, Purnama, Fajar, Surya, Bintang Laut, Pasir Putih, Ombak,"
    "Mercusuar, Jangkar, Perahu, Jala, Sampan, Randu, Waru, Ketapang, Lamtoro, Kelapa Gading, Sukun, Nangka, Srikaya"
)
STREETS = tuple(name.strip() for name in _STREETS.split(","))
_LANDMARKS = (
    "musala Al-Ikhlas, lapangan voli, pos ronda, warung Bu Tini, bengkel Jaya, masjid Nurul Huda, balai RW,"
    "toko Makmur, jembatan kecil, gardu listrik, depot galon, kantor pos lama, pangkalan ojek, lapangan bulu tangkis"
)
LANDMARKS = tuple(name.strip() for name in _LANDMARKS.split(","))
_UNITS = (
    "Poli Anak, Poli Gigi, Poli Dalam, Poli Mata, IGD, Farmasi, Ruang Anggrek, Ruang Kenanga, Poli Saraf, Laboratorium,"
    "Radiologi, Ruang Bersalin, ICU, Poli Bedah, Poli Jantung, Pendaftaran"
)
UNITS = tuple(name.strip() for name in _UNITS.split(","))


@dataclass(frozen=True, slots=True)
class Village:
    """One kelurahan."""

    code: str
    """Kemendagri code, dotted."""
    name: str
    district: str
    """Its kecamatan."""
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Spot:
    """One place, as exactly as anyone may name it. What a text leaves out is left out by its writer."""

    village: Village
    street: str
    rt: int
    rw: int
    landmark: str
    latitude: float
    longitude: float
    facility: str = ""
    """A building that stands for the place: a clinic, a school, a unit of the hospital."""
    house: int = 0
    """House number; 0 where it means nothing."""


class City:
    """The map. The same for every seed: cities do not move."""

    def __init__(self, region: str = HOME_REGION) -> None:
        self._region = region

    @cached_property
    def villages(self) -> tuple[Village, ...]:
        """All kelurahan whose name is theirs alone: none that is also a kecamatan, the city or the province.

        Raises:
            ValueError: the region data does not hold the region.
        """
        home = wilayah.get_wilayah(self._region)
        if home is None:
            raise ValueError(f"the region data holds no {self._region!r}: give a city's code, such as {HOME_REGION}")
        districts = wilayah.list_wilayah(self._region)
        taken = {name.lower() for name in home.path.split(", ")} | {district.name.lower() for district in districts}
        rows = [(row, district.name) for district in districts for row in wilayah.list_wilayah(district.code)]
        names = Counter(row.name.lower() for row, _ in rows)
        kept = [(row, above) for row, above in rows if names[row.name.lower()] == 1 and row.name.lower() not in taken]
        return tuple(
            Village(row.code, row.name, above, _CENTRE[0] + (n // 9 - 3) * 0.014, _CENTRE[1] + (n % 9 - 4) * 0.014)
            for n, (row, above) in enumerate(kept)
        )

    def spot(self, rng: random.Random, place: str, village: Village | None = None) -> Spot:
        """A place of the kind that a situation asks for (`street`, `home`, `clinic`, `hospital`, …)."""
        village = village or rng.choice(self.villages)
        rw, rt = rng.randint(1, 9), rng.randint(1, 9)
        return Spot(
            village,
            rng.choice(STREETS),
            rt,
            rw,
            rng.choice(LANDMARKS),
            round(village.latitude + rng.uniform(-0.006, 0.006), 6),
            round(village.longitude + rng.uniform(-0.006, 0.006), 6),
            facility(rng, place, village),
            rng.randint(1, 140) if place == "home" else 0,
        )


def facility(rng: random.Random, place: str, village: Village) -> str:
    """The name of a building of that kind in that kelurahan, empty for streets and homes."""
    names = {
        "clinic": f"Puskesmas {village.name}",
        "market": f"Pasar {village.name}",
        "village": f"Kelurahan {village.name}",
        "subdistrict": f"kantor Kecamatan {village.district}",
    }
    if place == "school":
        return f"{rng.choice(('SDN', 'SMPN', 'SDN'))} {rng.randint(1, 5)} {village.name}"
    if place == "hospital":
        return f"{rng.choice(UNITS)} RSUD Muara Sari"
    return names.get(place, "")
