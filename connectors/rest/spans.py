"""Which span of an API's list is asked for next: from where, to where, and whether that reaches the present."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.rest.cursor import Cursor, Walk
from connectors.rest.places import Place
from connectors.rest.settings import NOW, RestSettings
from connectors.rest.trouble import BadAnswer
from recipes.durations import span
from recipes.poll_model import Poll, Since
from recipes.polling import Mark
from recipes.written_times import write_time

_SHORTEST = timedelta(seconds=2)
"""A span that is not shortened any more."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of one source."""

    model: Poll
    settings: RestSettings
    zone: str

    def next(self, cursor: Cursor, now: datetime) -> Cursor:
        """The cursor with a walk to take: the one under way, or the next one."""
        if cursor.walk is not None:
            return cursor
        since = self.model.since
        first = Place.first(self.model.pages)
        if since is None:
            return replace(cursor, walk=Walk(None, None, last=True, place=first))
        if since.by == "number":
            low = None if not isinstance(cursor.mark, int | float) else cursor.mark - since.overlap_numbers
            return replace(cursor, walk=Walk(low, None, last=True, place=first))
        if cursor.position is None:
            cursor = replace(cursor, reached=cursor.mark, looking_back=self._looks_back(since, cursor, now))
        begin = self._begin(since, cursor, now)
        until = now if since.window is None or begin is None else min(begin + span(since.window), now)
        return replace(cursor, walk=Walk(begin, until, until >= now, first))

    def ended(self, cursor: Cursor, now: datetime) -> Cursor:
        """After the last page of a walk."""
        walk, since = cursor.walk, self.model.since
        if walk is None or since is None:
            return replace(cursor, walk=None, begun=True)
        if not walk.last:
            return replace(cursor, walk=None, position=walk.until)
        mark = cursor.reached
        if since.window is not None and walk.until is not None:
            # A source that is silent for years would be asked for all these years in each round.
            floor = walk.until - span(since.window) / 2
            mark = max(mark, floor) if isinstance(mark, datetime) else floor
        return replace(
            cursor,
            mark=mark,
            position=None,
            walk=None,
            begun=True,
            looking_back=False,
            looked_back_at=now if cursor.looking_back or not cursor.begun else cursor.looked_back_at,
        )

    def shortened(self, cursor: Cursor) -> Cursor:
        """The first half of a span that holds more than the server lists.

        Raises:
            BadAnswer: it cannot be made shorter.
        """
        walk = cursor.walk
        if (
            walk is None
            or not isinstance(walk.low, datetime)
            or walk.until is None
            or walk.until - walk.low <= _SHORTEST
        ):
            raise BadAnswer("the list is cut off, and there is no shorter span of time to ask for")
        until = walk.low + (walk.until - walk.low) / 2
        return replace(cursor, walk=Walk(walk.low, until, last=False, place=Place.first(self.model.pages)))

    def question(self, walk: Walk, place: Place) -> dict[str, Any]:
        """What the recipe's question reads, `settings` apart."""
        pages = self.model.pages
        return {
            "since": self._written(walk.low),
            "until": self._written(walk.until, up=True),
            "page": place.number,
            "offset": place.offset,
            "size": pages.size if pages else None,
            "cursor": place.cursor,
        }

    def _begin(self, since: Since, cursor: Cursor, now: datetime) -> datetime | None:
        overlap = span(since.overlap)
        if cursor.position is not None:
            return cursor.position - overlap
        if isinstance(cursor.mark, datetime):
            return cursor.mark - (span(since.look_back) if cursor.looking_back and since.look_back else overlap)
        if self.settings.start == NOW:
            return now - overlap
        configured = self.settings.begins_at(now, self.zone)
        return configured or (now - span(since.start) if since.start else None)

    def _looks_back(self, since: Since, cursor: Cursor, now: datetime) -> bool:
        if since.look_back is None or cursor.mark is None:
            return False
        return cursor.looked_back_at is None or now - cursor.looked_back_at >= span(since.look_back_every)

    def _written(self, mark: Mark | None, *, up: bool = False) -> str | None:
        since = self.model.since
        if mark is None or since is None:
            return None
        if isinstance(mark, datetime):
            return write_time(mark, since.format, since.zone or self.zone, up=up)
        return str(int(mark)) if float(mark).is_integer() else str(mark)
