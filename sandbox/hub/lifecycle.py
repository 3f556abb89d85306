"""The life of a report: a clock that is moved by hand or by the second, and a plan for each report.

Everything follows from the seed and the tracking id, so that the same hub lives the same life again.
"""

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

NEW = "belum_diverifikasi"

_ORDINARY = ("terdisposisi", "ditindaklanjuti", "selesai")
PLANS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (50, _ORDINARY),
    (15, ("terdisposisi", "ditindaklanjuti", "selesai_otomatis")),
    (15, ("terdisposisi", "ditindaklanjuti", "ditanggapi_pelapor", "ditindaklanjuti", "selesai")),
    (8, ("tunda", *_ORDINARY)),
    (7, ("bukan_wewenang",)),
    (5, ("arsip",)),
)
"""Weight in percent, and the states that follow `belum_diverifikasi`."""

_WORDS = {
    NEW: "Belum diverifikasi",
    "terdisposisi": "Terdisposisi ke {agency}",
    "ditindaklanjuti": "Ditindaklanjuti oleh {agency}",
    "ditanggapi_pelapor": "Ditanggapi oleh pelapor",
    "selesai": "Selesai",
    "selesai_otomatis": "Selesai: ditutup otomatis 10 hari setelah tindak lanjut terakhir",
    "tunda": "Ditunda: laporan perlu dilengkapi",
    "bukan_wewenang": "Bukan wewenang instansi mana pun yang terhubung",
    "arsip": "Diarsipkan",
}
_FOLLOW_UPS = (
    "Terima kasih atas laporannya. Petugas kami sudah meninjau lokasi dan perbaikan dijadwalkan minggu ini.",
    "Laporan sudah kami terima dan sedang dikerjakan oleh petugas di lapangan.",
    "Kami sedang berkoordinasi dengan kelurahan setempat untuk menangani laporan ini.",
)
_CLOSINGS = (
    "Laporan sudah selesai ditangani. Terima kasih atas perhatiannya.",
    "Pekerjaan sudah selesai dan dapat digunakan kembali oleh warga.",
)
_REASONS = {
    "tunda": "Mohon lengkapi keterangan tempat dan waktu kejadian.",
    "bukan_wewenang": "Laporan ini di luar wewenang instansi yang terhubung dengan layanan ini.",
    "arsip": "Laporan diarsipkan karena tidak dapat ditindaklanjuti.",
}


def now() -> str:
    """Return the present time, ISO 8601 UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Stage:
    """One state of a report, in words."""

    status: str
    words: str
    answer: str | None
    automatic: bool


@dataclass(frozen=True, slots=True)
class Life:
    """Decides what becomes of reports; the only randomness is the seed's."""

    seed: int

    def plan_of(self, tracking_id: int) -> int:
        """Choose a report's plan, by weight."""
        weights = [weight for weight, _ in PLANS]
        return random.Random(f"{self.seed}/plan/{tracking_id}").choices(range(len(PLANS)), weights)[0]

    def dwell(self, tracking_id: int, position: int) -> int:
        """Say how many steps of the clock a report stays where it is."""
        return random.Random(f"{self.seed}/dwell/{tracking_id}/{position}").randint(1, 3)

    def stage(self, status: str, *, tracking_id: int, agency: str) -> Stage:
        """Put a state into words."""
        dice = random.Random(f"{self.seed}/words/{tracking_id}/{status}")
        answer = _REASONS.get(status)
        if status == "ditindaklanjuti":
            answer = dice.choice(_FOLLOW_UPS)
        elif status == "selesai":
            answer = dice.choice(_CLOSINGS)
        automatic = status == "selesai_otomatis"
        return Stage("selesai" if automatic else status, _WORDS[status].format(agency=agency), answer, automatic)

    def advance(self, connection: sqlite3.Connection, steps: int) -> int:
        """Move the clock by `steps` and every report that is due; return the number of changes."""
        moved = 0
        for _ in range(steps):
            tick = clock(connection) + 1
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('tick', ?)", (str(tick),))
            due = connection.execute(
                "SELECT tracking_id, agency, plan, position FROM reports WHERE due <= ? ORDER BY tracking_id",
                (tick,),
            ).fetchall()
            for row in due:
                self._move(connection, row, tick)
            moved += len(due)
        return moved

    def _move(self, connection: sqlite3.Connection, row: sqlite3.Row, tick: int) -> None:
        tracking_id, position = row["tracking_id"], row["position"]
        states: Sequence[str] = PLANS[row["plan"]][1]
        stage = self.stage(states[position], tracking_id=tracking_id, agency=row["agency"])
        last = position + 1 == len(states)
        due = None if last else tick + self.dwell(tracking_id, position + 1)
        connection.execute(
            "UPDATE reports SET position = ?, due = ? WHERE tracking_id = ?", (position + 1, due, tracking_id)
        )
        record_change(connection, tracking_id, stage)


def clock(connection: sqlite3.Connection) -> int:
    """Return the hub's clock: the steps since its database was made."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'tick'").fetchone()
    return int(row["value"]) if row else 0


def record_change(connection: sqlite3.Connection, tracking_id: int, stage: Stage) -> None:
    """Set a report's state and append the change that pollers will see."""
    connection.execute(
        "UPDATE reports SET status = ?, words = ?, answer = coalesce(?, answer) WHERE tracking_id = ?",
        (stage.status, stage.words, stage.answer, tracking_id),
    )
    connection.execute(
        "INSERT INTO changes (tracking_id, reference, status, words, answer, agency, automatic, at)"
        " SELECT tracking_id, reference, ?, ?, ?, CASE WHEN ? IN ('belum_diverifikasi', 'bukan_wewenang') THEN NULL"
        " ELSE agency END, ?, ? FROM reports WHERE tracking_id = ?",
        (stage.status, stage.words, stage.answer, stage.status, stage.automatic, now(), tracking_id),
    )
