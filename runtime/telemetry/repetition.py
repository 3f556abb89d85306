"""Sums up what is said again and again: the first times are logged, the others counted, and the count is logged.

Nothing is lost but the details of repetitions: another part, source, hub or topic is another thing to say, as is
another level; and each minute of repeating ends in a line that says how often it was.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from structlog.typing import EventDict, WrappedLogger

WINDOW = 60.0
"""Seconds."""
ALLOWED = 20
"""Lines of one kind in a window."""
_NAMED = ("part", "source", "hub", "topic", "partition", "service", "channel", "command", "job")
"""What makes two events of one name different."""
_KINDS = 2000
"""Kinds that are kept apart; beyond that all are logged."""

Key = tuple[str, ...]


@dataclass(slots=True)
class _Window:
    since: float
    level: str
    event: str
    named: dict[str, object]
    said: int = 0
    unsaid: int = 0


class Repetition:
    """A structlog processor, and a filter for what libraries log."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, timed: bool = True) -> None:
        """`timed`: sums are told when their window ends, also when nothing else is logged then."""
        self._now = now
        self._timed = timed
        self._lock = threading.Lock()
        self._windows: dict[Key, _Window] = {}
        self._timer: threading.Timer | None = None

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Raises `structlog.DropEvent` for what is only counted."""
        del logger
        if event.pop("summed_up", False):
            return event
        named = {name: event[name] for name in _NAMED if name in event}
        if not self._may(str(event.get("level", method)), str(event.get("event", "")), named):
            raise structlog.DropEvent
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """As `logging.Filter`: the words before their values are put in tell what is the same."""
        return self._may(record.levelname.lower(), str(record.msg), {"logger": record.name})

    def flush(self) -> None:
        """Tell the sums of all windows, whether they have ended or not."""
        self._tell(float("inf"))

    def _may(self, level: str, event: str, named: dict[str, object]) -> bool:
        key = (level, event, *(f"{name}={value}" for name, value in named.items()))
        now = self._now()
        self._tell(now)
        with self._lock:
            window = self._windows.get(key)
            if window is None:
                if len(self._windows) >= _KINDS:
                    return True
                window = self._windows[key] = _Window(now, level, event, named)
            if window.said < ALLOWED:
                window.said += 1
                return True
            window.unsaid += 1
            if self._timed and self._timer is None:
                self._timer = threading.Timer(WINDOW, self._end)
                self._timer.daemon = True
                self._timer.start()
            return False

    def _end(self) -> None:
        with self._lock:
            self._timer = None
        self.flush()

    def _tell(self, now: float) -> None:
        with self._lock:
            ended = [key for key, window in self._windows.items() if now - window.since >= WINDOW]
            sums = [window for window in map(self._windows.pop, ended) if window.unsaid]
        for each in sums:
            lasted = round(min(WINDOW, self._now() - each.since))
            words = f"{each.event} (repeated {each.unsaid:,} times in {lasted} s)"
            log = structlog.get_logger()
            getattr(log, each.level if hasattr(log, each.level) else "info")(
                words, repeated=each.unsaid, summed_up=True, **each.named
            )
