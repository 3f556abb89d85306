"""The judge: merge, link or none for two reports, with its reasons."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["merge", "link", "none"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What two reports are to each other, and why."""

    kind: Kind
    """`merge`: the same report. `link`: the same incident. `none`: neither, as far as can be told."""
    score: float
    """0 to 1: how far the evidence goes towards the kind (for `none`: towards the nearer of the two others)."""
    reasons: tuple[str, ...]
    """Readable, the weightiest first: `same person`, `same street: melati`, `words shared: 0.83`."""
    version: str
    """Of the weights that judged."""
    unclear: bool = False
    """A `none` that a person should look at."""
