"""Spans of time in rules, in seconds, which a trial may shorten all alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """How spans are written: 1 in production; 60 turns each minute into a second."""

    scale: float = 1.0

    def span(self, seconds: float) -> str:
        """As Prometheus writes it: `5m`, `1500ms`."""
        milliseconds = max(round(seconds * 1000 / self.scale), 1)
        for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")):
            if milliseconds % size == 0:
                return f"{milliseconds // size}{unit}"
        return f"{milliseconds}ms"

    def number(self, seconds: float) -> str:
        """As a number of seconds in an expression."""
        return f"{seconds / self.scale:g}"

    def minutes(self, count: float) -> str:
        """A span of so many minutes."""
        return self.span(count * 60)

    def hours(self, count: float) -> str:
        """A span of so many hours."""
        return self.span(count * 3600)
