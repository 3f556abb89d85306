"""The water company's own table, `pengaduan_pelanggan`, written as its own software would: one INSERT, one commit."""

import asyncio
import sqlite3
from collections.abc import Sequence

from sandbox.city.clients.base import Counts, Patience, persist
from sandbox.city.targets import SqlTarget
from sandbox.city.utterances import Utterance
from sandbox.city.wording import WIB

TABLE = """
CREATE TABLE IF NOT EXISTS pengaduan_pelanggan (
    id INTEGER PRIMARY KEY,
    no_pelanggan TEXT,
    nama TEXT,
    no_hp TEXT,
    alamat TEXT,
    isi_keluhan TEXT,
    kategori TEXT,
    dibuat_pada TEXT,
    diubah_pada TEXT
)
"""
_INSERT = "INSERT INTO pengaduan_pelanggan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def row(said: Utterance) -> tuple[int, str, str, str, str, str, str, str, str]:
    """The columns in order; times are local, `YYYY-MM-DD HH:MM:SS`."""
    moment = f"{said.at.astimezone(WIB):%Y-%m-%d %H:%M:%S}"
    citizen = said.sender
    return (
        int(said.external_id),
        citizen.customer_number,
        citizen.name,
        said.phone,
        said.address,
        said.text,
        said.subject,
        moment,
        moment,
    )


class SqlClient:
    """Inserts rows, each in a transaction of its own."""

    def __init__(self, target: SqlTarget, patience: Patience) -> None:
        self._path, self._patience = target.path, patience
        self._lock = asyncio.Lock()
        self.counts = Counts()

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """One row for each message. A locked database is waited for; a row that is already there is refused."""
        for said in parcel:

            async def once(said: Utterance = said) -> tuple[bool | None, float | None]:
                async with self._lock:
                    return await asyncio.to_thread(self._insert, said), None

            await persist(once, self._patience, self.counts, 1)

    def _insert(self, said: Utterance) -> bool | None:
        database = sqlite3.connect(self._path, timeout=self._patience.timeout)
        try:
            with database:
                database.execute(TABLE)
                database.execute(_INSERT, row(said))
        except sqlite3.OperationalError:
            return None
        except sqlite3.IntegrityError:
            return False
        finally:
            database.close()
        return True
