"""The HTTP door: `/in/{source}` for every webhook source, with one order of checks for all.

Known source, allowed address, method, size, signature over the raw bytes, split, durable, and only then 2xx. What is
signed but cannot be read is accepted as a dead letter, since providers repeat for days what is not answered with 2xx.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import structlog
from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from connectors.acceptance import NOT_NOW, Acceptance, Overloaded
from connectors.faults import describe
from connectors.settings import WebhookSettings
from connectors.source import MissingSecret, Source
from connectors.webhook import answers
from connectors.webhook.addresses import BadAllowList, is_allowed
from connectors.webhook.trial import is_trial
from recipes.inbound import Inbound, media_type
from recipes.signatures import Signed, same, verify
from runtime import refusals
from runtime.public_url import public_url
from runtime.refusals import Refusal
from runtime.request_limits import InFlight, Place, TooLarge, TooMany, TooSlow, UnsupportedEncoding, read_body

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_REFUSALS = (
    (TooLarge, refusals.TOO_LARGE),
    (TooSlow, refusals.TOO_SLOW),
    (ClientDisconnect, refusals.TOO_SLOW),
    (UnsupportedEncoding, refusals.UNSUPPORTED_ENCODING),
    (MissingSecret, answers.MISCONFIGURED),
    (BadAllowList, answers.MISCONFIGURED),
    (TooMany, refusals.OVERLOADED),
    (Overloaded, refusals.OVERLOADED),
    (NOT_NOW, answers.UNAVAILABLE),
)
_PAUSED = 300
"""Seconds after which the provider of a paused source is asked to come again."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, level 1."""
_log = structlog.get_logger("muara.connectors.webhook")


def router(sources: Mapping[str, Source], acceptance: Acceptance, settings: WebhookSettings) -> APIRouter:
    """The routes of all webhook sources. `sources` is keyed by `Source.route`."""
    door = Door(sources, acceptance, settings)
    routes = APIRouter()
    routes.add_api_route(
        "/in/{route}",
        door.handle,
        methods=_METHODS,
        response_model=None,
        include_in_schema=False,
    )
    return routes


class Door:
    """Answers every request to `/in/…`, whatever it brings."""

    def __init__(self, sources: Mapping[str, Source], acceptance: Acceptance, settings: WebhookSettings) -> None:
        self._sources = sources
        self._acceptance = acceptance
        self._settings = settings
        self._in_flight = InFlight(settings.max_in_flight)

    async def handle(self, route: str, request: Request) -> Response:
        """One request, one answer, one count."""
        source = self._sources.get(route)
        if source is None:
            return self._refuse(answers.UNKNOWN_SOURCE, None)
        try:
            with self._in_flight.enter() as place:
                return await self._answer(source, request, place)
        except Exception as error:  # noqa: BLE001 the last wall: no traceback, and no payload in one, leaves this room
            for kind, refusal in _REFUSALS:
                if isinstance(error, kind):
                    return self._refuse(refusal, source, str(error))
            return self._refuse(refusals.FAULT, source, describe(error, ()))

    async def _answer(self, source: Source, request: Request, place: Place) -> Response:
        if not is_allowed(source, request, self._settings.trusted_proxies):
            return self._refuse(answers.NOT_ALLOWED, source)
        # Some gateways deliver by GET, with the message in the address; their recipes decode the query.
        by_query = source.channel.recipe.receive.decode == "query"
        if request.method == "POST" or (by_query and request.method == "GET"):
            return await self._receive(source, request, place)
        if request.method == "GET":
            return self._handshake(source, request)
        return self._refuse(answers.METHOD_NOT_ALLOWED, source)

    async def _receive(self, source: Source, request: Request, place: Place) -> Response:
        if self._acceptance.activity.is_paused(source.id):
            return self._refuse(answers.PAUSED, source)
        inbound = Inbound(
            body=b"",
            media_type=media_type(request.headers.get("content-type", "")),
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query_params),
            raw_query=request.scope["query_string"],
        )
        signature = source.channel.recipe.receive.signature
        # A key is looked at before the body is read, so that strangers fill no memory.
        if not signature.covers_body and not self._is_proved(source, request, inbound):
            return self._refuse(answers.BAD_SIGNATURE, source)
        body = await read_body(
            request,
            max_body=int(source.options.get("max_body", self._settings.max_body)),
            timeout=self._settings.body_timeout,
            place=place,
        )
        inbound = replace(inbound, body=body)
        if signature.covers_body and not self._is_proved(source, request, inbound):
            return self._refuse(answers.BAD_SIGNATURE, source)
        if is_trial(source, body):
            self._acceptance.metrics.received(source.channel.recipe.channel, "trial")
            return JSONResponse({"accepted": 0, "trial": True})
        items = await source.split(inbound)
        accepted = await self._acceptance.accept(source, items, traceparent=_trace(request))
        answer = source.channel.recipe.receive.answer
        if answer is not None:
            return Response(answer.body, media_type=answer.media_type)
        return JSONResponse({"accepted": accepted.messages})

    def _is_proved(self, source: Source, request: Request, inbound: Inbound) -> bool:
        called = public_url(request, self._settings.public_url, self._settings.trusted_proxies)
        signed = Signed(inbound.body, inbound.media_type, inbound.headers, inbound.query, called)
        return verify(source.channel.recipe.receive.signature, source.live_secrets, signed)

    def _handshake(self, source: Source, request: Request) -> Response:
        """Meta, "Webhooks, verification requests": echo the challenge to whoever knows the verify token."""
        handshake = source.channel.recipe.receive.handshake
        if handshake is None:
            return self._refuse(answers.NO_HANDSHAKE, source)
        query = request.query_params
        token = query.get("hub.verify_token", "")
        matches = [same(token, secret) for secret in source.live_secrets(handshake.secret)]
        if query.get("hub.mode") != "subscribe" or not any(matches) or "hub.challenge" not in query:
            return self._refuse(answers.HANDSHAKE_FAILED, source)
        self._acceptance.metrics.received(source.channel.recipe.channel, "handshake")
        return PlainTextResponse(query["hub.challenge"], headers={"X-Content-Type-Options": "nosniff"})

    def _refuse(self, refusal: Refusal, source: Source | None, why: str | None = None) -> Response:
        channel = source.channel.recipe.channel if source else "unknown"
        self._acceptance.metrics.received(channel, refusal.outcome)
        if refusal is answers.PAUSED:  # an operator wants it so, and heard of it when it began
            return refusal.response(_PAUSED)
        if source is not None:
            self._acceptance.activity.failed(source.id, refusal.error)
        log = _log.error if refusal.status >= 500 else _log.warning
        log("request refused", outcome=refusal.outcome, source=source.id if source else None, why=why)
        return refusal.response(self._settings.retry_after)


def _trace(request: Request) -> str | None:
    # It goes into the log in the clear, so nothing but a trace context may stand in it.
    given = request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None
