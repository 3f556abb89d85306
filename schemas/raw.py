"""`RawComplaint`: one message as a channel gave it, sealed, before anything is read into it."""

from uuid import UUID

from pydantic import Field, model_validator

from schemas.base import Instant, Model, Sealed, Slug

SCHEMA_VERSION = 1


class RawComplaint(Model):
    """One accepted message. It is written once, on acceptance; whatever happens to it later stands elsewhere."""

    schema_version: int = SCHEMA_VERSION
    """Version of this schema; raised when a consumer of the last one would have to change."""
    message_id: UUID
    """Identity of the message: uuid5 of agency, channel, source and external id, the same at every redelivery."""
    attempt: int = Field(default=0, ge=0)
    """0 as it was accepted; each replay of a dead letter raises it by one."""
    agency: Slug
    """The agency (OPD, `instansi`) that runs the source."""
    channel: Slug
    """The kind of channel: the name of its recipe, such as `whatsapp_cloud`."""
    source: Slug
    """The configured connection of that channel, such as one WhatsApp number of one agency."""
    external_id: Sealed
    """The provider's id, or its stand-in. Sealed, since some providers' ids hold a phone number."""
    conversation: str
    """HMAC of source and sender: the log key. Tells that two messages have one sender, not who it is."""
    received_at: Instant
    """When the connector took it, before it was durable."""
    media_type: str
    """Media type of the payload: `application/json`, `application/x-www-form-urlencoded`, `message/rfc822`."""
    payload: Sealed | None = None
    """The message verbatim, sealed; None when it is too large for the log and lies with the objects."""
    payload_object: str | None = None
    """Key of the object that holds the payload, sealed, when `payload` is None."""
    attachments: tuple[str, ...] = ()
    """Keys of objects that the transport stored with the message on acceptance."""
    recipe_hash: str
    """First 16 hex digits of the SHA-256 of the recipe in force at acceptance."""
    historical: bool = False
    """Imported from the past: shown and searched for duplicates, but not sent, not answered, no deadline."""
    defect: str | None = None
    """Why the transport could not read it, in a sentence without identities; such a message ends as a dead letter."""
    provenance: str | None = None
    """Where in a larger whole it stood, such as `laporan.csv:17`."""
    traceparent: str | None = None
    """W3C trace context of the request that brought it."""

    @model_validator(mode="after")
    def _has_one_payload(self) -> "RawComplaint":
        if (self.payload is None) == (self.payload_object is None):
            raise ValueError("a raw complaint has a payload or names the object that holds it, one of the two")
        return self
