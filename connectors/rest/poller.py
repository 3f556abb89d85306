"""Polls one API. An item is taken once it is listed, however late, and never twice by intent.

Three nets, as for tables: the mark, from which each walk begins; the overlap behind it, since items are listed in
another order than their times; and now and then a look further back. What was seen is remembered by key, so that no net
brings anything twice. A walk goes from the first page of a list to its last, over several rounds if need be, and the
mark moves at its end only: lists begin with the newest as often as with the oldest.

Items count as seen, and the walk goes on, only when the log has them. A crash in between publishes some items again,
under the same ids, which is harmless. Of several processes one polls: see `connectors.leases`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.acceptance import NOT_NOW, Acceptance
from connectors.cursors import Cursors
from connectors.leases import Lease, Leases
from connectors.rest.broken import BrokenPages
from connectors.rest.client import Api
from connectors.rest.cursor import Cursor
from connectors.rest.details import Details
from connectors.rest.pages import FetchedPage, Pager, key_of
from connectors.rest.places import Place
from connectors.rest.settings import NOW
from connectors.rest.spans import Spans
from connectors.rest.trouble import AskedToWait, BadAnswer, NoAnswer, RestTrouble
from connectors.serving import Rounds
from connectors.source import Source
from recipes.polling import Listed
from runtime.fault_points import reached
from runtime.store.engine import StoreUnavailable

_TROUBLE = (RestTrouble, StoreUnavailable, *NOT_NOW)
_BATCH = 500
"""Items that become durable together."""


@dataclass
class _Round:
    """What one round has done so far."""

    lease: Lease
    cursor: Cursor
    saved: dict[str, Any]
    """The cursor as it was kept last."""
    passing: bool
    """Items are remembered, and not taken: they were there before the source was."""
    left: int
    """Pages that it may still ask for."""
    taken: int = 0
    walked: set[str] = field(default_factory=set)
    """Keys met in the walk that is under way."""
    held: list[str] = field(default_factory=list)
    """Why items or pages could not be had yet."""


class RestPoller:
    """Polls the API of one source."""

    def __init__(
        self,
        source: Source,
        acceptance: Acceptance,
        cursors: Cursors,
        leases: Leases,
        clock: Callable[[], datetime],
    ) -> None:
        """Raises `BadRestSettings` when the source does not describe an API."""
        self.source = source
        self._api = Api(source, clock)
        self._pager = Pager(source, self._api)
        self._details = Details(source, self._api)
        self._broken = BrokenPages(self._pager.polling.model.pages)
        self._spans = Spans(self._pager.polling.model, self._api.settings, source.zone)
        self._acceptance = acceptance
        self._cursors = cursors
        self._leases = leases
        self._clock = clock
        self._not_before: datetime | None = None
        self._rounds = Rounds(source, acceptance.metrics, self.round, noun="API", trouble=_TROUBLE, room="rest")

    @property
    def problem(self) -> str | None:
        """Why the API is not served at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until `stopping`. A server that is away is logged, counted, and tried again, at growing intervals."""
        await self._rounds.run(self._api.settings.interval, stopping)

    async def close(self) -> None:
        """Give back what is held."""
        await self._api.close()

    async def round(self) -> int | None:
        """One round: walks, until the list is at its end or the round has asked for its share of pages. Returns how
        many items were taken; None: another process polls this API.

        Raises:
            LeaseLost: another process has taken over in the middle.
            RestTrouble: the API does not give what is asked of it; see `connectors.rest.trouble`.
            StoreUnavailable: our own database does not answer.
            BusUnavailable: the log does not; neither do the others of `NOT_NOW`.
        """
        lease = await self._leases.hold(self.source.id)
        if lease is None:
            return None
        if self._not_before is not None and self._clock() < self._not_before:
            raise NoAnswer(f"the server asks to be left alone until {self._not_before.isoformat(timespec='seconds')}")
        cursor = Cursor.from_state(await self._cursors.load(self.source.id))
        saved = cursor.to_state()
        cursor = replace(cursor, first_at=cursor.first_at or self._clock())
        passing = self._api.settings.start == NOW and not cursor.begun
        this = _Round(lease, cursor, saved, passing, self._api.settings.max_pages)
        try:
            while this.left > 0:
                resumed = this.cursor.walk is not None
                this.cursor = self._spans.next(this.cursor, self._clock())
                if await self._walk(this, resumed=resumed):
                    break
        except AskedToWait as error:
            self._not_before = error.until
            raise
        except BadAnswer:
            # The next round begins the list anew: what the server gave to go on with may not be good any more.
            await self._save(this, replace(this.cursor, walk=None))
            raise
        if this.held:
            raise NoAnswer(f"{len(this.held)} items or pages cannot be had, and hold the mark: {this.held[0]}")
        return this.taken

    async def _walk(self, this: _Round, *, resumed: bool) -> bool:
        """Go through a list, as far as this round may. Returns whether there is no more for it to do."""
        this.walked = set()
        walk = this.cursor.walk
        assert walk is not None  # noqa: S101 `Spans.next` made one
        place: Place | None = walk.place
        # Read once more, and not counted: a round that may ask for one page only would never go on.
        this.left += resumed
        while place is not None:
            if this.left <= 0:
                return True
            this.left -= 1
            place, page = await self._page(this, place)
            walk = replace(walk, place=place, held=walk.held or bool(this.held))
            this.cursor = replace(this.cursor, walk=walk)
            if self._is_cut_off(page):
                await self._take(this, page)
                await self._save(this, self._spans.shortened(this.cursor))
                return False
            self._notice_circle(this, page)
            await self._take(this, page)
            place = page.following
        self._pager.forget_others()
        if walk.held or this.held:
            await self._save(this, replace(this.cursor, walk=None, position=None))
            return True
        await self._save(this, self._spans.ended(this.cursor, self._clock()))
        return walk.last

    async def _page(self, this: _Round, place: Place) -> tuple[Place, FetchedPage]:
        """A page; in the place of one that is broken, the one behind it, and the mark is held."""
        walk = this.cursor.walk
        assert walk is not None  # noqa: S101 see `_walk`
        try:
            page = await self._pager.fetch(self._spans.question(walk, place), place)
        except (NoAnswer, BadAnswer) as error:
            behind = None if isinstance(error, AskedToWait) else self._broken.behind(place)
            if behind is None:
                raise
            page = await self._pager.fetch(self._spans.question(walk, behind), behind)
            this.held.append(f"page {place.number}: {error}")
            return behind, page
        self._broken.answered(place)
        return place, page

    def _is_cut_off(self, page: FetchedPage) -> bool:
        since = self._pager.polling.model.since
        limit = since.at_most if since is not None else None
        return limit is not None and page.count >= limit and page.following is None

    def _notice_circle(self, this: _Round, page: FetchedPage) -> None:
        keys = {key_of(entry.item) for entry in page.entries} | page.known
        if keys and keys <= this.walked:
            raise BadAnswer(
                "a page holds only items of the pages before it: the server does not go on as the recipe says;"
                " correct `pages:`"
            )
        this.walked |= keys

    async def _take(self, this: _Round, page: FetchedPage) -> None:
        """Publish the items of a page that are not on the log yet, and remember them."""
        by_key = {key_of(entry.item): entry for entry in page.entries}
        unseen = [str(key) for key in await self._cursors.unseen(self.source.id, list(by_key))]
        if this.passing:
            passed = [key for key in unseen if self._was_there(this, by_key[key])]
            await self._save(this, this.cursor, passed)
            unseen = [key for key in unseen if key not in set(passed)]
        for begin in range(0, len(unseen), _BATCH):
            part = {key: by_key[key] for key in unseen[begin : begin + _BATCH]}
            found = await self._details.fill(part)
            if found.held:
                this.held += found.held
                self._hold(this)
            await self._publish(this, found.filled)
            await self._save(this, this.cursor, list(found.filled))
            if found.trouble is not None:
                raise found.trouble
        for entry in page.entries:
            this.cursor = this.cursor.met(entry.mark, self._clock(), self.source.zone)
        if not this.held:
            self._pager.remember(page)
        if page.following is not None:
            await self._save(this, this.cursor)

    def _was_there(self, this: _Round, entry: Listed) -> bool:
        """Whether an item is older than the source, as far as its time tells."""
        first = this.cursor.first_at
        return not isinstance(entry.mark, datetime) or first is None or entry.mark <= first

    def _hold(self, this: _Round) -> None:
        if this.cursor.walk is not None:
            this.cursor = replace(this.cursor, walk=replace(this.cursor.walk, held=True))

    async def _publish(self, this: _Round, entries: dict[str, Listed]) -> None:
        if not entries:
            return
        items = [
            # Named here at the latest: it is read again after a crash.
            replace(entry.item, external_id=entry.item.external_id or key)
            for key, entry in entries.items()
        ]
        this.lease.check()
        await self._acceptance.accept(
            self.source,
            items,
            historical=self._api.settings.historical,
            provenance=[self._pager.polling.model.path] * len(items),
        )
        reached("connectors.polled")
        this.taken += len(items)

    async def _save(self, this: _Round, cursor: Cursor, keys: list[str] | None = None) -> None:
        """Keep where the source stands, if that has changed, and the keys of what the log has."""
        this.cursor = cursor
        state = cursor.to_state()
        if keys or state != this.saved:
            await self._cursors.save(this.lease, state, keys or ())
            reached("connectors.cursor_saved")
            this.saved = state
