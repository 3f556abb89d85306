"""One try over HTTP, and what came of it, told apart by whether the hub may have got the request."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from dispatcher.hub import Hub
from recipes.hubs.answers import FoundReport, HubAnswer, Meaning
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from runtime.clock import Clock
from runtime.delivery.backoff import retry_after
from runtime.delivery.outcomes import (
    Absent,
    Ambiguous,
    Delivered,
    Delivery,
    Doubts,
    Found,
    Outcome,
    Rejected,
    Retry,
    Stop,
    Unknown,
    Wait,
)

_LARGEST_ANSWER = 4 * 1024 * 1024
_NOTHING_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_QUICK_TRIES = 3


class _AnswerTooLarge(Exception):
    pass


class HubClient:
    """Speaks HTTP to one hub. No proxies of the environment, no redirects: a hub is where the configuration says."""

    def __init__(self, hub: Hub, clock: Clock, tls: Callable[[], ssl.SSLContext]) -> None:
        self._hub = hub
        self._clock = clock
        limits = hub.profile.model.limits
        self._timeout = limits.timeout
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.timeout),
            # A connection that the hub is about to close makes doubts; only fresh ones are used again.
            limits=httpx.Limits(max_connections=limits.concurrency + 2, keepalive_expiry=2.0),
            trust_env=False,
            follow_redirects=False,
            verify=tls() if hub.base_url.startswith("https://") else False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def ask(self, request: Request, *, key: str | None = None) -> HubAnswer | Retry | Ambiguous:
        """Send a request; an answer, or in which way there is none. Never raises for what the network does."""
        url = self._hub.base_url.rstrip("/") + request.target
        headers = {**request.headers, "Accept": "application/json", **self._credentials()}
        idempotency = self._hub.profile.model.idempotency
        if key is not None and idempotency is not None:
            headers[idempotency.header] = key
        try:
            async with asyncio.timeout(self._timeout * 2):
                return await self._exchange(request.method, url, headers, request.body)
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

    async def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> HubAnswer:
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

    def _credentials(self) -> dict[str, str]:
        auth = self._hub.profile.model.auth
        if auth.secret is None:
            return {}
        secret = self._hub.secrets[auth.secret]
        return {"Authorization": f"Bearer {secret}"} if auth.kind == "bearer" else {str(auth.header): secret}

    def pause(self, answer: HubAnswer) -> timedelta | None:
        """How long the hub asks to be left alone."""
        return retry_after(answer.headers.get("retry-after"), self._clock())

    def now(self) -> datetime:
        """The present moment."""
        return self._clock()


class HubSender:
    """The `Sender` of one hub."""

    def __init__(self, hub: Hub, client: HubClient) -> None:
        self._hub = hub
        self._client = client

    def doubts(self, kind: str) -> Doubts:
        """A key, or an operation that may be repeated, settles every doubt; else the profile's look-up has to."""
        model = self._hub.profile.model
        operation = self._hub.profile.template(kind)
        repeatable = model.idempotency is not None or (operation is not None and operation.operation.repeatable)
        return Doubts(repeatable, timedelta(seconds=model.settle_after), model.lookup_proves_absence)

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        """One try."""
        answer = await self._client.ask(Request.thaw(frozen), key=str(delivery.delivery_id))
        if not isinstance(answer, HubAnswer):
            return answer
        return self._outcome(self._hub.profile.answers.read(answer), answer)

    async def lookup(self, delivery: Delivery) -> Found | Absent | Unknown:
        """Ask by our reference. Only a complaint's creation can be asked for."""
        template = self._hub.profile.lookup
        if template is None or delivery.kind != "create":
            return Unknown("the hub offers no look-up that could tell")
        document = {"complaint": {"complaint_id": str(delivery.subject_id)}, "delivery": {"id": delivery.delivery_id}}
        try:
            request = template.render(document, self._hub.context)
        except MappingError as error:
            return Unknown(f"the profile's look-up cannot be made: {error}")
        answer = await self._client.ask(request)
        if isinstance(answer, Retry):
            return Unknown(answer.reason, answer)
        if isinstance(answer, Ambiguous):
            # A question may be asked again without harm.
            return Unknown(answer.reason, Retry(answer.reason))
        return self._found(self._hub.profile.answers.found(answer), answer)

    def _found(self, found: "Meaning | object", answer: HubAnswer) -> Found | Absent | Unknown:
        if isinstance(found, Meaning):
            again = self._outcome(found, answer)
            if isinstance(again, Wait | Stop):
                return Unknown(found.reason, again)
            return Unknown(found.reason, Retry(found.reason, self._client.pause(answer)))
        reports = [each for each in found if isinstance(each, FoundReport)] if isinstance(found, list) else []
        if not reports:
            return Absent(answer.content)
        return Found(reports[0].tracking_id, reports[0].url, answer.content)

    def _outcome(self, meaning: Meaning, answer: HubAnswer) -> Outcome:
        match meaning.outcome:
            case "done":
                return Delivered(meaning.tracking_id, meaning.url, answer.content)
            case "retry":
                return Retry(meaning.reason, self._client.pause(answer), answer=answer.content)
            case "wait":
                return Wait(meaning.reason, self._client.pause(answer))
            case "stop":
                return Stop(meaning.reason)
            case "reject":
                return Rejected(meaning.reason, answer.content)
            case "ambiguous":
                return Ambiguous(meaning.reason, self._client.pause(answer), answer.content)
