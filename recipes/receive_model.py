"""What a recipe may say under `receive:`."""

from typing import Any, Literal

from pydantic import Field

from recipes.parts import Expression, Part, Slug
from recipes.signature_model import Signature


class Handshake(Part):
    """How a provider proves that an address is ours before it sends."""

    kind: Literal["meta"]
    """`meta`: GET with `hub.mode`, `hub.verify_token` and `hub.challenge`; the challenge is echoed as text."""
    secret: Slug
    """Name of the secret that the verify token must equal."""


class Level(Part):
    """One level of a batch: the list to walk, and the name of each of its elements for the levels below."""

    list: Expression
    """Where the list stands; expressions here read `body` and the names of the levels above."""
    as_: Slug = Field(alias="as")
    """The name of one element."""
    when: Expression | None = None
    """Only elements for which this holds."""


class Split(Part):
    """How one request holds many messages."""

    each: list[Level] = Field(min_length=1)
    """From the outside in; the elements of the last level are the messages."""
    keep: dict[Slug, Expression] = Field(min_length=1)
    """What is kept of each message: name → expression over `body` and the names of all levels; `map` reads these."""


class Receipt(Part):
    """What else a request may hold: news about things that we sent, or about the account. Counted, never a message."""

    each: list[Level] = Field(min_length=1)
    name: Expression
    """The kind of news, such as `delivered`."""
    external_id: Expression | None = None
    """The id of what it is about."""


class Answer(Part):
    """The body of the 200 that the provider expects, where it expects one."""

    media_type: str = "application/json"
    body: str = ""


class Receive(Part):
    """How messages of the channel come in, and what identifies each."""

    transport: Slug
    """The code that receives: `webhook`, `smtp`, `files`, `sql`…"""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Defaults for the transport, which knows and checks them; a source may override them."""
    handshake: Handshake | None = None
    signature: Signature = Signature()
    answer: Answer | None = None
    decode: Literal["auto", "json", "form", "query", "rfc822", "row"] = "auto"
    """How a body becomes a document; `auto` goes by media type and a look at the first sign."""
    split: Split | None = None
    receipts: list[Receipt] = Field(default_factory=list)
    external_id: Expression | None = None
    """The provider's id of a message: what makes a redelivery harmless."""
    sender: Expression | None = None
    """Who wrote: messages of one sender stay in order."""
    sent_at: Expression | None = None
    """When it was written; the default of `map.sent_at`."""
    gather: bool = False
    """People write here in pieces, as in a chat: what one sender writes within the quiet period is one complaint."""
