"""What travels on the topics, beside raw complaints. An event carries full state, so twice or late is harmless."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Instant, Model, Sealed, Slug
from schemas.complaint import Complaint
from schemas.parts import State, Step

SCHEMA_VERSION = 1


class Event(Model):
    """The envelope."""

    event_id: UUID
    """Computed from what happened: the same event published twice has the same id."""
    schema_version: int = SCHEMA_VERSION
    """Version of the schema of the body."""
    occurred_at: Instant
    """When it happened."""
    origin: Slug
    """Who caused it: `normalizer`, `operator`, or the name of a hub. A hub's own changes are not sent back to it."""


class ComplaintEvent(Event):
    """On `complaints`: a new revision of a complaint, whole."""

    complaint: Complaint
    """The state after the event."""
    recipe_hash: str | None = None
    """Recipe by which the founding message was mapped."""


class StatusEvent(Event):
    """On `complaints.statuses`: what a hub says of a complaint."""

    kind: Literal["receipt", "status"]
    """`receipt`: the hub has it; `status`: it moved there."""
    complaint_id: UUID
    """Our complaint."""
    hub: Slug
    """The hub's profile."""
    tracking_id: str
    """The hub's number."""
    url: str | None = None
    """Public page, with a receipt."""
    state: State | None = None
    """Canonical state, with a status."""
    words: str | None = None
    """The hub's own words."""
    at: Instant
    """By the hub's clock; by ours for a receipt."""
    adopted: bool = False
    """With a receipt: it stood there already."""


class DeadlineEvent(Event):
    """On `complaints.statuses`: a step at a hub is near the end of its working days, or has missed it.

    For whoever reads status events alone it is one without a state, which changes nothing.
    """

    kind: Literal["status"] = "status"
    """As of a status event."""
    complaint_id: UUID
    """Our complaint."""
    hub: Slug
    """The configured hub."""
    tracking_id: str
    """The hub's number."""
    state: None = None
    """Always null: the complaint stands where it stood."""
    at: Instant
    """When it became so."""
    step: Step
    """What is to be done."""
    due: Instant
    """The end of the last working day for it."""
    standing: Literal["approaching", "missed"]
    """`approaching`: it is near; `missed`: it is over. Each is told once of one deadline."""


class Command(Event):
    """On `complaints.commands`: what an operator wants. Services obey in their own time; twice changes nothing."""

    action: Literal[
        "replay",
        "discard",
        "merge",
        "link",
        "dismiss",
        "undo",
        "approve",
        "pause",
        "resume",
        "adopt",
        "pause_source",
        "resume_source",
    ]
    """What to do."""
    subject: str
    """What to do it to: a message id, complaint id, delivery id, name of a hub or of a source."""
    target: str | None = None
    """The other complaint, for `merge` and `link`; the hub's number, for `adopt`."""
    category: str | None = None
    """With `dismiss`: the key of the category that a complaint has from now on; nothing else of it is decided."""
    reason: str | None = None
    """The operator's words, kept."""


class MediaWanted(Event):
    """On `complaints.media.wanted`: a message that was taken in just now names a file, which somebody is to fetch."""

    message_id: UUID
    """The message."""
    number: int = Field(ge=0)
    """Which attachment of that message it is, from 0."""
    source: Slug
    """Where the message came from: whose credentials the file is asked for with."""
    reference: Sealed
    """The provider's media id or URL, sealed (subject: message id, field: reference)."""
    media_type: str | None = None
    """As the channel declares it."""
    again: bool = False
    """An operator wants it tried anew, if it was given up."""


class MediaEvent(Event):
    """On `complaints.media`: the content of an attachment that its message only named was fetched and stored."""

    message_id: UUID
    """The message."""
    number: int = Field(ge=0)
    """Which attachment of that message it is, from 0."""
    object: str
    """Key of the stored content (hex SHA-256)."""
    media_type: str
    """What its content shows, whatever was declared."""
    size: int = Field(ge=0)
    """Bytes, as stored."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    """Where the photo says that it was taken, WGS 84 degrees; what is stored does not say it any more."""
    longitude: float | None = Field(default=None, ge=-180, le=180)
    """WGS 84 degrees."""


class DeadLetter(Event):
    """On `complaints.dead`: something that cannot go on by itself, with all that is needed to understand it."""

    stage: Literal["normalizer", "dispatcher"]
    """Where it stopped; a replay goes there and nowhere else."""
    subject: UUID
    """Message id, or delivery id."""
    attempt: int
    """Which attempt failed."""
    agency: Slug
    """Whose it is."""
    channel: Slug
    """Kind of channel."""
    source: Slug
    """Source, or hub."""
    reason: str
    """What is wrong and what may help, without identities."""
    provenance: str | None = None
    """Where it stood, such as `laporan.csv:17`."""
    payload: Sealed | None = None
    """The original, sealed as it was accepted."""
