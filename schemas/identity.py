"""Names that are computed, never drawn: the same input has the same id on every retry of every hop."""

import hashlib
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://muara.example/ids")
"""The root of all ids. Changing it would make every redelivery look new."""


def message_id(agency: str, channel: str, source: str, external_id: str) -> UUID:
    """The id of one message. Only the last part is free text, so no two tuples share a name."""
    return uuid5(NAMESPACE, f"{agency}|{channel}|{source}|{external_id}")


def content_name(payload: bytes, sent_at: datetime, ordinal: int = 0) -> str:
    """A stand-in for a provider's id: hash of content and provider time, and the ordinal among equal rows."""
    digest = hashlib.sha256(payload)
    digest.update(f"\x1f{sent_at.isoformat()}\x1f{ordinal}".encode())
    return f"content:{digest.hexdigest()}"


def complaint_id(founder: UUID) -> UUID:
    """The id of the complaint that a message founds."""
    return uuid5(founder, "complaint")


def delivery_id(complaint: UUID, hub: str, kind: str, revision: int) -> UUID:
    """The id of one delivery, sent as its `Idempotency-Key`."""
    return uuid5(complaint, f"{hub}|{kind}|{revision}")


def event_id(subject: UUID, kind: str, revision: int | str) -> UUID:
    """The id of an event about a subject: published twice, it is the same event."""
    return uuid5(subject, f"event|{kind}|{revision}")
