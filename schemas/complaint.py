"""`Complaint`: the shared schema onto which every channel is mapped, with all identities masked or sealed.

Names follow SP4N-LAPOR!'s form where it has one; its own terms stay Indonesian where they are terms of law.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Instant, Model, Sealed, Slug
from schemas.parts import (
    Attachment,
    Category,
    Deadlines,
    Follower,
    HubReceipt,
    Place,
    Reporter,
    Status,
    Supporter,
    Verdict,
)

Classification = Literal["pengaduan", "aspirasi", "permintaan_informasi"]
"""SP4N's `klasifikasi`: a complaint, a wish, a question."""


class Complaint(Model):
    """What a citizen complains of, whole, at one revision. It replaces every earlier revision."""

    complaint_id: UUID
    """Identity: uuid5 of the message that founded it."""
    revision: int = Field(ge=1)
    """Counts the published states of this complaint; one that is not newer than what a consumer has is passed over."""
    agency: Slug
    """The agency (OPD) whose source received it."""
    directed_to: str | None = None
    """SP4N `instansi tujuan`: the agency that it concerns, when that is known."""
    channel: Slug
    """Kind of channel of the founding message."""
    source: Slug
    """Configured connection of the founding message; the answer goes back there."""
    classification: Classification = "pengaduan"
    """SP4N `klasifikasi`."""
    title: str
    """SP4N `judul`: one line, identities masked. Empty when `rahasia`."""
    text: str
    """SP4N `isi`: what was written, identities masked. Empty when `rahasia`, and when the citizen sent no words."""
    language: str = "und"
    """ISO 639 code of the text: `id`, `jv`, `ms`, `en`…; `und` when it cannot be told."""
    reporter: Reporter
    """SP4N `pelapor`, masked."""
    anonim: bool = False
    """SP4N `anonim`: the reporter is hidden from the public and from the agency complained of."""
    rahasia: bool = False
    """SP4N `rahasia`: the report itself is hidden; it goes to the hub and nowhere else."""
    place: Place = Place()
    """SP4N `lokasi kejadian`. Empty when `rahasia`."""
    position_from: Literal["sender", "text", "photo"] | None = None
    """Whose word latitude and longitude are: a place that the sender attached, what was written, a photo's own data."""
    incident_date: date | None = None
    """SP4N `tanggal kejadian`, in the source's time zone; None when the citizen named none."""
    category: Category | None = None
    """SP4N `kategori`; None goes to the hub uncategorised, which it allows."""
    attachments: tuple[Attachment, ...] = ()
    """SP4N `lampiran`."""
    private: Sealed
    """What only the hub may read, sealed: JSON of `PrivatePart` (subject: complaint id, field: private)."""
    sent_at: Instant
    """When the citizen sent the first message; the time of acceptance where the provider names none."""
    received_at: Instant
    """When the first message was accepted."""
    updated_at: Instant
    """When this revision was made."""
    supporters: tuple[Supporter, ...] = ()
    """Further messages that belong to the same complaint: pieces of one conversation, repeats by the same person."""
    followers: tuple[Follower, ...] = ()
    """Other people's complaints linked to this one as the same incident; this one leads."""
    leader: UUID | None = None
    """The complaint that leads the incident, when this one follows."""
    merged_into: UUID | None = None
    """Tombstone: this complaint turned out to be the same report as another, where it lives on."""
    verdict: Verdict = Verdict()
    """What was decided about duplicates, and why."""
    deadlines: Deadlines = Deadlines()
    """SP4N's clock; empty for historical complaints."""
    status: Status = Status()
    """Where it stands."""
    hub_receipts: tuple[HubReceipt, ...] = ()
    """Proof of each hub that it has the complaint."""
    historical: bool = False
    """Imported from the past: never sent, never answered."""


class PrivatePart(Model):
    """The sealed part of a complaint, for the hub alone."""

    title: str
    """The title with identities."""
    text: str
    """The citizen's words with identities."""
    name: str | None = None
    """The reporter's name."""
    phone: str | None = None
    """E.164."""
    email: str | None = None
    """The reporter's e-mail address."""
    address: str | None = None
    """An address as it was given."""
    place: Place | None = None
    """The place of a `rahasia` complaint, which shows none in the clear."""
