"""Messages of the driver's own, beside the city's: to see how long the way to the hub is, and to fill or trigger."""

import asyncio
import random
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from sandbox.city.clients.sql import TABLE
from sandbox.city.truth import Key
from schemas.identity import complaint_id, message_id
from tests.outside import Place, whatsapp

_SYLLABLES = ("ba", "ci", "du", "ga", "jo", "ka", "le", "mi", "no", "pu", "ra", "so", "ti", "wu", "ya")
_ROWS_FROM = 100_000_000
"""Far above the water company's own numbers; what lies below is found by the comparison of all keys."""


@dataclass
class Citizens:
    """Who they are; remembers what Muara said it has."""

    place: Place
    seed: int
    accepted: list[Key] = field(default_factory=list)
    """Channel and id of everything that was taken."""
    refused: list[int] = field(default_factory=list)
    """Codes of answers that were no 2xx."""
    _count: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.seed}/citizens")

    def words(self) -> str:
        """A complaint that resembles no other."""
        one, two, three = ("".join(self._rng.choices(_SYLLABLES, k=4)) for _ in range(3))
        return f"Atap {one} di Jalan {two.capitalize()} nomor {self._rng.randrange(1, 999)} roboh menimpa {three}"

    async def write(self, *, patience: float = 90.0) -> UUID:
        """One message, again and again until it is taken; returns the id of the complaint that it founds.

        Raises:
            TimeoutError: nobody takes it.
        """
        self._count += 1
        number, words = self._count, self.words()
        deadline = time.monotonic() + patience
        while not await self._try(number, words):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody takes a message in {patience:.0f} seconds")
            await asyncio.sleep(0.1)
        return complaint_id(message_id("kominfo", "whatsapp_cloud", "wa-kota", self._ident(number)))

    async def _try(self, number: int, words: str) -> bool:
        """Whether it was taken."""
        # Each of them is somebody else, and nobody of the city: two messages of one person can be one complaint.
        ident, sender = self._ident(number), f"628310000{number:04}"
        try:
            code = await whatsapp(self.place.url, self.place.secret, words, ident=ident, sender=sender)
        except httpx.TransportError:
            return False
        if code == 200:
            self.accepted.append(("whatsapp_cloud", ident))
            return True
        self.refused.append(code)
        return False

    def _ident(self, number: int) -> str:
        return f"wamid.chaos-{self.seed}-{number}"

    def insert_row(self) -> None:
        """A row in the water company's table."""
        self._count += 1
        number = _ROWS_FROM + self._count
        row = (number, "0012345", "Warga", "", "Jalan Pipa", self.words(), "Distribusi", "2026-11-24 14:05:00", "")
        with closing(sqlite3.connect(self.place.scene.water, timeout=10)) as database, database:
            database.execute(TABLE)
            database.execute("INSERT INTO pengaduan_pelanggan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self.accepted.append(("opd_table", str(number)))

    def drop_file(self) -> None:
        """A file in the sub-district's folder, put there whole."""
        self._count += 1
        name = f"chaos-{self.seed}-{self._count}.csv"
        unfinished = self.place.home / name
        text = f"no;tanggal;nama;telepon;alamat;isi_laporan\n1;24/11/2026;Warga;;Jalan Kenanga;{self.words()}\n"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.rename(self.place.scene.drop / name)
        self.accepted.append(("kecamatan_csv", f"{name}:2"))
