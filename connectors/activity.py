"""What one process knows of its sources between two looks into the table: what came, what went wrong, who is paused.

The accept path only adds to memory here. A process that is killed loses the counts of some seconds, which are an
estimate's; messages are on the log by then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.habit import window_of


@dataclass(slots=True)
class Tally:
    """What happened at one source since the last look."""

    messages: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    by_moment: dict[int, int] = field(default_factory=dict)
    """Messages by window; see `connectors.habit`."""
    errors: int = 0
    error: str | None = None
    """The last one, in words without identities."""
    error_at: datetime | None = None


class Activity:
    """The sources of one process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tallies: dict[str, Tally] = {}
        self.paused: Mapping[str, str] = {}
        """Sources that an operator has paused, with the reason; set by `connectors.watch`."""

    def is_paused(self, source: str) -> bool:
        """Whether nothing is to be taken from a source for now."""
        return source in self.paused

    def took(self, source: str, messages: int) -> None:
        """Note messages that are durable now."""
        if not messages:
            return
        now = self._clock()
        tally = self._tallies.setdefault(source, Tally())
        tally.messages += messages
        tally.first_at = tally.first_at or now
        tally.last_at = now
        window = window_of(now)
        tally.by_moment[window] = tally.by_moment.get(window, 0) + messages

    def failed(self, source: str, words: str) -> None:
        """Note a refused request or a failed round; `words` hold no identities."""
        tally = self._tallies.setdefault(source, Tally())
        tally.errors += 1
        tally.error, tally.error_at = words, self._clock()

    def drain(self) -> dict[str, Tally]:
        """All that was noted since the last time."""
        drained, self._tallies = self._tallies, {}
        return drained

    def give_back(self, drained: Mapping[str, Tally]) -> None:
        """It could not be written: keep it, under what was noted meanwhile, for the next time."""
        for source, old in drained.items():
            new = self._tallies.setdefault(source, Tally())
            new.messages += old.messages
            new.first_at = old.first_at or new.first_at
            new.last_at = new.last_at or old.last_at
            for window, messages in old.by_moment.items():
                new.by_moment[window] = new.by_moment.get(window, 0) + messages
            new.errors += old.errors
            if new.error is None:
                new.error, new.error_at = old.error, old.error_at
