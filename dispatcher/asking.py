"""Both sides of a reconciliation: the hub's own listing, page by page, and what we have noted."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from dispatcher import tables as t
from dispatcher.client import HubClient
from dispatcher.hub import Hub
from dispatcher.reconciling import Noted
from dispatcher.rendering import CREATE
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.listings import ListedReport
from recipes.mapped import MappingError
from runtime.delivery.outcomes import Stop
from runtime.delivery.resting import resting_until
from runtime.store.engine import Store
from schemas.parts import Status

_TRIES = 3
_LONGEST_PAUSE = 30.0
"""Seconds that are waited when the hub asks for a pause; a hub that asks for more is asked another time."""
_MARGIN = timedelta(days=1)
"""The hub takes a complaint in after we route it, by a clock of its own."""
_BETWEEN = 1.0


class NotListed(Exception):
    """The hub's listing cannot be had; says why and what to do."""


async def listing(
    hub: Hub, client: HubClient, *, since: datetime | None = None, progress: Callable[[int], None] = lambda _: None
) -> list[ListedReport]:
    """All that the hub has of ours; `progress` hears how many reports have been read.

    Raises:
        NotListed: the profile has no listing, or the hub does not give it.
    """
    if "listing" not in hub.profile.templates:
        raise NotListed(
            f'its profile "{hub.profile.name}" has no `listing:`, so what it has cannot be compared;'
            " `muara hubs parked list` and `muara audit` show what is known here"
        )
    if (end := resting_until(hub.rests, client.now())) is not None:
        raise NotListed(f"it rests until {end.isoformat(timespec='minutes')}: ask it then")
    found: list[ListedReport] = []
    asked: set[str | None] = set()
    cursor: str | None = None
    wanted = None if since is None else (since - _MARGIN).isoformat()
    while cursor not in asked:
        asked.add(cursor)
        page, cursor = await _page(hub, client, {"cursor": cursor, "since": wanted})
        found += page
        progress(len(found))
        if cursor is None:
            return found
    raise NotListed(f"its listing goes in a circle: the page after {cursor!r} was given already")


async def _page(hub: Hub, client: HubClient, document: dict[str, Any]) -> tuple[list[ListedReport], str | None]:
    template = hub.profile.templates["listing"]
    try:
        request = template.render({**document, "settings": dict(hub.settings)}, hub.context)
    except MappingError as error:
        raise NotListed(f"the profile's question for the listing cannot be made: {error}") from error
    for left in reversed(range(_TRIES)):
        answer = await client.ask(request, "listing")
        pause = _BETWEEN
        if isinstance(answer, HubAnswer):
            listed = hub.profile.answers.listed(answer)
            if not isinstance(listed, Meaning):
                return list(listed[0]), listed[1]
            reason, ends = listed.reason, listed.outcome in ("stop", "dead")
            asked_for = client.pause(answer)
            pause = asked_for.total_seconds() if asked_for is not None else listed.after or _BETWEEN
        else:
            reason, ends = answer.reason, isinstance(answer, Stop)
        if ends or not left or pause > _LONGEST_PAUSE:
            raise NotListed(f"its listing could not be read: {reason}")
        await asyncio.sleep(pause)
    raise AssertionError("unreachable: the last try returns or raises")


async def receipts(store: Store, hub: str) -> int:
    """How many complaints a hub has by our receipts."""
    d = t.deliveries.c
    statement = select(func.count()).where(d.destination == hub, d.kind == CREATE, d.receipt.is_not(None))
    async with store.reading() as connection:
        return int((await connection.execute(statement)).scalar_one())


async def noted(store: Store, hub: str) -> list[Noted]:
    """Our deliveries to a hub: those of complaints themselves, and those of later changes that are not over."""
    d, c = t.deliveries.c, t.complaints.c
    statement = (
        select(
            d.delivery_id, d.subject_id, d.kind, d.state, d.receipt, d.created_at, d.finished_at, d.reason, c.document
        )
        .join(t.complaints, c.complaint_id == d.subject_id)
        .where(d.destination == hub, (d.kind == CREATE) | d.state.in_(("pending", "leased", "parked")))
        .order_by(d.created_at, d.delivery_id)
    )
    async with store.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        Noted(
            row.delivery_id, row.subject_id, row.kind, row.state, row.receipt, row.created_at, row.finished_at,
            row.reason, _status(row.document) if row.kind == CREATE else None,
        )
        for row in rows
    ]  # fmt: skip


def _status(document: str) -> Status:
    """Of a stored complaint; the rest of it, which may be long, is not looked at."""
    return Status.model_validate_json(json.dumps(json.loads(document).get("status", {})))
