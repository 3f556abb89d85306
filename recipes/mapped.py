"""The result of mapping one message: the channel's words in our terms, before anything is understood."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Classification = Literal["pengaduan", "aspirasi", "permintaan_informasi"]


@dataclass(frozen=True, slots=True)
class MappedAttachment:
    """A file that came with a message: by content, by URL, or by the provider's media id."""

    media_type: str | None = None
    filename: str | None = None
    url: str | None = None
    media_id: str | None = None
    size: int | None = None
    """Bytes, when the provider says so."""
    part: int | None = None
    """Which content of the payload it is: the part of a mail or form with that index, or the attachment in JSON; see
    `Channel.attachment_content`.
    """


@dataclass(frozen=True, slots=True)
class MappedLocation:
    """A place that the sender attached, WGS 84 degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """One message in our terms. Identities are in the clear here, and only here: memory, never a table or a log."""

    text: str = ""
    """Of one with a `sequence` it may begin or end with half of a surrogate pair: the other half is its neighbour's."""
    title: str | None = None
    name: str | None = None
    phone: str | None = None
    """E.164."""
    email: str | None = None
    sent_at: datetime | None = None
    """UTC."""
    attachments: tuple[MappedAttachment, ...] = ()
    location: MappedLocation | None = None
    address: str | None = None
    """An address field of a form, which says more than the text does."""
    incident_date: date | None = None
    classification: Classification | None = None
    category: str | None = None
    """The channel's own word for the topic; a hint."""
    anonim: bool = False
    rahasia: bool = False
    refers_to: str | None = None
    """`external_id` of an earlier message of the source that this one edits, answers or continues."""
    relation: Literal["edit", "delete", "reply", "part"] | None = None
    """How it refers to that message."""
    group: str | None = None
    """Messages with the same group (album, parts of one SMS) are one."""
    sequence: int | None = None
    """Which part of its group it is, from 1: the texts of such parts make one text, with nothing between."""
    hub_receipt: str | None = None
    """The hub's tracking id, when the complaint already stands there: it is adopted, never sent."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The recipe's rules say that this is no complaint, and why."""

    reason: str


class MappingError(ValueError):
    """The payload cannot be mapped; the message says what is wrong, without quoting identities."""


Document = dict[str, Any]
"""A payload as expressions read it: plain JSON values."""

Value = Any
"""Any plain JSON value. Payloads hold whatever their senders like, so nothing is promised about it."""
