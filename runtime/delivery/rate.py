"""How many may go at a given rate: places in time, one behind the other (the generic cell rate algorithm)."""

BURST = 2.0
"""Seconds of the rate that may go at once after a quiet time."""


def next_place(free_at: float, now: float, rate: float) -> float:
    """When the next may go. `free_at`: when the place after the last one comes; `rate`: places a second."""
    # Whoever was quiet has saved up places, but no more than a short burst, and always one.
    saved = max(BURST - 1 / rate, 0.0)
    return max(free_at, now - saved)


def places(free_at: float, now: float, rate: float) -> int:
    """How many may go now."""
    place = next_place(free_at, now, rate)
    # Moments are kept to the microsecond: a place that comes within one has come.
    return 0 if place > now + 1e-6 else int((now - place) * rate + 1e-6) + 1
