"""The door for hubs that tell their changes by themselves: `/hubs/{name}/changes`, with one order of checks for all.

Known hub, its secret, method, size, signature over the raw bytes, reading, durable, and only then 2xx. What cannot be
read is refused and told to the operator: hubs come again for days with what is not answered with 2xx, so that a
corrected profile still gets it. Twice, late or out of order is harmless: see `dispatcher.hearing`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from dispatcher.hearing import Heard, Hearing
from dispatcher.hub import Hub
from dispatcher.metrics import DispatcherMetrics
from recipes.hubs.operation_model import Webhook
from recipes.hubs.pushes import Push, PushReader
from recipes.inbound import Inbound, media_type
from recipes.mapped import MappingError
from recipes.signatures import Signed, verify
from runtime import refusals
from runtime.public_url import Network, public_url
from runtime.refusals import Refusal
from runtime.request_limits import InFlight, Place, TooLarge, TooMany, TooSlow, UnsupportedEncoding, read_body
from runtime.store.engine import Store, StoreUnavailable
from runtime.telemetry.health import Health

UNKNOWN_HUB = Refusal(
    "unknown_hub",
    404,
    "no hub tells its changes at this address",
    "compare the address with the `hubs` in muara.yaml; `muara check` prints the address of each",
)
METHOD_NOT_ALLOWED = Refusal(
    "method_not_allowed", 405, "this address takes POST", "send the changes with POST", {"Allow": "POST"}
)
BAD_SIGNATURE = Refusal(
    "bad_signature",
    401,
    "the signature or token is missing or wrong",
    "compare the secret with the one in the hub's settings; where the address is signed, compare `public_url` too",
)
MISCONFIGURED = Refusal(
    "misconfigured",
    503,
    "this hub's secret is not configured here",
    "its operator runs `muara check`; send the same again later",
)
UNREADABLE = Refusal(
    "unreadable",
    422,
    "the changes cannot be read as the hub's profile says",
    "the operator corrects `webhook:` in the profile; send the same again later",
)
UNAVAILABLE = Refusal("unavailable", 503, "the changes could not be stored", "send the same again later")
_REFUSALS = (
    (TooLarge, refusals.TOO_LARGE),
    (TooSlow, refusals.TOO_SLOW),
    (ClientDisconnect, refusals.TOO_SLOW),
    (UnsupportedEncoding, refusals.UNSUPPORTED_ENCODING),
    (TooMany, refusals.OVERLOADED),
    (StoreUnavailable, UNAVAILABLE),
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds: a hub may tell the first state of a report before it has answered the request that brought it."""
_READ_INLINE = 64 * 1024
"""Bytes; reading a larger body would hold up everybody else, and goes to a thread."""
log = structlog.get_logger("muara.dispatcher.door")


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Bounds of the door, and how the world outside calls it."""

    public_url: str | None = None
    """The address under which hubs reach this server; some sign it."""
    trusted_proxies: tuple[Network, ...] = ()
    """Networks of proxies whose `X-Forwarded-Proto` and `-Host` are believed when `public_url` is not set."""
    max_body: int = 4 * 1024 * 1024
    """Bytes of one request."""
    max_in_flight: int = 256
    """Requests at the same time."""
    body_timeout: float = 30.0
    """Seconds in which a request must have arrived whole."""
    retry_after: int = 5
    """Seconds after which a hub that could not be served is asked to come again."""


class Door:
    """Answers every request to `/hubs/…/changes`."""

    def __init__(
        self,
        hubs: Mapping[str, Hub],
        hearings: Mapping[str, Hearing],
        *,
        store: Store,
        settings: DoorSettings,
        metrics: DispatcherMetrics,
        health: Health,
    ) -> None:
        self._hubs = hubs
        self._hearings = hearings
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._health = health
        self._in_flight = InFlight(settings.max_in_flight)

    @property
    def router(self) -> APIRouter:
        """The routes of all hubs."""
        routes = APIRouter()
        routes.add_api_route(
            "/hubs/{name}/changes", self.handle, methods=_METHODS, response_model=None, include_in_schema=False
        )
        return routes

    async def handle(self, name: str, request: Request) -> Response:
        """One request, one answer, one count."""
        hub = self._hubs.get(name)
        reader = hub.profile.pushes if hub is not None else None
        if hub is None or reader is None:
            return self._refuse(UNKNOWN_HUB, "unknown")
        if not hub.push_secrets:
            return self._refuse(MISCONFIGURED, name)
        if request.method != "POST":
            return self._refuse(METHOD_NOT_ALLOWED, name)
        try:
            with self._in_flight.enter() as place:
                return await self._take(name, hub, reader, request, place)
        except Exception as error:  # noqa: BLE001 the last wall: no traceback, and no payload in one, leaves this room
            for kind, refusal in _REFUSALS:
                if isinstance(error, kind):
                    return self._refuse(refusal, name, str(error))
            return self._refuse(refusals.FAULT, name, type(error).__name__)

    async def _take(self, name: str, hub: Hub, reader: PushReader, request: Request, place: Place) -> Response:
        webhook = hub.profile.model.webhook
        assert webhook is not None  # noqa: S101 there is a reader of it
        settings = self._settings
        body = await read_body(request, max_body=settings.max_body, timeout=settings.body_timeout, place=place)
        inbound = Inbound(
            body=body,
            media_type=media_type(request.headers.get("content-type", "")),
            headers={key.lower(): value for key, value in request.headers.items()},
            query=dict(request.query_params),
        )
        called = public_url(request, settings.public_url, settings.trusted_proxies)
        signed = Signed(body, inbound.media_type, inbound.headers, inbound.query, called)
        if not verify(webhook.signature, lambda _: hub.push_secrets, signed):
            return self._refuse(BAD_SIGNATURE, name)
        try:
            push = reader.read(inbound) if len(body) < _READ_INLINE else await asyncio.to_thread(reader.read, inbound)
        except MappingError as error:
            return self._unreadable(name, str(error))
        if push is None:
            return self._thank(webhook, name, "passed_over", 0, 0)
        heard = await self._write(name, push)
        if push.unreadable:
            answer = self._unreadable(name, f"{push.unreadable} changes lack their number, report, word or time")
        else:
            answer = self._thank(webhook, name, "told", len(heard.events), heard.unknown)
        # The answer is owed for what is durable; a log that is away must not hold it up.
        answer.background = BackgroundTask(self._hearings[name].publish, heard)
        return answer

    def _thank(self, webhook: Webhook, name: str, outcome: str, told: int, unknown: int) -> Response:
        self._health.well(_part(name))
        self._metrics.pushes.labels(name, outcome).inc()
        given = webhook.answer
        if given is not None:
            return Response(given.body, media_type=given.media_type)
        return JSONResponse({"told": told, "unknown": unknown})

    async def _write(self, name: str, push: Push) -> Heard:
        hearing = self._hearings[name]
        for pause in _PAUSES:
            async with self._store.reading() as connection:
                if not await hearing.may_become_known(connection, push.changes):
                    break
            await asyncio.sleep(pause)
        async with self._store.writing() as connection:
            heard = await hearing.write(connection, push.changes)
        hearing.count(heard)
        return heard

    def _unreadable(self, name: str, why: str) -> Response:
        self._health.problem(
            _part(name), f"what the hub posts cannot be read: {why}; correct `webhook:` in its profile"
        )
        return self._refuse(UNREADABLE, name, why)

    def _refuse(self, refusal: Refusal, name: str, why: str | None = None) -> Response:
        self._metrics.pushes.labels(name, refusal.outcome).inc()
        say = log.error if refusal.status >= 500 else log.warning
        say("push_refused", hub=name, outcome=refusal.outcome, why=why)
        return refusal.response(self._settings.retry_after)


def _part(name: str) -> str:
    return f"dispatcher.news.{name}.posted"
