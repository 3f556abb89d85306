"""How often a service looks for garbage: seldom, for nearly all that it makes is given back without that."""

import gc

_THRESHOLDS = (20_000, 10, 10)
"""New objects, and rounds, until the collector looks at what is new, at what is older, at everything."""


def collect_seldom() -> None:
    """Call it once in a process that serves, when its modules are loaded: they are never looked through again.

    A batch keeps thousands of objects for a second, and the tables of a normalizer are hundreds of thousands: looking
    at them by Python's own measure took a seventh of its time, half a second at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
