"""What the normalizer knows of a configured source; handed in by the wiring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from recipes.channel import Channel


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source, as mapping and understanding need it."""

    channel: Channel
    zone: str = "Asia/Jakarta"
    """IANA time zone of times that the channel gives without one."""
    home: str | None = None
    """Code of the region in which the agency works: the prior for place names."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The source's own settings, as recipes may read them."""


@dataclass(frozen=True, slots=True)
class GatherPolicy:
    """How long the pieces of one conversation are waited for. Zero: every message stands alone, at once."""

    quiet: timedelta = timedelta(seconds=90)
    """A complaint settles when its conversation has been quiet for so long…"""
    longest: timedelta = timedelta(minutes=5)
    """…or this long after its first message, so that a talkative sender does not hold it back."""
