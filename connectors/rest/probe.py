"""Tries an API as a round would ask it, and says in words what is there. Takes nothing, and remembers nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.rest.client import Api
from connectors.rest.cursor import Cursor
from connectors.rest.pages import FetchedPage, Pager
from connectors.rest.spans import Spans
from connectors.source import Source
from recipes.inbound import Item
from recipes.mapped import MappingError

_BACK = timedelta(days=30)
"""How much of a list that can be asked for by time is looked at."""


async def probe(source: Source, clock: Callable[[], datetime]) -> tuple[str, list[str]]:
    """What the first page holds, and what seems to be wrong with it, each a sentence.

    Raises:
        BadRestSettings: the source does not describe an API.
        RestTrouble: it does not give what is asked of it.
    """
    api = Api(source, clock)
    try:
        pager = Pager(source, api)
        spans = Spans(pager.polling.model, api.settings, source.zone)
        since = pager.polling.model.since
        mark = clock() - _BACK if since is not None and since.by == "time" else None
        cursor = spans.next(Cursor(mark=mark, looked_back_at=clock()), clock())
        walk = cursor.walk
        assert walk is not None  # noqa: S101 `Spans.next` made one
        page = await pager.fetch(spans.question(walk, walk.place), walk.place)
        doubts = [*_doubts(source, pager, page)]
        pages = pager.polling.model.pages
        size = pages.size if pages and pages.by == "number" else None
        if size and 0 < page.count < size:
            second = replace(walk.place, number=walk.place.number + 1, offset=page.count)
            if (await pager.fetch(spans.question(walk, second), second)).count:
                doubts.append(
                    f"a page holds {page.count} items, not {size}, and another follows: correct `pages.size`, or only"
                    " the first page is read"
                )
        return f"it answers; the first page holds {page.count} items", doubts
    finally:
        await api.close()


def _doubts(source: Source, pager: Pager, page: FetchedPage) -> list[str]:
    found, items = [], [entry.item for entry in page.entries]
    reasons = [reason for item in items if (reason := _unreadable(source, pager, item))]
    if reasons:
        found.append(f"{len(reasons)} of {len(items)} items would be dead letters: {reasons[0]}")
    nameless = sum(item.external_id is None and item.defect is None for item in items)
    if nameless:
        found.append(f"{nameless} of {len(items)} items have no `external_id`: what is edited there comes again")
    model = pager.polling.model
    if model.since and not model.detail and items and all(entry.mark is None for entry in page.entries):
        found.append("no item has a mark that can be read, so each round reads everything: correct `since.mark`")
    return found


def _unreadable(source: Source, pager: Pager, item: Item) -> str | None:
    if item.defect is not None or pager.polling.model.detail is not None:
        return item.defect
    try:
        source.channel.map(item.payload, item.media_type, zone=source.zone, source_settings=dict(source.settings))
    except MappingError as error:
        return str(error)
    return None
