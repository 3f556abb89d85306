"""The complaint desk of RSUD Muara Sari, an invented hospital whose own system calls a webhook with an API key.

Its shape is of our invention, as every agency's is of its own: `nomor_tiket`, `waktu` as day/month/year in local time,
nested in JSON and flat in a form.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import httpx

from sandbox.city.clients.base import Counts, Patience, persist, post
from sandbox.city.targets import OpdTarget
from sandbox.city.utterances import Kind, Utterance
from sandbox.city.wording import WIB


def document(said: Utterance) -> dict[str, Any]:
    """The JSON shape."""
    return {
        "nomor_tiket": said.external_id,
        "waktu": f"{said.at.astimezone(WIB):%d/%m/%Y %H:%M}",
        "pasien": {"nama": said.sender.name, "kontak": said.phone},
        "keluhan": {"isi": said.text, "unit": said.subject},
        "lampiran": [
            {
                "nama": attachment.filename,
                "tautan": f"https://berkas.rsud-muarasari.example/{attachment.seed:08x}/{attachment.filename}",
                "tipe": attachment.media_type,
            }
            for attachment in said.attachments
        ],
    }


def form(said: Utterance) -> dict[str, str]:
    """The form shape, which has no attachments."""
    return {
        "nomor_tiket": said.external_id,
        "waktu": f"{said.at.astimezone(WIB):%d/%m/%Y %H:%M}",
        "nama": said.sender.name,
        "kontak": said.phone,
        "isi": said.text,
        "unit": said.subject,
    }


def encode(said: Utterance) -> tuple[str, bytes]:
    """Media type and body. Broken JSON ends in the middle."""
    if said.shape == "form" and said.kind is not Kind.BROKEN:
        return "application/x-www-form-urlencoded", urlencode(form(said)).encode("ascii")
    body = json.dumps(document(said)).encode("ascii")
    return "application/json", body[: len(body) // 2] if said.kind is Kind.BROKEN else body


class OpdClient:
    """Calls the webhook, one ticket each time."""

    def __init__(self, target: OpdTarget, http: httpx.AsyncClient, patience: Patience) -> None:
        self._target, self._http, self._patience = target, http, patience
        self.counts = Counts()

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """One request for each message."""
        for said in parcel:
            media_type, body = encode(said)
            headers = {"Content-Type": media_type, "X-API-Key": self._target.api_key}

            async def once(body: bytes = body, headers: dict[str, str] = headers) -> tuple[bool | None, float | None]:
                return await post(self._http, self._target.url, body, headers, self._patience)

            await persist(once, self._patience, self.counts, 1)
