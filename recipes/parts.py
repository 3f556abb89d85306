"""What every part of a recipe or profile has in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Lower-case letters, digits and underscores."""

Expression = Any
"""A path, a list of paths, or a function: see `recipes.expressions`, which checks it."""


class Part(BaseModel):
    """A part of a recipe. Unknown keys are refused, since a mistyped one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)
