"""Speaks HTTP to one hub: credentials, pace, and what it means when no answer comes."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from dispatcher.hub import Hub
from dispatcher.pacing import Pace
from dispatcher.tokens import Tokens
from recipes.hubs.answers import HubAnswer
from recipes.hubs.auth_model import Auth
from recipes.hubs.credentials import BOUNDARY, NoPlace, fixed, placed, through, with_credential
from recipes.hubs.encoding import closing, file_part
from recipes.hubs.requests import Request
from runtime.clock import Clock
from runtime.delivery.backoff import retry_after
from runtime.delivery.outcomes import Ambiguous, Retry, Stop, Wait
from runtime.objects.protocol import ObjectMissing, Objects, ObjectsUnavailable
from runtime.tokens import Token

_LARGEST_ANSWER = 4 * 1024 * 1024
_NOTHING_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_QUICK_TRIES = 3

NoAnswer = Retry | Wait | Stop | Ambiguous
"""In which way there is no answer."""


class _AnswerTooLarge(Exception):
    pass


class HubClient:
    """Speaks HTTP to one hub. No proxies of the environment, no redirects: a hub is where the configuration says."""

    def __init__(
        self, hub: Hub, clock: Clock, tls: Callable[[], ssl.SSLContext], objects: Objects | None = None
    ) -> None:
        """`objects` holds the files that requests name; without it, one that names any is not sent.

        `tls` gives the system's authorities; a profile with a certificate of its own has another context.

        Raises:
            BadHub: a file of the certificate cannot be used.
        """
        self._hub = hub
        self._clock = clock
        self._objects = objects
        model = hub.profile.model
        self._timeout = model.limits.timeout
        self._pace = Pace(model.limits.rate)
        self._tokens = Tokens(hub, model.auth, self._exchange, clock) if model.auth.renewable else None
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(model.limits.timeout),
            # A connection that the hub is about to close makes doubts; only fresh ones are used again.
            limits=httpx.Limits(max_connections=model.limits.concurrency + 2, keepalive_expiry=2.0),
            trust_env=False,
            follow_redirects=False,
            verify=(hub.certificates() or tls()) if hub.base_url.startswith("https://") else False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._tokens is not None:
            await self._tokens.close()
        await self._http.aclose()

    async def ask(self, request: Request, operation: str, *, key: str | None = None) -> HubAnswer | NoAnswer:
        """Send a request of an operation; an answer, or in which way there is none.

        Never raises for what the network does. A token that the hub refuses is replaced, once.
        """
        auth = self._hub.profile.auth(operation)
        idempotency = self._hub.profile.model.idempotency
        if key is not None and idempotency is not None and idempotency.header is not None:
            request = replace(request, headers={**request.headers, idempotency.header: key})
        if files := request.notes.get("files"):
            filled = await self._filled(request, files)
            if not isinstance(filled, Request):
                return filled
            request = filled
        if self._tokens is None or not auth.renewable:
            return await self._proved(request, auth, None)
        token = await self._tokens.get()
        if not isinstance(token, Token):
            return token
        answer = await self._proved(request, auth, token)
        if isinstance(answer, HubAnswer) and (failed := self._hub.profile.answers.failed(answer)) and failed.renew:
            token = await self._tokens.get(refused=token)
            return await self._proved(request, auth, token) if isinstance(token, Token) else token
        return answer

    async def _filled(self, request: Request, files: Sequence[Mapping[str, str]]) -> Request | Retry:
        """The request with the contents of its files."""
        mark = request.headers["Content-Type"].partition(BOUNDARY)[2]
        parts = []
        for file in files:
            try:
                if self._objects is None:
                    return Retry("the stored files cannot be read here")
                content = await self._objects.get(file["object"])
            except ObjectMissing:
                return Retry(f"the content of {file['name']} is no longer stored")
            except ObjectsUnavailable as error:
                return Retry(f"the stored files cannot be read: {error}", counts=False)
            parts.append(file_part(mark, file, content))
        body = (request.body or b"").removesuffix(closing(mark))
        return replace(request, body=b"".join([body, *parts, closing(mark)]))

    async def reach(self) -> HubAnswer | Retry | Ambiguous:
        """Ask for the address alone, without credentials: whatever is answered, the hub is there."""
        return await self._exchange(Request("GET", "/", {}, None))

    async def _proved(self, request: Request, auth: Auth, token: Token | None) -> HubAnswer | NoAnswer:
        gateway, secrets = self._hub.profile.model.gateway, self._hub.secrets
        credential = fixed(auth, secrets) if token is None else placed(auth, auth.place or "bearer", token.value)
        try:
            if credential is not None:
                request = with_credential(request, credential)
        except NoPlace as error:
            return Stop(str(error))
        if gateway is not None:
            request = with_credential(request, through(gateway, secrets))
        return await self._exchange(request)

    async def _exchange(self, request: Request) -> HubAnswer | Retry | Ambiguous:
        target = request.target
        url = target if target.startswith(("https://", "http://")) else self._hub.base_url.rstrip("/") + target
        xml = "xml" in request.headers.get("Content-Type", "")
        headers = {"Accept": "text/xml, application/xml" if xml else "application/json", **request.headers}
        await self._pace.turn()
        try:
            async with asyncio.timeout(self._timeout * 2):
                return await self._answer(request.method, url, headers, request.body)
        except _NOTHING_WRITTEN as error:
            return Retry(f"the hub cannot be reached ({type(error).__name__})", counts=False)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            return Retry(f"the request cannot be made: {error}")
        except TimeoutError:
            return Ambiguous("the hub's answer did not end in time")
        except _AnswerTooLarge:
            return Ambiguous(f"the hub's answer is larger than {_LARGEST_ANSWER} bytes")
        except httpx.HTTPError as error:
            return Ambiguous(f"the connection broke before the answer was whole ({type(error).__name__})")

    async def _answer(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> HubAnswer:
        # Where not a byte was written a second try costs nothing; everything else is left to the queue.
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(httpx.ConnectError),
            stop=stop_after_attempt(_QUICK_TRIES),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            reraise=True,
        ):
            with attempt:
                async with self._http.stream(method, url, headers=headers, content=body) as response:
                    content = bytearray()
                    async for chunk in response.aiter_bytes():
                        content += chunk
                        if len(content) > _LARGEST_ANSWER:
                            raise _AnswerTooLarge
                    names = {name.lower(): value for name, value in response.headers.items()}
                    return HubAnswer(response.status_code, names, bytes(content))
        raise AssertionError("unreachable: the last error is raised again")

    def pause(self, answer: HubAnswer) -> timedelta | None:
        """How long the hub asks to be left alone."""
        return retry_after(answer.headers.get("retry-after"), self._clock())

    def now(self) -> datetime:
        """The present moment."""
        return self._clock()
