"""What a hub profile may say: the model of `hubs/*.yaml`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recipes.parts import Expression, Slug
from schemas.parts import State

OutcomeWord = Literal["done", "retry", "wait", "stop", "reject", "ambiguous"]
"""What an answer means for the delivery.

`done`: the hub has it. `retry`: it does not, and may take it later. `wait`: the whole hub asks for a pause. `stop`: our
configuration is wrong, nothing more is sent until a person resumes. `reject`: the hub refuses this one. `ambiguous`: it
may have taken it or not."""

Node = Any
"""A value of a body: an expression, or `{object: ...}`, `{list: ..., each: ...}`, `{text: ...}`; see `bodies`."""


class Part(BaseModel):
    """A part of a profile. Unknown keys are refused, since a mistyped one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Auth(Part):
    """How we prove who we are. Added when a request is sent, never kept with it."""

    kind: Literal["none", "bearer", "header"] = "none"
    """`bearer`: `Authorization: Bearer …`; `header`: the secret as a header's value."""
    header: str | None = None
    """Name of the header, for `header`."""
    secret: Slug | None = None
    """Name of the secret; the configuration has its value."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Auth":
        if (self.kind == "none") != (self.secret is None):
            raise ValueError('name the `secret:` of `bearer` and `header`; "none" has none')
        if (self.kind == "header") != (self.header is not None):
            raise ValueError('`header:` belongs to the kind "header", which needs it')
        return self


class Operation(Part):
    """One request that a hub understands."""

    method: Literal["GET", "POST", "PUT", "PATCH"]
    path: str = Field(pattern=r"^/")
    """Below the configured address; `{delivery.tracking_id}` puts a value in, percent-encoded."""
    query: dict[str, Expression] = Field(default_factory=dict)
    """Parameters of the address; one without a value is left out."""
    body: dict[str, Node] | None = None
    """JSON: field → expression over `complaint`, `private` and `delivery`. What has no value is left out."""
    repeatable: bool = False
    """The same request twice leaves the hub as once would, even without an idempotency key."""


class Answer(Part):
    """Where the hub's number stands in an answer, read over `status`, `headers` (lower case) and `body`."""

    tracking_id: Expression
    """The hub's number. An answer that says success without it is ambiguous."""
    url: Expression | None = None
    """The public page."""


class Lookup(Operation):
    """How to ask the hub whether it has a complaint, by our reference."""

    found: Expression
    """The list of reports found, read over `status`, `headers` and `body`."""
    tracking_id: Expression
    """Of one of them."""
    url: Expression | None = None
    """Of one of them."""


class Changes(Operation):
    """How to ask for what changed since a cursor (`cursor`, which the query reads; None at first)."""

    found: Expression
    """The list of changes, read over `status`, `headers` and `body`."""
    cursor: Expression
    """What to ask with next time, read over the same."""
    more: Expression | None = None
    """Whether more is waiting, read over the same."""
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


class ErrorRule(Part):
    """What an answer means. The first rule that fits counts."""

    status: list[int | str] = Field(min_length=1)
    """HTTP statuses: numbers, or classes such as `5xx`."""
    when: Expression | None = None
    """Only answers for which this holds, read over `status`, `headers` and `body`: a 200 may carry an error code."""
    outcome: OutcomeWord
    sentence: str
    """What it means and what may help, for people."""

    @model_validator(mode="after")
    def _statuses_exist(self) -> "ErrorRule":
        for status in self.status:
            if isinstance(status, int) and 100 <= status <= 599:
                continue
            if isinstance(status, str) and len(status) == 3 and status[0] in "12345" and status[1:] == "xx":
                continue
            raise ValueError(f'"{status}" is no HTTP status; write a number such as 409, or a class such as 5xx')
        return self


class Idempotency(Part):
    """By what the hub knows a repetition."""

    header: str
    """The header that carries our key, which is the delivery's id."""


class Limits(Part):
    """How the hub wants to be treated."""

    concurrency: int = Field(default=4, ge=1, le=256)
    """Requests at the same time."""
    timeout: float = Field(default=10.0, gt=0, le=300)
    """Seconds for one request, from first to last byte."""
    attempts: int = Field(default=12, ge=1)
    """Tries of one delivery that failed while the hub took others; then it is parked."""


class HubExample(Part):
    """One case, with what comes of it: documentation and test."""

    name: str
    covers: str
    """What it shows that no other does."""
    operation: Literal["create", "update", "lookup", "changes"]
    given: dict[str, Any] = Field(default_factory=dict)
    """`complaint`, `private` and `delivery`, as far as they matter."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Settings of the hub."""
    request: dict[str, Any] | None = None
    """What is sent: `path`, `query`, `body` (whole), each when named."""
    answer: dict[str, Any] | None = None
    """What the hub answers: `status`, `headers`, and `body` (JSON) or `text`."""
    expect: dict[str, Any] | None = None
    """What that means: `outcome`, `tracking_id`, `url`, `reason` (a part of it); for look-ups and changes `found`."""

    @model_validator(mode="after")
    def _shows_something(self) -> "HubExample":
        if self.request is None and self.answer is None:
            raise ValueError("an example shows a `request:`, or an `answer:` with what to `expect:`")
        if (self.answer is None) != (self.expect is None):
            raise ValueError("`answer:` and `expect:` go together")
        return self


class HubProfile(Part):
    """One hub's interface."""

    name: Slug
    """Name of the profile."""
    title: str
    description: str = ""
    manual: str = ""
    """The document that the profile follows."""
    auth: Auth = Auth()
    idempotency: Idempotency | None = None
    """None: a repetition makes a second report."""
    settle_after: float = Field(default=30.0, ge=0)
    """Seconds after which a look-up sees what an earlier request left. One too soon proves nothing."""
    lookup_proves_absence: bool = False
    """A look-up after `settle_after` that finds nothing proves that the hub has nothing."""
    limits: Limits = Limits()
    create: Operation
    update: Operation | None = None
    lookup: Lookup | None = None
    changes: Changes | None = None
    answer: Answer
    """Of create and update."""
    refusal: Expression | None = None
    """The hub's own words in an answer that is no success. Only where they never repeat what a citizen wrote."""
    errors: list[ErrorRule] = Field(default_factory=list)
    """Before the built-in rules: 401, 403, 3xx stop; 429 wait; 408, 425 retry; 5xx ambiguous; other 4xx reject."""
    statuses: dict[str, State] = Field(default_factory=dict)
    """The hub's word → canonical state."""
    examples: list[HubExample] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_consistent(self) -> "HubProfile":
        if self.lookup_proves_absence and self.lookup is None:
            raise ValueError("`lookup_proves_absence` needs a `lookup:`")
        for field in ("name", "covers"):
            values = [getattr(example, field) for example in self.examples]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f'two examples have {field} "{twice[0]}"; each shows something else')
        return self
