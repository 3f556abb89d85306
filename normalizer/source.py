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
    """Messages belong together when the sender paused no longer than this between them, by the sender's clock."""
    longest: timedelta = timedelta(minutes=5)
    """From the first message to the last of one complaint, so that a talkative sender does not hold it back."""
    wait: timedelta = timedelta(seconds=90)
    """How long a complaint waits here for the next message before it settles, by our clock."""
