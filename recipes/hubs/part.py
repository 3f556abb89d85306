"""What every part of a profile has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict

Node = Any
"""A value of a body: an expression, or `{object: ...}`, `{list: ..., each: ...}`, `{text: ...}`, `{mapped: ...}`; see
`bodies`."""


class Part(BaseModel):
    """A part of a profile. Unknown keys are refused, since a mistyped one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
