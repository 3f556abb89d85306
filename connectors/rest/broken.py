"""Pages that fail round after round, over one item that their server cannot show, while those behind them are good."""

from dataclasses import replace

from connectors.rest.places import Place
from recipes.poll_model import Pages

_ROUNDS = 3
"""Rounds in which a page has failed before it is passed over, for that round."""


class BrokenPages:
    """Those of one source. Only lists whose pages are counted can be read on behind one."""

    def __init__(self, pages: Pages | None) -> None:
        self._pages = pages
        self._failures: dict[Place, int] = {}

    def behind(self, place: Place) -> Place | None:
        """After a failure: the page behind this one, if it has failed often enough and can be passed over."""
        pages = self._pages
        if pages is None or pages.by not in ("number", "offset") or (pages.by == "offset" and pages.size is None):
            return None
        # There are at most a few; what a server made up meanwhile is forgotten.
        self._failures = dict(list(self._failures.items())[-100:])
        failures = self._failures[place] = self._failures.get(place, 0) + 1
        if failures < _ROUNDS:
            return None
        return replace(place, number=place.number + 1, offset=place.offset + (pages.size or 0))

    def answered(self, place: Place) -> None:
        """It is good again."""
        self._failures.pop(place, None)
