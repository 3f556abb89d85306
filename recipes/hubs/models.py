"""What a hub profile may say: the model of `hubs/*.yaml`."""

from typing import Any, Literal

from pydantic import Field, model_validator

from recipes.hubs.answer_model import Answer, ErrorRule
from recipes.hubs.auth_model import Auth, Gateway, Tls
from recipes.hubs.operation_model import Changes, Listing, Lookup, Operation, ReferenceTable, Standing, Telling, Webhook
from recipes.hubs.part import Part
from recipes.parts import Expression, Slug
from schemas.parts import State


class Idempotency(Part):
    """By what the hub knows a repetition: our key, which is the delivery's id."""

    header: str | None = None
    """The header that carries it."""
    field: str | None = None
    """The field of the body that carries it; of XML the way to the element from the root's children on: `Head/Key`."""
    retention: float | None = Field(default=None, gt=0)
    """Seconds for which the hub remembers it; later a repetition would make a second report. None: for ever."""

    @model_validator(mode="after")
    def _has_one_place(self) -> "Idempotency":
        if (self.header is None) == (self.field is None):
            raise ValueError("`idempotency:` needs either `header:` or `field:`")
        return self


class Limits(Part):
    """How the hub wants to be treated."""

    concurrency: int = Field(default=4, ge=1, le=256)
    """Requests at the same time."""
    rate: float | None = Field(default=None, gt=0, le=10_000)
    """Requests a second at most, on average over a few seconds; `0.2` is one in five. None: as many as there are."""
    timeout: float = Field(default=10.0, gt=0, le=300)
    """Seconds for one request, from first to last byte."""
    attempts: int = Field(default=12, ge=1)
    """Tries of one delivery that failed while the hub took others; then it is parked."""


class Unfit(Part):
    """Complaints that this hub cannot have. They are parked, and a person decides."""

    when: Expression
    """Read over `complaint`, `private` and `settings`."""
    sentence: str
    """Why, for people."""


