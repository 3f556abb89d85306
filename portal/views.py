"""What is shown of a complaint. Whatever is not named here stays inside, a field that the schema gains later too."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Instant, Model, Slug
from schemas.complaint import Classification, Complaint
from schemas.parts import (
    Attachment,
    Category,
    Deadlines,
    Follower,
    HubReceipt,
    Place,
    Reporter,
    State,
    Status,
    Supporter,
    Verdict,
)


def _said(name: str, of: type[Model] = Complaint) -> Any:  # noqa: ANN401 it stands where a field's default would
    return Field(description=of.model_fields[name].description)


class ShownAttachment(Model):
    """SP4N `lampiran`: that there is a file, not where its content lies."""

    media_type: str | None = _said("media_type", Attachment)
    filename: str | None = _said("filename", Attachment)
    size: int | None = _said("size", Attachment)


class ShownComplaint(Model):
    """A complaint at its newest revision, identities masked."""

    complaint_id: UUID = _said("complaint_id")
    revision: int = _said("revision")
    agency: Slug = _said("agency")
    directed_to: str | None = _said("directed_to")
    channel: Slug = _said("channel")
    source: Slug = _said("source")
    classification: Classification = _said("classification")
    title: str = _said("title")
    text: str = _said("text")
    language: str = _said("language")
    reporter: Reporter = _said("reporter")
    anonim: bool = _said("anonim")
    rahasia: Literal[False] = Field(description="Told apart by this from a stub.")
    place: Place = _said("place")
    position_from: Literal["sender", "text", "photo"] | None = _said("position_from")
    incident_date: date | None = _said("incident_date")
    category: Category | None = _said("category")
    attachments: tuple[ShownAttachment, ...] = _said("attachments")
    sent_at: Instant = _said("sent_at")
    received_at: Instant = _said("received_at")
    updated_at: Instant = _said("updated_at")
    supporters: tuple[Supporter, ...] = _said("supporters")
    followers: tuple[Follower, ...] = _said("followers")
    leader: UUID | None = _said("leader")
    merged_into: UUID | None = _said("merged_into")
    verdict: Verdict = _said("verdict")
    deadlines: Deadlines = _said("deadlines")
    status: Status = _said("status")
    hub_receipts: tuple[HubReceipt, ...] = _said("hub_receipts")
    historical: bool = _said("historical")


class SecretStatus(Model):
    """Where a *rahasia* complaint stands, without the hub's words: they may name whom it concerns."""

    state: State = _said("state", Status)
    hub: Slug | None = _said("hub", Status)
    since: Instant | None = _said("since", Status)


class SecretComplaint(Model):
    """The stub of a *rahasia* complaint: that there is one, and where it stands."""

    complaint_id: UUID = _said("complaint_id")
    revision: int = _said("revision")
    agency: Slug = _said("agency")
    rahasia: Literal[True] = _said("rahasia")
    merged_into: UUID | None = _said("merged_into")
    status: SecretStatus = _said("status")


Shown = ShownComplaint | SecretComplaint

_SHOWN: dict[str, Any] = dict.fromkeys(ShownComplaint.model_fields, True)
_SHOWN["attachments"] = {"__all__": set(ShownAttachment.model_fields)}
_SECRET: dict[str, Any] = dict.fromkeys(SecretComplaint.model_fields, True)
_SECRET["status"] = set(SecretStatus.model_fields)


def shown(complaint: Complaint) -> str:
    """The JSON document that is kept and shown: a `ShownComplaint`, or a `SecretComplaint`."""
    if complaint.rahasia:
        return complaint.model_dump_json(include=_SECRET)
    if complaint.anonim:
        complaint = complaint.model_copy(update={"reporter": Reporter()})
    return complaint.model_dump_json(include=_SHOWN)


_EXAMPLE: dict[str, Any] = {
    "complaint_id": "5b2f7f0e-6c0a-5d0c-9a6e-3c1f0c3f9f10",
    "revision": 2,
    "agency": "dinas-pu",
    "directed_to": None,
    "channel": "whatsapp_cloud",
    "source": "wa-dinas-pu",
    "classification": "pengaduan",
    "title": "Jalan berlubang di depan pasar",
    "text": "Jalan berlubang di depan pasar, sudah dua minggu. Hubungi saya di ***001.",
    "language": "id",
    "reporter": {"name": "S*** C***", "phone": "***********001", "email": None},
    "anonim": False,
    "rahasia": False,
    "place": Place(landmark="depan pasar").model_dump(mode="json"),
    "position_from": None,
    "incident_date": None,
    "category": None,
    "attachments": [{"media_type": "image/jpeg", "filename": None, "size": 84213}],
    "sent_at": "2026-11-24T02:59:58Z",
    "received_at": "2026-11-24T03:00:00Z",
    "updated_at": "2026-11-24T03:02:10Z",
    "supporters": [],
    "followers": [],
    "leader": None,
    "merged_into": None,
    "verdict": Verdict().model_dump(mode="json"),
    "deadlines": Deadlines().model_dump(mode="json"),
    "status": {"state": "received", "words": None, "hub": None, "since": "2026-11-24T03:00:00Z"},
    "hub_receipts": [],
    "historical": False,
}
EXAMPLE = ShownComplaint.model_validate(_EXAMPLE).model_dump(mode="json")
"""An invented complaint, for the documentation."""
EXAMPLE_STUB = SecretComplaint.model_validate(
    {
        "complaint_id": "0d6a2a3c-4be8-5d57-8f4a-9f2a6a4f1f20",
        "revision": 1,
        "agency": "dinas-pu",
        "rahasia": True,
        "merged_into": None,
        "status": {"state": "received", "hub": None, "since": "2026-11-24T03:00:00Z"},
    }
).model_dump(mode="json")
"""A stub, for the documentation."""
