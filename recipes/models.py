"""What a channel recipe may say: the model of `channels/*.yaml`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Lower-case letters, digits and underscores."""

Expression = Any
"""A path, a list of paths, or a function: see `recipes.expressions`, which checks it."""

Scheme = Literal[
    "none", "token", "basic", "hmac_sha256_hex", "hmac_sha256_base64", "hmac_sha1_hex", "hmac_sha1_base64", "twilio"
]


class Part(BaseModel):
    """A part of a recipe. Unknown keys are refused, since a mistyped one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Handshake(Part):
    """How a provider proves that an address is ours before it sends."""

    kind: Literal["meta"]
    """`meta`: GET with `hub.mode`, `hub.verify_token` and `hub.challenge`; the challenge is echoed as text."""
    secret: Slug
    """Name of the secret that the verify token must equal."""


class Signature(Part):
    """How a request proves that it comes from the provider: checked over the raw bytes, before they are parsed."""

    scheme: Scheme = "none"
    """`token` compares a header or parameter with the secret; `hmac_*` compares it with the HMAC of the raw body;
    `twilio` signs the public address with the sorted form fields; `none` leaves it to secret paths and allow-lists."""
    header: str | None = None
    """The header that carries it; any case."""
    query: str | None = None
    """The parameter of the URL that carries it, for providers that cannot set headers."""
    prefix: str = ""
    """What stands before it in the header, such as `sha256=`."""
    secret: Slug | None = None
    """Name of the secret; a source gives it one value, or two during a rotation."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Signature":
        if self.scheme == "none":
            if self.header or self.query or self.secret:
                raise ValueError(
                    'scheme "none" checks nothing; name the scheme that the header and the secret belong to'
                )
            return self
        if self.secret is None:
            raise ValueError(f'scheme "{self.scheme}" needs the name of a secret; add `secret:`')
        if self.scheme != "basic" and (self.header is None) == (self.query is None):
            raise ValueError(f'scheme "{self.scheme}" needs to know where to look; add `header:` or `query:`')
        return self


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
    hub_receipt: Expression | None = None


class Rule(Part):
    """A condition and the name of what it means."""

    when: Expression
    reason: str | None = None
    """The reason, in words; for `ignore` a short name such as `reaction`."""
    reason_from: Expression | None = None
    """An expression that gives the reason."""

    @model_validator(mode="after")
    def _has_one_reason(self) -> "Rule":
        if (self.reason is None) == (self.reason_from is None):
            raise ValueError("a rule needs either `reason:` or `reason_from:`")
        return self


class Reply(Part):
    """How the citizen can be answered on this channel."""

    kind: Slug
    """The code that sends, such as `whatsapp_cloud` or `smtp`."""
    to: Expression
    """The address to answer, an expression over the document."""
    in_reply_to: Expression | None = None
    """The message that is answered."""
    window_hours: int | None = Field(default=None, ge=1)
    """Hours after the citizen's last message in which free text is allowed; None for no limit."""
    max_length: int | None = Field(default=None, ge=1)
    """Characters in one answer; None for no limit."""


class Expectation(Part):
    """What one message of an example must become."""

    outcome: Literal["accepted", "ignored", "dead", "receipt"]
    reason: str | None = None
    """The reason of an ignored or dead message (a part of it suffices), or the name of a receipt."""
    external_id: str | None = None
    sender: str | None = None
    complaint: dict[str, Any] = Field(default_factory=dict)
    """The fields that matter, as `muara channels parse` prints them; others are not looked at."""


class Example(Part):
    """One delivery of the provider and what it must become: documentation and test in one."""

    name: str
    covers: str
    """What the example shows: ordinary, batch, malformed, media, location, redelivery…; distinct within a recipe."""
    payload: Any = None
    """The body as YAML; encoded as the channel's JSON or form."""
    body: str | None = None
    """The body as it is, where YAML cannot say it."""
    media_type: str | None = None
    """Media type of the body; by default what the channel decodes."""
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    zone: str = "Asia/Jakarta"
    """Zone of the source."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Settings of the source."""
    expect: list[Expectation]

    @model_validator(mode="after")
    def _has_one_body(self) -> "Example":
        if self.payload is not None and self.body is not None:
            raise ValueError("an example has either `payload:` or `body:`")
        return self


class Recipe(Part):
    """One channel: how it is received, mapped and answered, and examples that prove it."""

    channel: Slug
    title: str
    description: str = ""
    manual: str = ""
    """Name of the provider's document that the recipe follows."""
    receive: Receive
    map: MessageMap
    ignore: list[Rule] = Field(default_factory=list)
    """Messages that are no complaints, in the order tried; kept and counted by reason."""
    dead: list[Rule] = Field(default_factory=list)
    """Messages that nobody can read; an operator sees them, and may replay them when the recipe has learnt more."""
    reply: Reply | None = None
    examples: list[Example] = Field(default_factory=list)

    @model_validator(mode="after")
    def _examples_differ(self) -> "Recipe":
        for field in ("name", "covers"):
            values = [getattr(example, field) for example in self.examples]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f'two examples have {field} "{twice[0]}"; each shows something else')
        return self
