"""The feed over HTTP: `/v1/complaints` and `/v1/complaints/{complaint_id}`."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ConfigDict, Field
from starlette.responses import Response

from portal.answers import Refusal, Refused, counted_route
from portal.cursors import BadCursor, Cursor
from portal.feed import Choice, Feed
from portal.keys import KeyEntry, Keys
from portal.metrics import PortalMetrics
from portal.views import EXAMPLE, EXAMPLE_STUB, Shown
from schemas.base import Model, Slug
from schemas.parts import State

NDJSON = "application/x-ndjson"
_PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization, X-API-Key"}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    "default": {"model": Refusal, "description": "Refused: why, and what to do."},
}


class FeedPage(Model):
    """A page of the feed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [EXAMPLE, EXAMPLE_STUB], "next": "NWYxYzBhOWUuMg", "more": False}]}
    )

    items: tuple[Shown, ...]
    """Complaints in the order of their last change."""
    next: str
    """Cursor of the next page. Keep it: it is where you go on, also after a restart."""
    more: bool
    """There is a further page now. When there is none, ask again later with the same `next`."""


class FeedQuery(Model):
    """What is wanted of the feed."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(default=None, min_length=1, max_length=128)
    """`next` of the page before; without it, the feed from its beginning."""
    limit: int = Field(default=100, ge=1, le=1000)
    """Most items on the page."""
    agency: list[Slug] = Field(default_factory=list, max_length=100)
    """Only complaints of this agency; several: of any of them."""
    channel: list[Slug] = Field(default_factory=list, max_length=100)
    """Only complaints that began on this kind of channel; several: on any of them."""
    status: list[State] = Field(default_factory=list, max_length=20)
    """Only complaints in this state, as they are now; several: in any of them."""


def router(feed: Feed, keys: Keys, metrics: PortalMetrics) -> APIRouter:
    """The routes of the feed."""
    key = Depends(_authentication(keys))
    routes = APIRouter(prefix="/v1", tags=["complaints"], route_class=counted_route(metrics), responses=_REFUSALS)

    @routes.get(
        "/complaints",
        name="feed",
        summary="The unified feed",
        responses={
            200: {
                "model": FeedPage,
                "description": "A page of the feed; as NDJSON one complaint a line, without `next` and `more`.",
                "content": {NDJSON: {"schema": {"type": "string"}, "example": _lines([EXAMPLE, EXAMPLE_STUB])}},
                "headers": {
                    "Muara-Next-Cursor": {"description": "`next`.", "schema": {"type": "string"}},
                    "Muara-More": {"description": "`more`.", "schema": {"enum": ["true", "false"]}},
                },
            }
        },
    )
    async def read_feed(
        query: Annotated[FeedQuery, Query()],
        accept: Annotated[str, Header(description=f"`application/json`, or `{NDJSON}`.")] = "application/json",
        key: KeyEntry = key,
    ) -> Response:
        """Every complaint of every channel, in the order of last changes.

        Begin without `after`, then send `next` of each page as `after` of the next request, for ever. So nothing is
        skipped and nothing comes twice, whatever is written meanwhile: a complaint comes again only with a higher
        `revision`, which replaces the earlier one. States that were replaced before you came are left out. What moves
        out of a filter (`status`) is not announced: follow the feed without that filter to keep a copy.
        """
        choice = Choice(_visible(key, query.agency), query.channel or None, query.status or None)
        try:
            page = await feed.page(Cursor.parse(query.after) if query.after else None, query.limit, choice)
        except BadCursor as error:
            remedy = "send `next` of an answer as it was; if it is lost, read from the beginning, without `after`"
            raise Refused(400, "bad_cursor", str(error), remedy) from error
        headers = {"Muara-Next-Cursor": str(page.next), "Muara-More": json.dumps(page.more), **_PRIVATE}
        if NDJSON in accept.lower():
            return Response("".join(f"{each}\n" for each in page.documents), media_type=NDJSON, headers=headers)
        end = json.dumps({"next": str(page.next), "more": page.more})
        # The documents are JSON already; what is kept is sent as it is.
        body = f'{{"items": [{",".join(page.documents)}], {end[1:]}'
        return Response(body, media_type="application/json", headers=headers)

    @routes.get(
        "/complaints/{complaint_id}",
        name="complaint",
        summary="One complaint",
        responses={
            200: {
                "model": Shown,
                "description": "Its newest revision. When it was merged, `merged_into` says where it lives on.",
                "headers": {
                    "Link": {
                        "description": "Where a merged complaint lives on, `rel=canonical`.",
                        "schema": {"type": "string"},
                    }
                },
            }
        },
    )
    async def read_complaint(complaint_id: UUID, key: KeyEntry = key) -> Response:
        """The newest revision of a complaint."""
        document = await feed.one(complaint_id, key.agencies)
        if document is None:
            raise Refused(
                404,
                "not_found",
                "there is no complaint with this id that your key may see",
                "compare the id with `complaint_id` in the feed; a new one appears once its messages are gathered",
            )
        headers = dict(_PRIVATE)
        if target := json.loads(document)["merged_into"]:
            headers["Link"] = f'</v1/complaints/{target}>; rel="canonical"'
        return Response(document, media_type="application/json", headers=headers)

    return routes


def _authentication(keys: Keys) -> Callable[..., Awaitable[KeyEntry]]:
    bearer = HTTPBearer(auto_error=False, bearerFormat="muara_<id>_<secret>", description="An API key.")
    header = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key, for who cannot send a bearer.")

    async def authenticate(
        token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
        given: Annotated[str | None, Depends(header)],
    ) -> KeyEntry:
        sent = token.credentials if token else given
        if not keys:
            raise _unauthorized(
                "no API key is configured here, so nobody may read",
                "the operator makes one with `muara keys new NAME` and writes the entry under `keys:` in muara.yaml",
            )
        if not sent:
            raise _unauthorized("an API key is missing", "send it as `Authorization: Bearer muara_…` or `X-API-Key`")
        entry = keys.find(sent)
        if entry is None:
            raise _unauthorized(
                "this API key is not known",
                "compare it with the one that you were given; the operator makes a new one with `muara keys new NAME`",
            )
        return entry

    return authenticate


def _unauthorized(error: str, remedy: str) -> Refused:
    return Refused(401, "unauthorized", error, remedy, {"WWW-Authenticate": 'Bearer realm="muara"'})


def _visible(key: KeyEntry, wanted: Sequence[str]) -> set[str] | None:
    if key.agencies is None:
        return set(wanted) or None
    if hidden := sorted(set(wanted) - set(key.agencies)):
        raise Refused(
            403,
            "forbidden",
            f"this key may not see the agency {hidden[0]}",
            f"ask for {', '.join(key.agencies)}, or have the operator widen the key's `agencies`",
        )
    return set(wanted) or set(key.agencies)


def _lines(documents: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in documents)
