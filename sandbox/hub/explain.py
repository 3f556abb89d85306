"""Turns validation errors into sentences that a person can act on, in Indonesian and English."""

from collections.abc import Sequence
from typing import Any

from sandbox.hub.answers import FieldError

# Keyed by pydantic's stable error types, and by the types that the forms raise themselves.
_MESSAGES = {
    "missing": "wajib diisi / is required",
    "extra_forbidden": "tidak dikenal oleh formulir ini; hapus / is not known to this form; leave it out",
    "string_too_short": "paling sedikit {min_length} karakter / must have at least {min_length} characters",
    "string_too_long": "paling banyak {max_length} karakter / must have at most {max_length} characters",
    "string_type": "harus berupa teks / must be a text",
    "string_unicode": "bukan teks Unicode yang sah / is not valid Unicode text",
    "string_pattern_mismatch": "bentuknya tidak sah / has the wrong form, expected {pattern}",
    "literal_error": "harus salah satu dari {expected} / must be one of {expected}",
    "too_long": "terlalu banyak, paling banyak {max_length} / has too many items, at most {max_length}",
    "list_type": "harus berupa daftar / must be a list",
    "greater_than_equal": "paling kecil {ge} / must be at least {ge}",
    "less_than_equal": "paling besar {le} / must be at most {le}",
    "json_invalid": "bukan JSON yang sah / is not valid JSON",
    "tanggal_depan": "tidak boleh di masa depan / must not be in the future",
    "pelapor_kurang": (
        "nama dan telepon atau surel pelapor wajib diisi, kecuali laporan anonim / the reporter's name and phone or "
        "e-mail are required unless the report is anonymous"
    ),
    "koordinat_kurang": "lintang dan bujur harus diisi bersama / latitude and longitude go together",
    "lampiran_base64": "isi_base64 bukan base64 yang sah / is not valid base64",
    "lampiran_rusak": "isi tidak cocok dengan ukuran atau sha256 / the content does not match its size or SHA-256",
}
_GENERAL = "tidak sah / is not valid: {reason}"

# An error of the whole form is shown at the field that a person would have to change.
_FIELD_OF = {"pelapor_kurang": "pelapor", "koordinat_kurang": "lintang"}


def explain(errors: Sequence[Any]) -> list[FieldError]:
    """Explain pydantic's errors field by field, without repeating what was sent (it may name a person)."""
    explained = []
    for error in errors:
        kind = str(error["type"])
        template = _MESSAGES.get(kind, _GENERAL)
        places = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        field = ".".join(places) if kind != "json_invalid" else ""
        if kind in _FIELD_OF and not field:
            field = _FIELD_OF[kind]
        message = template.format(**{**error.get("ctx", {}), "reason": error["msg"]})
        explained.append(FieldError(kolom=field, pesan=message))
    return explained


class Refused(Exception):
    """The hub declines a request: the HTTP status, the field, and what to do about it."""

    def __init__(self, status: int, field: str, message: str, *, revision: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.message = message
        self.revision = revision
