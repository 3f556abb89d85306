"""Fetches the pages of a list, and those that have not changed for nothing."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.rest.bodies import in_utf8
from connectors.rest.client import Answer, Api
from connectors.rest.places import Place, following
from connectors.rest.trouble import BadAnswer
from connectors.source import Source
from recipes.inbound import Inbound, Item, media_type
from recipes.mapped import MappingError
from recipes.paths import Context
from recipes.polling import Listed, Page, Polling

_UNCHANGED = 304
_INLINE = 64 * 1024
"""Bytes; reading a larger body would hold up everybody else, and goes to a thread."""


def key_of(item: Item) -> str:
    """By which an item is remembered: its id, or its content."""
    return item.external_id or f"content:{hashlib.sha256(item.payload).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page, and where the list goes on."""

    entries: list[Listed]
    count: int
    """All items, those that the recipe passes over among them."""
    following: Place | None
    target: str
    """What was asked for."""
    known: frozenset[str] = frozenset()
    """Keys of a page that has not changed since they were taken."""
    stamps: Mapping[str, str] | None = None
    """Headers by which the server can tell the next time that nothing has changed."""


class Pager:
    """The list of one source."""

    def __init__(self, source: Source, api: Api) -> None:
        polling = source.channel.polling
        assert polling is not None  # noqa: S101 see `Api`
        self.polling: Polling = polling
        self._source = source
        self._api = api
        self._context = Context(source.zone, source.options)
        self._taken: dict[str, FetchedPage] = {}
        self._asked: set[str] = set()

    async def fetch(self, question: Mapping[str, Any], place: Place) -> FetchedPage:
        """One page.

        Raises:
            RestTrouble: it cannot be had, or is not what the recipe says.
        """
        try:
            request = self.polling.request({**question, "settings": self._source.options}, self._context)
        except MappingError as error:
            raise BadAnswer(f"the question cannot be made: {error}") from error
        if place.address is not None:
            request = replace(request, target=self._api.same_host(place.address))
        before = self._taken.get(request.target)
        answer = await self._api.ask(request, headers=(before.stamps or {}) if before else {})
        self._asked.add(request.target)
        if answer.status == _UNCHANGED:
            if before is None:
                raise BadAnswer("the server says that nothing has changed since a time that it was not told")
            return before
        page = await self.read(answer)
        stamps = _stamps(answer) if request.method == "GET" else None
        there = following(place, page, answer, self.polling, self._api.same_host)
        return FetchedPage(page.entries, page.count, there, request.target, stamps=stamps)

    async def read(self, answer: Answer) -> Page:
        """The items of an answer.

        Raises:
            BadAnswer: they are not where the recipe says.
        """
        if answer.status in (204, self.polling.model.none_status):
            return Page([], 0, None)
        content_type = answer.headers.get("content-type", "")
        kind = media_type(content_type)
        inbound = Inbound(in_utf8(answer.content, content_type, kind), kind)
        channel, zone = self._source.channel, self._source.zone
        try:
            if len(inbound.body) < _INLINE:
                return channel.page(inbound, zone=zone)
            return await asyncio.to_thread(channel.page, inbound, zone=zone)
        except MappingError as error:
            hint = ": is that a page for people, perhaps a login?" if kind == "text/html" else ""
            raise BadAnswer(f"the answer is not what the recipe says: {error}{hint}") from error

    def remember(self, page: FetchedPage) -> None:
        """All items of a page are on the log: it need not be read again until it changes."""
        if page.stamps:
            known = frozenset(key_of(entry.item) for entry in page.entries) | page.known
            self._taken[page.target] = replace(page, entries=[], known=known)

    def forget_others(self) -> None:
        """A walk has come to its end: forget pages that it did not meet."""
        self._taken = {target: page for target, page in self._taken.items() if target in self._asked}
        self._asked = set()


def _stamps(answer: Answer) -> dict[str, str] | None:
    stamps = {}
    if etag := answer.headers.get("etag"):
        stamps["If-None-Match"] = etag
    if modified := answer.headers.get("last-modified"):
        stamps["If-Modified-Since"] = modified
    return stamps or None
