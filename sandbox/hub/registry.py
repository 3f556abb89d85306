"""The register of reports: takes them in, changes them, finds them again. Each function is one transaction's work."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.hub.answers import Accepted, CommentAccepted
from sandbox.hub.explain import Refused
from sandbox.hub.forms import Form, NewComment, NewReport, Update
from sandbox.hub.lifecycle import NEW, Life, clock, now, record_change
from sandbox.hub.reference import agency_name, knows_agency, knows_category

FIRST_TRACKING_ID = 9_165_000
"""Where the counting starts. Real tracking ids are of this size; these are invented."""


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key, and the fingerprint of the request that first used it."""

    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, operation: str, form: Form) -> "Once":
        """Fingerprint a request by its operation and its content, not by the spelling of its JSON."""
        content = f"{operation}\n{form.model_dump_json()}".encode()
        return cls(key, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the register did: the answer, and whether it had given the same answer before."""

    answer: dict[str, Any]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Registry:
    """The register of reports."""

    life: Life

    def file(
        self,
        connection: sqlite3.Connection,
        form: NewReport,
        base_url: str,
        once: Once | None,
        *,
        strict: bool,
        twice: bool = False,
    ) -> Outcome:
        """Take in a new report; `twice`: a second time by ourselves, which nobody is told.

        Raises:
            Refused: when the key was used for another report (409), or with `strict` for an unknown
                category or agency (422).

        """
        if strict:
            _check_tables(form.kategori, form.instansi_tujuan)

        def insert() -> Accepted:
            row = connection.execute("SELECT max(tracking_id) AS last, count(*) AS n FROM reports").fetchone()
            step = random.Random(f"{self.life.seed}/step/{row['n']}").randint(1, 9)
            tracking_id = (row["last"] or FIRST_TRACKING_ID) + step
            agency = agency_name(form.instansi_tujuan)
            stage = self.life.stage(NEW, tracking_id=tracking_id, agency=agency)
            url = f"{base_url}/pengaduan/{tracking_id}/halaman"
            stored = form.model_dump(mode="json", exclude={"lampiran": {"__all__": {"isi_base64"}}})
            connection.execute(
                "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, 0, ?, ?)",
                (
                    *(tracking_id, form.referensi, form.kanal, agency, stage.status, stage.words, form.revisi),
                    *(json.dumps(stored), url, self.life.plan_of(tracking_id)),
                    *(clock(connection) + self.life.dwell(tracking_id, 0), now()),
                ),
            )
            record_change(connection, tracking_id, stage)
            return Accepted(tracking_id=str(tracking_id), url=url, status=stage.status, revisi=form.revisi)

        def insert_all() -> Accepted:
            first = insert()
            if twice:
                insert()
            return first

        return _once(connection, once, insert_all)

    def update(
        self, connection: sqlite3.Connection, tracking_id: int, change: Update, once: Once | None, *, strict: bool
    ) -> Outcome:
        """Change a report.

        Raises:
            Refused: 404 for an unknown report, 409 for an older revision or a key used for another request, 422.

        """
        if strict:
            _check_tables(change.kategori, None)

        def apply() -> Accepted:
            row = _current(connection, tracking_id, change.revisi)
            form = json.loads(row["form"])
            _merge(form, change)
            connection.execute(
                "UPDATE reports SET form = ?, revision = ? WHERE tracking_id = ?",
                (json.dumps(form), change.revisi, tracking_id),
            )
            return Accepted(tracking_id=str(tracking_id), url=row["url"], status=row["status"], revisi=change.revisi)

        return _once(connection, once, apply)

    def comment(
        self, connection: sqlite3.Connection, tracking_id: int, comment: NewComment, once: Once | None
    ) -> Outcome:
        """Add a remark to a report.

        Raises:
            Refused: 404 for an unknown report, 409 for an older revision or a key used for another request.

        """

        def insert() -> CommentAccepted:
            row = _current(connection, tracking_id, comment.revisi)
            number = connection.execute(
                "INSERT INTO comments (tracking_id, author, text, at) VALUES (?, ?, ?, ?) RETURNING number",
                (tracking_id, comment.dari, comment.isi, now()),
            ).fetchone()["number"]
            connection.execute("UPDATE reports SET revision = ? WHERE tracking_id = ?", (comment.revisi, tracking_id))
            status = row["status"]
            if comment.dari == "pelapor" and status == "ditindaklanjuti":
                stage = self.life.stage("ditanggapi_pelapor", tracking_id=tracking_id, agency=row["agency"])
                record_change(connection, tracking_id, stage)
                status = stage.status
            return CommentAccepted(nomor=number, tracking_id=str(tracking_id), status=status, revisi=comment.revisi)

        return _once(connection, once, insert)


def _once(connection: sqlite3.Connection, once: Once | None, act: Callable[[], Accepted | CommentAccepted]) -> Outcome:
    if once is None:
        return Outcome(act().model_dump(), replayed=False)
    seen = connection.execute("SELECT fingerprint, answer FROM idempotency WHERE key = ?", (once.key,)).fetchone()
    if seen is not None:
        if seen["fingerprint"] != once.fingerprint:
            message = (
                "kunci ini sudah dipakai untuk permintaan lain; pakai kunci baru / this key was used for another "
                "request; use a new key"
            )
            raise Refused(409, "Idempotency-Key", message)
        return Outcome(json.loads(seen["answer"]), replayed=True)
    answer = act().model_dump()
    connection.execute("INSERT INTO idempotency VALUES (?, ?, ?)", (once.key, once.fingerprint, json.dumps(answer)))
    return Outcome(answer, replayed=False)


def _current(connection: sqlite3.Connection, tracking_id: int, revision: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM reports WHERE tracking_id = ?", (tracking_id,)
    ).fetchone()
    if row is None:
        raise unknown_report()
    if revision < row["revision"]:
        message = (
            f"revisi {revision} lebih lama daripada revisi {row['revision']} yang tersimpan / revision {revision} is "
            f"older than the stored revision {row['revision']}"
        )
        raise Refused(409, "revisi", message, revision=row["revision"])
    return row


def unknown_report() -> Refused:
    """Make the refusal of a tracking id that the hub never gave out."""
    return Refused(404, "tracking_id", "laporan tidak ditemukan / there is no such report")


def _check_tables(category: str | None, agency: str | None) -> None:
    if category is not None and not knows_category(category):
        raise Refused(422, "kategori", "tidak ada di daftar; lihat GET /kategori / is not listed, see GET /kategori")
    if agency is not None and not knows_agency(agency):
        raise Refused(
            422, "instansi_tujuan", "tidak ada di daftar; lihat GET /instansi / is not listed, see GET /instansi"
        )


def _merge(form: dict[str, Any], change: Update) -> None:
    appended = {"revisi", "tambahan", "pendukung", "lampiran"}
    form.update(change.model_dump(mode="json", exclude=appended, exclude_none=True))
    if change.tambahan is not None:
        form["isi"] = f"{form['isi']}\n\n{change.tambahan}"
    supporters = form.setdefault("pendukung", [])
    known = {supporter["referensi"] for supporter in supporters}
    supporters += [s.model_dump(mode="json") for s in change.pendukung if s.referensi not in known]
    hashes = {attachment["sha256"] for attachment in form["lampiran"]}
    form["lampiran"] += [
        a.model_dump(mode="json", exclude={"isi_base64"}) for a in change.lampiran if a.sha256 not in hashes
    ]