class HubExample(Part):
    """One case, with what comes of it: documentation and test."""

    name: str
    covers: str
    """What it shows that no other does."""
    operation: str = Field(
        pattern=r"^(create|update|comment|attach|lookup|changes|standing|listing|login|webhook|tables\.[a-z][a-z0-9_]*)$"
    )
    """`create`, `update`, `comment`, `attach`, `lookup`, `changes`, `standing`, `listing`, `login`, `webhook`,
    `tables.NAME`."""
    given: dict[str, Any] = Field(default_factory=dict)
    """`complaint`, `private` and `delivery`, as far as they matter."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Settings of the hub."""
    request: dict[str, Any] | None = None
    """What is sent: `method`, `path`, `query`, `headers`, `body` (JSON, or the fields of a form), `text` (the body as
    it is written) or `files` (stored ones, of a multipart body), each when named, without credentials; or `unfit`: a
    part of why it is not sent."""
    push: dict[str, Any] | None = None
    """Of `webhook`, what the hub posts: `headers`, `query`, and `body` (JSON) or `text`."""
    answer: dict[str, Any] | None = None
    """What the hub answers: `status`, `headers`, and `body` (JSON) or `text`."""
    expect: dict[str, Any] | None = None
    """What that means: `outcome`, `tracking_id`, `url`, `reason` (a part of it); for look-ups, changes, standing,
    listing and tables `found`; for a login `token`; for `webhook` `outcome` (`told`, `passed_over`, `unreadable`),
    `found`, and `signed`: whether the secrets in `given` fit."""

    @model_validator(mode="after")
    def _shows_something(self) -> "HubExample":
        if self.operation == "webhook":
            if self.push is None or self.expect is None or self.request is not None or self.answer is not None:
                raise ValueError("an example of a webhook shows a `push:` and what to `expect:`, and nothing else")
            return self
        if self.push is not None:
            raise ValueError("`push:` belongs to examples of the operation webhook")
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
    """How we prove who we are."""
    gateway: Gateway | None = None
    """The key of a gateway before the hub."""
    tls: Tls | None = None
    """A certificate of ours."""
    idempotency: Idempotency | None = None
    """None: a repetition makes a second report."""
    settle_after: float = Field(default=30.0, ge=0)
    """Seconds after which a look-up sees what an earlier request left. One too soon proves nothing."""
    lookup_proves_absence: bool = False
    """A look-up after `settle_after` that finds nothing proves that the hub has nothing."""
    limits: Limits = Limits()
    unfit: list[Unfit] = Field(default_factory=list)
    """Complaints that are not sent there; the first that holds tells why."""
    create: Operation
    """A new report."""
    update: Telling | None = None
    """A later revision, whole; what the hub has is replaced."""
    comment: Telling | None = None
    """A later revision as a remark, for a hub that cannot replace a report."""
    attach: Telling | None = None
    """One stored attachment of a report that stands at the hub; reads `attachment`, too. Each is sent once."""
    lookup: Lookup | None = None
    """Whether the hub has a report of ours."""
    changes: Changes | None = None
    """What is new at the hub."""
    standing: Standing | None = None
    """Where reports of ours stand, when the hub lists no changes."""
    webhook: Webhook | None = None
    """What the hub tells us by itself, beside or in place of being asked."""
    listing: Listing | None = None
    """All that the hub has of ours, to compare with what we have noted."""
    tables: dict[Slug, ReferenceTable] = Field(default_factory=dict)
    """The hub's own codes."""
    answer: Answer
    """Of create, update, comment and attach."""
    refusal: Expression | None = None
    """The hub's own words in an answer that is no success. Only where they never repeat what a citizen wrote."""
    errors: list[ErrorRule] = Field(default_factory=list)
    """Before the built-in rules: 401, 403, 3xx stop; 429 wait; 408, 425 retry; 5xx ambiguous; other 4xx dead."""
    statuses: dict[str, State] = Field(default_factory=dict)
    """The hub's word → canonical state."""
    examples: list[HubExample] = Field(default_factory=list)
    """Cases with what comes of them."""

    @model_validator(mode="after")
    def _is_consistent(self) -> "HubProfile":
        if self.lookup_proves_absence and self.lookup is None:
            raise ValueError("`lookup_proves_absence` needs a `lookup:`")
        if self.update is not None and self.comment is not None:
            raise ValueError("a later revision is told either by `update:` or by `comment:`; leave one out")
        if self.changes is not None and self.standing is not None:
            raise ValueError("news come either by `changes:` or by `standing:`; leave one out")
        if self.idempotency is not None and self.idempotency.field is not None and self.create.body is None:
            raise ValueError("`idempotency: {field: …}` needs a body to put the key into")
        if self.auth.kind == "session" and self.auth.login is None:
            raise ValueError("a session is opened by a `login:`; add it to `auth:`")
        for name, operation in self.operations.items():
            own = operation.auth
            if own is None or not own.renewable:
                continue
            if own.kind == "oauth2" or own.login is not None or self.auth.kind != "session":
                raise ValueError(f"`auth:` of {name} can use the session of the profile's `auth:`, and open no other")
        if any(rule.renew for rule in self.errors) and not any(auth.renewable for auth in self.auths):
            raise ValueError("`renew:` needs an `auth:` of the kind oauth2 or session")
        for field in ("name", "covers"):
            values = [getattr(example, field) for example in self.examples]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f'two examples have {field} "{twice[0]}"; each shows something else')
        return self

    @property
    def operations(self) -> dict[str, Operation]:
        """Every operation that the hub has, by name; tables as `tables.NAME`."""
        names: tuple[
            Literal["create", "update", "comment", "attach", "lookup", "changes", "standing", "listing"], ...
        ] = (
            "create", "update", "comment", "attach", "lookup", "changes", "standing", "listing",
        )  # fmt: skip
        found: dict[str, Operation] = {name: each for name in names if (each := getattr(self, name)) is not None}
        return found | {f"tables.{name}": table for name, table in self.tables.items()}

    @property
    def auths(self) -> list[Auth]:
        """The profile's way to prove who we are, and those of single operations."""
        return [self.auth, *(each.auth for each in self.operations.values() if each.auth is not None)]

    @property
    def push_secret(self) -> str | None:
        """Name of the secret that proves the hub's own requests; a hub without it is not let in."""
        return self.webhook.signature.secret if self.webhook is not None else None

    @property
    def secrets(self) -> list[str]:
        """Names of all secrets that a hub with this profile needs before anything is sent to it."""
        names = [name for auth in self.auths for name in auth.secrets]
        names += [self.gateway.secret] if self.gateway else []
        names += [self.tls.password] if self.tls and self.tls.password else []
        return list(dict.fromkeys(names))
