"""Speaks HTTP to one agency's system: bounded in time and size, to its own host only, and proving who we are."""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from connectors.rest.bodies import Body
from connectors.rest.settings import RestSettings, rest_settings
from connectors.rest.trouble import AskedToWait, BadAnswer, Denied, NoAnswer
from connectors.source import MissingSecret, Source
from recipes.hubs.answers import HubAnswer
from recipes.hubs.credentials import NoPlace, fixed, placed, through, with_credential
from recipes.hubs.grants import grant_request, granted_token
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from recipes.paths import Context
from recipes.polling import Polling
from runtime.delivery.backoff import retry_after
from runtime.tokens import Granted, Token, TokenKeeper

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 3
_BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes
    """Unpacked."""
    url: str
    """Where it came from in the end."""


class Api:
    """One source's API. No proxies of the environment, no redirects to other hosts."""

    def __init__(self, source: Source, clock: Callable[[], datetime]) -> None:
        """Raises `BadRestSettings` when the source does not describe an API."""
        polling = source.channel.polling
        assert polling is not None  # noqa: S101 the recipe's transport is `rest`, which has one
        self.settings: RestSettings = rest_settings(source)
        self._source = source
        self._polling: Polling = polling
        self._clock = clock
        self._context = Context(source.zone, source.options)
        self._http: httpx.AsyncClient | None = None
        self._tokens: TokenKeeper[None] = TokenKeeper(self._grant, clock, f"token-{source.id}")

    async def ask(self, request: Request, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a question, whose target may be a whole address; returns what is good, or says that nothing has changed.

        A token that the server refuses is replaced, once.

        Raises:
            NoAnswer: the server is away, overloaded or broken; `AskedToWait` when it says for how long.
            Denied: it does not accept our credentials, or there are none.
            BadAnswer: any other refusal; an answer that is too large; a way that leads to another host.
        """
        request = replace(request, headers={**request.headers, **(headers or {})})
        if not self._polling.model.auth.renewable:
            return self._good(await self._exchange(self._proved(request, None)), request)
        token = await self._token(None)
        answer = await self._exchange(self._proved(request, token))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            answer = await self._exchange(self._proved(request, await self._token(token)))
        return self._good(answer, request)

    def same_host(self, url: str, base: str | None = None) -> str:
        """A whole address out of one that an answer named.

        Raises:
            BadAnswer: it leads to another host, which would learn our credentials.
        """
        whole = urljoin(base or f"{self.settings.url}/", url)
        if _origin(whole) != _origin(self.settings.url):
            raise BadAnswer(
                f"the answer leads on to {urlsplit(whole).scheme}://{urlsplit(whole).netloc.rpartition('@')[2]}, which"
                " is not where `url` points: if that is the right host, correct `url`"
            )
        return whole.partition("#")[0]

    async def close(self) -> None:
        """Close all connections."""
        await self._tokens.close()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _secrets(self, names: Sequence[str]) -> dict[str, str]:
        try:
            return {name: self._source.live_secrets(name)[0] for name in names}
        except MissingSecret as error:
            raise Denied(str(error)) from error

    def _through(self, request: Request) -> Request:
        gateway = self._polling.model.gateway
        if gateway is None:
            return request
        return with_credential(request, through(gateway, self._secrets([gateway.secret])))

    def _proved(self, request: Request, token: Token | None) -> Request:
        auth = self._polling.model.auth
        if self._polling.model.anonymous and not any(name in self._source.secrets for name in auth.secrets):
            return request
        secrets = self._secrets(auth.secrets)
        credential = fixed(auth, secrets) if token is None else placed(auth, auth.place or "bearer", token.value)
        if credential is None:
            return request
        if credential.place == "query" and credential.name in dict(parse_qsl(urlsplit(request.target).query)):
            return request  # the address of a next page may hold it already
        try:
            return with_credential(request, credential)
        except NoPlace as error:
            raise BadAnswer(f"the recipe's `auth` does not fit its question: {error}") from error

    async def _token(self, refused: Token | None) -> Token:
        token = await self._tokens.get(refused)
        if token is None:
            raise Denied("no token is given to us: correct the client's id, secret and scope")
        return token

    async def _grant(self) -> Granted | None:
        auth = self._polling.model.auth
        secrets = self._secrets(auth.secrets)
        session = auth.kind == "session"
        try:
            if session:
                request = self._polling.login_request(secrets, self._context)
            else:
                request = grant_request(auth, secrets, self._source.options)
            answer = await self._exchange(request)
            if answer.status in (400, 401, 403):
                return None
            self._good(answer, request)
            found = self._polling.session(_document(answer)) if session else granted_token(answer.content)
        except MappingError as error:
            raise BadAnswer(f"the login does not fit: {error}") from error
        if found is None:
            raise BadAnswer("the answer to the request for a token holds none")
        return Granted(*found)

    def _good(self, answer: Answer, request: Request) -> Answer:
        status, path = answer.status, urlsplit(request.target).path
        if status in (200, 201, 202, 203, 204, 304) or status == self._polling.model.none_status:
            return answer
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "unknown"
        words = f"the server answers {status} ({phrase}) to {path}"
        if status in _BUSY and (pause := retry_after(answer.headers.get("retry-after"), self._clock())) is not None:
            raise AskedToWait(
                f"{words}, and asks to be left alone for {pause.total_seconds():g} s", self._clock() + pause
            )
        if status in (401, 403):
            named = ", ".join(self._polling.model.auth.secrets) or "none, for the recipe names no `auth`"
            raise Denied(f"{words}: it does not accept our credentials (secrets: {named})")
        if status >= 500 or status in (408, 425, 429):
            raise NoAnswer(words)
        raise BadAnswer(f"{words}: correct `url`, the recipe's path or its parameters")

    async def _exchange(self, request: Request) -> Answer:
        request = self._through(request)
        target = request.target
        url = target if target.startswith(("https://", "http://")) else self.settings.url + target
        try:
            async with asyncio.timeout(self.settings.timeout):
                return await self._followed(request, url)
        except TimeoutError as error:
            raise NoAnswer(f"no whole answer within {self.settings.timeout:g} s") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError) as error:
            raise BadAnswer("the question cannot be sent as the recipe and the settings make it") from error
        except httpx.HTTPError as error:
            raise NoAnswer(_cause(error)) from error

    async def _followed(self, request: Request, url: str) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._once(request, url)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            if request.method != "GET":
                raise BadAnswer(f"the server sends us on ({answer.status}) instead of answering: correct the path")
            url = self.same_host(answer.headers["location"], url)
        raise BadAnswer(f"the server sends us on more than {_MOST_REDIRECTS} times")

    async def _once(self, request: Request, url: str) -> Answer:
        headers = {"Accept": self._accepted(), "Accept-Encoding": "gzip", **request.headers}
        async with self._client().stream(request.method, url, headers=headers, content=request.body) as response:
            body = Body(response.headers.get("content-encoding", ""), self.settings.max_body)
            async for piece in response.aiter_raw():
                body.feed(piece)
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, found, body.whole(), url)

    def _accepted(self) -> str:
        how = self._source.channel.recipe.receive.decode
        return {"xml": "application/xml, text/xml", "json": "application/json"}.get(how, "application/json, */*;q=0.5")

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(self.settings.timeout),
                limits=httpx.Limits(max_connections=4, keepalive_expiry=5.0),
                trust_env=False,
                follow_redirects=False,
                verify=self.settings.certificates(),
            )
        return self._http


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port or {"https": 443, "http": 80}.get(parts.scheme)


def _document(answer: Answer) -> dict[str, object]:
    """As the expressions of a login read it; the same as for hubs."""
    return HubAnswer(answer.status, answer.headers, answer.content).document


def _cause(error: httpx.HTTPError) -> str:
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return (
                f"the server's certificate is not trusted ({inner.verify_message}): name the PEM file of its authority"
                " in the setting `authority`"
            )
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "the server cannot be reached: is `url` right, is it up?"
    return f"the connection broke before the answer was whole ({type(error).__name__})"
