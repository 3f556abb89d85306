"""Webhooks of the WhatsApp Cloud API: signed over the raw bytes, several messages and statuses in one request.

Shape and signature: WhatsApp Business Platform, Cloud API, webhooks. Timestamps are whole seconds; a media message
carries an id to fetch it by, never the bytes.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

import httpx

from sandbox.city.clients.base import Counts, Patience, persist, post
from sandbox.city.targets import WhatsAppTarget
from sandbox.city.utterances import Attachment, Kind, Utterance


def signature(app_secret: str, body: bytes) -> str:
    """Value of `X-Hub-Signature-256` for these bytes."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def encode(parcel: Sequence[Utterance], target: WhatsAppTarget) -> bytes:
    """The body. A batch also has statuses of messages that we are said to have sent; broken JSON ends in the middle."""
    metadata = {"display_phone_number": target.display_phone_number, "phone_number_id": target.phone_number_id}
    contacts = {said.sender.e164: said.sender.name for said in parcel}
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [{"profile": {"name": name}, "wa_id": number[1:]} for number, name in contacts.items()],
        "messages": [_message(said) for said in parcel],
    }
    changes = [{"field": "messages", "value": value}]
    if len(parcel) > 1:
        statuses = [_status(said, index) for index, said in enumerate(parcel[:2])]
        changes.append(
            {
                "field": "messages",
                "value": {"messaging_product": "whatsapp", "metadata": metadata, "statuses": statuses},
            }
        )
    document = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}
    # Escapes for all that is not ASCII, as the real one sends, so that a lone surrogate can travel.
    body = json.dumps(document, separators=(",", ":")).encode("ascii")
    return body[: len(body) // 2] if any(said.kind is Kind.BROKEN for said in parcel) else body


def _message(said: Utterance) -> dict[str, Any]:
    message: dict[str, Any] = {
        "from": said.sender.e164[1:],
        "id": said.external_id,
        "timestamp": str(int(said.at.timestamp())),
    }
    match said.kind:
        case Kind.IMAGE | Kind.DOCUMENT | Kind.AUDIO:
            message["type"] = str(said.kind)
            message[str(said.kind)] = _media(said.attachments[0], said)
        case Kind.LOCATION if said.location is not None:
            pin = said.location
            place = {"latitude": pin.latitude, "longitude": pin.longitude}
            named = {"name": pin.name, "address": pin.address} if pin.name else {}
            message |= {"type": "location", "location": place | named}
        case Kind.REACTION:
            about = _made_up(said.external_id + "reaction")
            message |= {"type": "reaction", "reaction": {"message_id": about, "emoji": said.text}}
        case _:
            message |= {"type": "text", "text": {"body": said.text}}
    return message


def media_id(attachment: Attachment) -> str:
    """By which Meta would give the file out."""
    return str(int.from_bytes(_digest(attachment)[:7], "big"))


def _digest(attachment: Attachment) -> bytes:
    return hashlib.sha256(attachment.seed.to_bytes(8, "big")).digest()


def _media(attachment: Attachment, said: Utterance) -> dict[str, Any]:
    media: dict[str, Any] = {
        "id": media_id(attachment),
        "mime_type": attachment.media_type,
        "sha256": base64.b64encode(_digest(attachment)).decode(),
    }
    if said.kind is Kind.AUDIO:
        return media | {"voice": True}
    return media | ({"caption": said.text} if said.text else {})


def _status(said: Utterance, index: int) -> dict[str, Any]:
    return {
        "id": _made_up(said.external_id + "status"),
        "status": ("delivered", "read")[index % 2],
        "timestamp": str(int(said.at.timestamp())),
        "recipient_id": said.sender.e164[1:],
    }


def _made_up(name: str) -> str:
    """The id of a message that went the other way."""
    return "wamid." + base64.b64encode(hashlib.sha256(name.encode()).digest()[:24]).decode()


class WhatsAppClient:
    """Sends webhooks as Meta does."""

    def __init__(self, target: WhatsAppTarget, http: httpx.AsyncClient, patience: Patience) -> None:
        self._target, self._http, self._patience = target, http, patience
        self.counts = Counts()

    async def send(self, parcel: Sequence[Utterance]) -> None:
        """One request with all messages of the parcel."""
        body = encode(parcel, self._target)
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature(self._target.app_secret, body),
        }

        async def once() -> tuple[bool | None, float | None]:
            return await post(self._http, self._target.url, body, headers, self._patience)

        await persist(once, self._patience, self.counts, len(parcel))
