"""How long to wait before the next try."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_OBEYED = timedelta(days=1)
"""A destination that asks for more than this has a broken clock."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential, with jitter, so that what failed together does not come back together."""

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)
    jitter: Callable[[], float] = random.random
    """Between 0 and 1."""

    def after(self, failures: int) -> timedelta:
        """The wait after so many failures (from 1 on): half of it for certain, the other half by chance."""
        whole = min(self.longest, self.first * 2.0 ** min(max(failures, 1) - 1, 20))
        return whole * (0.5 + self.jitter() / 2)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. None when it says nothing usable."""
    if value is None or not value.strip():
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_OBEYED)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), _LONGEST_OBEYED)
