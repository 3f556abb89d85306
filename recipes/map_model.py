"""What a recipe may say under `map:`."""

from pydantic import Field

from recipes.parts import Expression, Part


class AttachmentMap(Part):
    """One attachment, or with `each` one per element of a list; the other fields then read the element."""

    each: Expression | None = None
    when: Expression | None = None
    url: Expression | None = None
    media_id: Expression | None = None
    media_type: Expression | None = None
    filename: Expression | None = None
    size: Expression | None = None
    part: Expression | None = None
    content: Expression | None = None
    """The content itself, in base64, where the message holds it."""


class LocationMap(Part):
    """A place that the sender attached."""

    latitude: Expression
    longitude: Expression
    name: Expression | None = None
    address: Expression | None = None


class MessageMap(Part):
    """The fields of a message in our terms, each an expression over the document; see `recipes.mapped.Mapped`."""

    text: Expression | None = None
    title: Expression | None = None
    name: Expression | None = None
    phone: Expression | None = None
    email: Expression | None = None
    sent_at: Expression | None = None
    attachments: list[AttachmentMap] = Field(default_factory=list)
    location: LocationMap | None = None
    address: Expression | None = None
    incident_date: Expression | None = None
    classification: Expression | None = None
    category: Expression | None = None
    anonim: Expression | None = None
    rahasia: Expression | None = None
    refers_to: Expression | None = None
    relation: Expression | None = None
    group: Expression | None = None
    sequence: Expression | None = None
    hub_receipt: Expression | None = None
