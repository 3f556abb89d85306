"""What a channel recipe may say: the model of `channels/*.yaml`."""

from pydantic import Field, model_validator

from recipes.example_model import Example
from recipes.map_model import MessageMap
from recipes.parts import Expression, Part, Slug
from recipes.receive_model import Receive


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


class Setup(Part):
    """What a person does at the provider so that messages begin to come: one step each, in both languages."""

    en: list[str] = Field(min_length=1)
    """In English."""
    id: list[str] = Field(min_length=1)
    """In Indonesian; the same steps."""

    @model_validator(mode="after")
    def _says_the_same(self) -> "Setup":
        if len(self.en) != len(self.id):
            raise ValueError(f"`en` has {len(self.en)} steps and `id` {len(self.id)}; write the same steps in both")
        return self


class Recipe(Part):
    """One channel: how it is received, mapped and answered, and examples that prove it."""

    channel: Slug
    title: str
    description: str = ""
    manual: str = ""
    """Name of the provider's document that the recipe follows."""
    setup: Setup | None = None
    """What to click at the provider, what to paste where, how to test."""
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
