"""What a profile may say about its operations: `create:`, `update:`, `lookup:` and their like."""

from pydantic import Field, model_validator

from recipes.hubs.auth_model import Auth
from recipes.hubs.part import Part
from recipes.hubs.request_model import RequestSpec
from recipes.parts import Expression
from recipes.receive_model import Answer
from recipes.signature_model import Signature


class Operation(RequestSpec):
    """One operation of a hub."""

    auth: Auth | None = None
    """Where this one operation proves who we are otherwise than the others."""
    repeatable: bool = False
    """The same request twice leaves the hub as once would, even without an idempotency key."""


class Telling(Operation):
    """How to tell the hub of a later revision."""

    confirmed: Expression | None = None
    """What an answer must show to count as success, read over `status`, `headers` and `body`; by default the number
    that `answer:` finds. `{value: true}`: any success will do, such as a 204 without a body."""


class Lookup(Operation):
    """How to ask the hub whether it has a complaint: by our reference, or by its content and time (`same`)."""

    found: Expression
    """The list of reports found, read over `status`, `headers` and `body`."""
    within: Expression | None = None
    """What proves that the answer is an answer, where `found` may be missing or single, as XML writes lists."""
    tracking_id: Expression
    """Of one of them."""
    url: Expression | None = None
    """Of one of them."""
    same: dict[str, Expression] = Field(default_factory=dict)
    """For a hub that does not keep our reference: path in a found report → expression over `complaint` and `private`. A
    report is ours when all agree, but for blanks and capitals, and no other complaint of ours has its number."""


class ChangeFields(Part):
    """What is read over one change, whether the hub is asked for it or tells it by itself."""

    id: Expression
    """What makes one change differ from every other; read over the change, as are the next."""
    tracking_id: Expression
    """Whose it is."""
    reference: Expression | None = None
    """Our reference, when the hub says it."""
    word: Expression
    """The hub's word, a key of `statuses`."""
    words: Expression | None = None
    """The state as people read it."""
    at: Expression
    """When it changed, ISO 8601."""


class Changes(Operation, ChangeFields):
    """How to ask for what changed since a cursor (`cursor`, which the query reads; None at first)."""

    found: Expression
    """The list of changes, read over `status`, `headers` and `body`."""
    within: Expression | None = None
    """As in `lookup`."""
    cursor: Expression
    """What to ask with next time, read over the same."""
    more: Expression | None = None
    """Whether more is waiting, read over the same."""


class Webhook(ChangeFields):
    """How the hub tells changes by itself: what it posts to us, and how it proves that it is the hub."""

    signature: Signature
    """Checked over the raw bytes, before they are parsed. Its secret may have two values during a rotation."""
    when: Expression | None = None
    """Only requests for which this holds tell changes; others are thanked for and passed over. Read over `headers`
    (lower case), `query`, `body`, `text`; of XML also `anywhere`."""
    found: Expression
    """The list of changes, read over the same."""
    within: Expression | None = None
    """What proves that changes are told, where `found` may be missing or single: `body` where each tells one."""
    answer: Answer | None = None
    """The body of the 200 that the hub expects, where it expects one."""

    @model_validator(mode="after")
    def _is_signed(self) -> "Webhook":
        if self.signature.scheme == "none":
            raise ValueError(
                "whoever finds the address could close anybody's complaint: name a scheme; `token` with `query:` suits"
                " hubs that can neither sign nor set headers"
            )
        return self


class Standing(Operation):
    """How to ask where reports stand, for a hub that lists no changes. The request reads `tracking_ids`, a list."""

    batch: int = Field(default=50, ge=1, le=500)
    """Reports in one question."""
    found: Expression
    """The list of reports, read over `status`, `headers` and `body`."""
    within: Expression | None = None
    """As in `lookup`."""
    tracking_id: Expression
    """Whose it is; read over the report, as are the next."""
    word: Expression
    """The hub's word, a key of `statuses`."""
    words: Expression | None = None
    """The state as people read it."""
    at: Expression | None = None
    """When it came to be so, ISO 8601; the moment of the question when the hub does not say."""


class Listing(Operation):
    """How to ask for all that the hub has of ours, page by page, for reconciliation.

    The query reads `cursor` (what `next` said; None at first) and `since` (ISO 8601; None for all). A hub that cannot
    choose by `since` may list everything. What other senders reported must not be in it.
    """

    found: Expression
    """The list of reports, read over `status`, `headers` and `body`."""
    within: Expression | None = None
    """As in `lookup`."""
    next: Expression | None = None
    """What to ask for the next page with, read over the same; nothing on the last page. None: there is one page."""
    tracking_id: Expression
    """Of one report; read over the report, as are the next."""
    reference: Expression | None = None
    """Our reference, when the hub keeps it."""
    word: Expression | None = None
    """The hub's word for its state, a key of `statuses`; without it states are not compared."""
    words: Expression | None = None
    """The state as people read it."""
    at: Expression | None = None
    """When it came to be in this state, ISO 8601."""
    created: Expression | None = None
    """When the hub took it in, ISO 8601."""


class ReferenceTable(Operation):
    """A table of the hub's own codes, such as its categories. Reading it does no harm, so `muara hubs check` does."""

    found: Expression
    """The list of rows, read over `status`, `headers` and `body`."""
    within: Expression | None = None
    """As in `lookup`."""
    code: Expression
    """Of one row."""
    title: Expression
    """Of one row."""
    parent: Expression | None = None
    """Code of the row above it."""
