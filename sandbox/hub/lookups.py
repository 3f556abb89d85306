"""Reads from the register: look-ups for senders, counts and listings for the administrator."""

import json
import sqlite3
from typing import Any

from sandbox.hub.answers import (
    Change,
    Changes,
    Comment,
    Found,
    Listed,
    Listing,
    ReportView,
    RequestLine,
    StoredReport,
    Summary,
)
from sandbox.hub.explain import Refused
from sandbox.hub.registry import unknown_report


def by_reference(connection: sqlite3.Connection, reference: str) -> list[Found]:
    """Find every report that carries the sender's reference, oldest first."""
    rows = connection.execute("SELECT * FROM reports WHERE reference = ? ORDER BY tracking_id", (reference,))
    return [Found.model_validate(_found(row)) for row in rows]


def listing(connection: sqlite3.Connection, after: int, limit: int, since: str) -> Listing:
    """List reports by tracking id, after one of them, those taken in since a moment (ISO 8601 UTC)."""
    rows = connection.execute(
        "SELECT r.*, c.automatic, c.at FROM reports r JOIN changes c"
        " ON c.number = (SELECT max(number) FROM changes WHERE tracking_id = r.tracking_id)"
        " WHERE r.tracking_id > ? AND r.created_at >= ? ORDER BY r.tracking_id LIMIT ?",
        (after, since, limit + 1),
    ).fetchall()
    found = [
        Listed.model_validate(
            {**_found(row), "keterangan": row["words"], "otomatis": bool(row["automatic"]), "berubah": row["at"]}
        )
        for row in rows[:limit]
    ]
    return Listing(laporan=found, kursor=found[-1].tracking_id if len(rows) > limit else None)


def report(connection: sqlite3.Connection, tracking_id: int) -> ReportView:
    """Show one report as its sender sees it.

    Raises:
        Refused: 404, when there is none.

    """
    row = connection.execute("SELECT * FROM reports WHERE tracking_id = ?", (tracking_id,)).fetchone()
    if row is None:
        raise unknown_report()
    comments = connection.execute("SELECT * FROM comments WHERE tracking_id = ? ORDER BY number", (tracking_id,))
    form = json.loads(row["form"])
    reporter = form["pelapor"] or {}
    copied = {name: form[name] for name in ("judul", "isi", "klasifikasi", "kategori", "kanal", "jumlah_pendukung")}
    return ReportView.model_validate(
        {
            **_found(row),
            **copied,
            "instansi": row["agency"],
            "pelapor": None if form["anonim"] else reporter.get("nama"),
            "lampiran": len(form["lampiran"]),
            "keterangan": row["words"],
            "tanggapan": row["answer"],
            "komentar": [Comment(nomor=c["number"], dari=c["author"], isi=c["text"], waktu=c["at"]) for c in comments],
        }
    )


def is_secret(connection: sqlite3.Connection, tracking_id: int) -> bool:
    """Say whether a report is *rahasia*: its public page then shows nothing but its state."""
    row = connection.execute("SELECT form FROM reports WHERE tracking_id = ?", (tracking_id,)).fetchone()
    return row is not None and bool(json.loads(row["form"])["rahasia"])


def changes(connection: sqlite3.Connection, since: int, limit: int) -> Changes:
    """List changes after a cursor. Numbers are given inside the one writer's transactions, so none can be skipped.

    Raises:
        Refused: 422, when the cursor lies beyond the last change: then it belongs to another database.

    """
    last = connection.execute("SELECT coalesce(max(number), 0) AS n FROM changes").fetchone()["n"]
    if since > last:
        message = (
            f"kursor {since} melampaui perubahan terakhir ({last}); mulai lagi dari 0 / cursor {since} is beyond the "
            f"last change ({last}): it belongs to another database, start again at 0"
        )
        raise Refused(422, "sejak", message)
    rows = connection.execute("SELECT * FROM changes WHERE number > ? ORDER BY number LIMIT ?", (since, limit))
    found = [
        Change(
            nomor=row["number"],
            tracking_id=str(row["tracking_id"]),
            referensi=row["reference"],
            status=row["status"],
            keterangan=row["words"],
            tanggapan=row["answer"],
            instansi=row["agency"],
            otomatis=bool(row["automatic"]),
            waktu=row["at"],
        )
        for row in rows
    ]
    reached = found[-1].nomor if found else since
    return Changes(perubahan=found, kursor=str(reached), lagi=reached < last)


def summary(connection: sqlite3.Connection) -> Summary:
    """Count what the hub holds."""
    doubled = connection.execute(
        "SELECT reference FROM reports GROUP BY reference HAVING count(*) > 1 ORDER BY min(tracking_id)"
    ).fetchall()
    return Summary(
        reports=_number(connection, "SELECT count(*) FROM reports"),
        distinct_references=_number(connection, "SELECT count(DISTINCT reference) FROM reports"),
        doubled=len(doubled),
        doubled_references=[row["reference"] for row in doubled[:100]],
        comments=_number(connection, "SELECT count(*) FROM comments"),
        changes=_number(connection, "SELECT count(*) FROM changes"),
        by_status=_counts(connection, "SELECT status, count(*) FROM reports GROUP BY 1 ORDER BY 1"),
        by_channel=_counts(connection, "SELECT channel, count(*) FROM reports GROUP BY 1 ORDER BY 1"),
        requests=_counts(connection, "SELECT outcome, count(*) FROM requests GROUP BY 1 ORDER BY 1"),
    )


def stored(connection: sqlite3.Connection, after: int, limit: int) -> list[StoredReport]:
    """List reports with everything the sender wrote, by tracking id, after one of them."""
    rows = connection.execute(
        "SELECT * FROM reports WHERE tracking_id > ? ORDER BY tracking_id LIMIT ?", (after, limit)
    )
    return [
        StoredReport(
            tracking_id=str(row["tracking_id"]),
            referensi=row["reference"],
            status=row["status"],
            keterangan=row["words"],
            revisi=row["revision"],
            dibuat=row["created_at"],
            formulir=json.loads(row["form"]),
        )
        for row in rows
    ]


def request_lines(connection: sqlite3.Connection, after: int, limit: int) -> list[RequestLine]:
    """List the log of requests, oldest first, after one of them."""
    rows = connection.execute("SELECT * FROM requests WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
    return [RequestLine.model_validate(dict(row)) for row in rows]


def _found(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "tracking_id": str(row["tracking_id"]),
        "referensi": row["reference"],
        "status": row["status"],
        "url": row["url"],
        "revisi": row["revision"],
        "dibuat": row["created_at"],
    }


def _number(connection: sqlite3.Connection, question: str) -> int:
    return int(connection.execute(question).fetchone()[0])


def _counts(connection: sqlite3.Connection, question: str) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(question)}
