"""What a recipe may say under `examples:`."""

from typing import Any, Literal

from pydantic import Field, model_validator

from recipes.parts import Part


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
    details: dict[str, Any] = Field(default_factory=dict)
    """Polled channels that ask for each item: its external id → the answer about it."""
    expect: list[Expectation]

    @model_validator(mode="after")
    def _has_one_body(self) -> "Example":
        if self.payload is not None and self.body is not None:
            raise ValueError("an example has either `payload:` or `body:`")
        return self
