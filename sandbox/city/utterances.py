"""What one citizen says at one moment on one channel, before a client puts it on the wire."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.city.people import Citizen


class Channel(StrEnum):
    """The channels of the city; each is also the name that the truth is keyed by."""

    WHATSAPP = "whatsapp_cloud"
    SMS = "twilio_sms"
    EMAIL = "email"
    HOSPITAL = "opd_webhook"
    WATER = "opd_table"
    SUBDISTRICT = "kecamatan_csv"


class Kind(StrEnum):
    """What sort of message it is on the wire."""

    TEXT = "text"
    IMAGE = "image"
    """A photo; its caption is the text, and may be empty."""
    AUDIO = "audio"
    DOCUMENT = "document"
    LOCATION = "location"
    REACTION = "reaction"
    """An emoji on a message of ours (WhatsApp)."""
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    BROKEN = "broken"
    """The envelope itself is damaged: JSON cut off, a MIME structure that does not close, a row of wrong width."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along. Its bytes are made from `seed` when they are needed."""

    media_type: str
    filename: str
    seed: int


@dataclass(frozen=True, slots=True)
class Location:
    """A pin on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message. It says nothing about what it belongs to: that stands in the truth alone."""

    at: datetime
    """When the citizen sent it (aware)."""
    channel: Channel
    sender: Citizen
    external_id: str = ""
    """The provider's id; for a row of a file, `<file name>:<line>`, which is known to the truth but never sent."""
    kind: Kind = Kind.TEXT
    text: str = ""
    subject: str = ""
    """Subject of a mail; unit of the hospital; category in the water company's table."""
    address: str = ""
    """Where, on channels that have a field for it."""
    phone: str = ""
    """The sender's number as it is spelled on this occasion."""
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    shape: str = ""
    """A variant of the wire form: a mail client's name, `json` or `form` of the hospital."""
    sockets: int = 1
    """How many connections carry it at the same instant; 2 is a redelivery at once."""
    again: bool = False
    """A redelivery of an earlier message, minutes later."""
    batch: int | None = None
    """Messages of one batch travel in one request."""
    burst: int | None = None
    """Messages of one burst travel in requests of their own, all at the same time (an album)."""
    lag: float = 0.0
    """Seconds after `at` at which it is sent: a row that commits late."""

    @property
    def conversation(self) -> str:
        """Whose messages on which channel: within it the order of sending is kept."""
        return f"{self.channel}|{self.sender.number}"
