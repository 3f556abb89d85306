"""The parts that a complaint is made of."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Instant, Model, Slug

State = Literal[
    "received",
    "on_hold",
    "not_our_authority",
    "archived",
    "disposed",
    "in_progress",
    "agency_responded",
    "reporter_replied",
    "closed",
    "auto_closed",
    "reopened",
]
"""Canonical states. SP4N's: Belum diverifikasi, Tunda, Bukan Wewenang, Arsip, Terdisposisi, Ditindaklanjuti, tanggapan
of the agency, Ditanggapi oleh pelapor, Selesai (by people, or automatically), dibuka kembali."""

Step = Literal["forward", "follow_up", "close", "resolve"]
"""What is to be done next at a hub, each with a limit in working days: verify and forward; the agency's follow-up;
closing, after a follow-up without a reply; resolving."""


class Reporter(Model):
    """SP4N `pelapor`, as it may be shown: masked."""

    name: str | None = None
    """Initials and stars, such as `S*** R***`."""
    phone: str | None = None
    """Stars and the last three digits."""
    email: str | None = None
    """First letter, stars and the domain."""


class Place(Model):
    """SP4N `lokasi kejadian`. What is not known is None, never a guess."""

    region_code: str | None = None
    """Code of the smallest region that is certain, dotted: `16.73.01.1001` is a kelurahan, `16.73` a city."""
    region_scheme: str | None = None
    """Whose codes these are: `kemendagri`. BPS has other numbers."""
    region_edition: str | None = None
    """Edition of the code list, since codes change."""
    region_name: str | None = None
    """Names from province down to the region, for people."""
    street: str | None = None
    """Street or lane, as written."""
    number: str | None = None
    """House number."""
    rt: str | None = None
    """RT (neighbourhood), three digits: `003`."""
    rw: str | None = None
    """RW (group of RTs), three digits: `005`."""
    kilometre: float | None = None
    """Kilometre post on a road."""
    landmark: str | None = None
    """"depan SD 3", "dekat pasar": what people steer by."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    """WGS 84 degrees."""
    longitude: float | None = Field(default=None, ge=-180, le=180)
    """WGS 84 degrees."""
    confidence: float = Field(default=0.0, ge=0, le=1)
    """How certain the region is; 0 when there is none."""


class Category(Model):
    """SP4N `kategori`, by our own versioned table: SP4N's tree has no public ids."""

    key: Slug
    """Our key, such as `penerangan-jalan`."""
    title: str
    """Indonesian title."""
    confidence: float = Field(ge=0, le=1)
    """0 to 1."""
    version: str
    """Version of the rule table that said so."""


class Attachment(Model):
    """SP4N `lampiran`: what came with the words. Content lies with the objects, sealed."""

    media_type: str | None = None
    """As the channel declares it."""
    filename: str | None = None
    """As the channel gives it, without folders."""
    size: int | None = Field(default=None, ge=0)
    """Bytes."""
    object: str | None = None
    """Key of the stored content (hex SHA-256); None while it is only known by reference."""
    reference: str | None = None
    """The provider's media id or URL, sealed (subject: complaint id, field: reference), until it is fetched."""
    message_id: UUID | None = None
    """With a reference: the message that it came with."""
    number: int | None = Field(default=None, ge=0)
    """With a reference: which attachment of that message it is, from 0."""


class Supporter(Model):
    """A further message in the same complaint."""

    message_id: UUID
    """The message."""
    channel: Slug
    """Its kind of channel."""
    source: Slug
    """Its source."""
    received_at: Instant
    """When it was accepted."""
    reason: Literal["conversation", "reply", "edit", "part", "same_report", "operator"]
    """Why it joined."""


class Follower(Model):
    """Another complaint about the same incident."""

    complaint_id: UUID
    """The complaint that follows."""
    linked_at: Instant
    """When that was decided."""


class Verdict(Model):
    """What was decided about duplicates. It can be undone."""

    kind: Literal["new", "merged", "linked"] = "new"
    """`new`: like no other; `merged`: it is the same report as another; `linked`: it follows another, same incident."""
    target: UUID | None = None
    """The complaint that it was merged into or linked to."""
    score: float | None = None
    """Of the best candidate, 0 to 1."""
    reasons: tuple[str, ...] = ()
    """In words: `same person`, `same street: jalan melati`."""
    version: str | None = None
    """Version of the scorer's weights; `operator` when a person decided."""
    unclear: bool = False
    """Worth a person's look."""


class Deadlines(Model):
    """SP4N's clock in working days, as settings give it."""

    forward_by: Instant | None = None
    """Verify and forward: 3 working days by default."""
    follow_up_by: Instant | None = None
    """First follow-up by the agency: 5 working days by default."""
    resolve_by: Instant | None = None
    """Resolved: 5 working days for information, 14 otherwise, 60 when a field check is needed, by default."""


class Status(Model):
    """Where a complaint stands."""

    state: State = "received"
    """Canonical."""
    words: str | None = None
    """The hub's own word for it."""
    hub: Slug | None = None
    """Who says so; None is ourselves."""
    since: Instant | None = None
    """When it came to be so, by the hub's clock."""


class HubReceipt(Model):
    """Proof that a hub has the complaint."""

    hub: Slug | Literal["*"]
    """The configured hub; `*` while it is only known that the complaint stands at the one that it would be sent to."""
    tracking_id: str
    """The hub's number, a string of digits at SP4N."""
    url: str | None = None
    """Public page of the complaint."""
    delivered_at: Instant
    """When the hub confirmed it."""
    adopted: bool = False
    """It already stood there; we never sent it."""
