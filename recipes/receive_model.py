"""What a recipe may say under `receive:`."""

from typing import Any, Literal

from pydantic import Field, model_validator

from recipes.charset import Charset
from recipes.media_model import Media
from recipes.parts import Expression, Part, Slug
from recipes.poll_model import Poll
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
    poll: Poll | None = None
    """The transport `rest`: how the API of an agency's system is asked."""
    decode: Literal["auto", "json", "form", "query", "rfc822", "row", "xml"] = "auto"
    """How a body becomes a document; `auto` goes by media type and a look at the first sign; `query` also
    takes what is called by GET, see `Channel.split`."""
    charset: Charset | None = None
    """For forms and queries; without it, and for every other field, UTF-8, else Windows-1252."""
    split: Split | None = None
    receipts: list[Receipt] = Field(default_factory=list)
    external_id: Expression | None = None
    """The provider's id of a message: what makes a redelivery harmless."""
    sender: Expression | None = None
    """Who wrote: messages of one sender stay in order."""
    sent_at: Expression | None = None
    """When it was written; the default of `map.sent_at`."""
    media: Media | None = None
    """How files are fetched that a message only names by an address or an id; without it they are not."""
    gather: bool = False
    """People write here in pieces, as in a chat: what one sender writes within the quiet period is one complaint."""

    @property
    def secrets(self) -> list[str]:
        """Names of all secrets that it needs, sorted."""
        account = "password" if self.transport == "smpp" else None
        named = {self.signature.secret, self.handshake.secret if self.handshake else None, account}
        return sorted({name for name in named if name} | set(self.poll.secrets if self.poll else ()))

    @model_validator(mode="after")
    def _polls_by_rest(self) -> "Receive":
        if (self.transport == "rest") != (self.poll is not None):
            raise ValueError("`poll:` belongs to the transport rest, which needs it")
        if self.poll is None:
            return self
        if self.split is None:
            raise ValueError("a poll needs `split:`, which says where the items of an answer are")
        if self.receipts or self.decode not in ("auto", "json", "xml"):
            raise ValueError("what is polled is JSON or XML, without `receipts:`")
        if self.poll.detail is not None and self.poll.detail.as_ in self.split.keep:
            raise ValueError(f'`keep:` has a name "{self.poll.detail.as_}", which is that of the detail')
        return self
