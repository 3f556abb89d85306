"""Tokens that have to be asked for: OAuth 2.0 client credentials (RFC 6749, 4.4), and sessions opened by a login."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from dispatcher.hub import Hub
from recipes.hubs.answers import HubAnswer, Meaning, Opened
from recipes.hubs.auth_model import Auth
from recipes.hubs.encoding import FORM
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from runtime.clock import Clock
from runtime.delivery.outcomes import Ambiguous, Retry, Stop, Wait

_EARLY = timedelta(seconds=30)
"""A token that ends sooner than this is replaced before it is used, so that it does not end on its way."""

Exchange = Callable[[Request], Awaitable[HubAnswer | Retry | Ambiguous]]
"""Sends one request as it is, without credentials of the hub."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the moment from which another is asked for."""

    value: str
    stale_at: datetime | None


class Tokens:
    """The token of one hub, shared by all its requests."""

    def __init__(self, hub: Hub, auth: Auth, exchange: Exchange, clock: Clock) -> None:
        self._hub = hub
        self._auth = auth
        self._exchange = exchange
        self._clock = clock
        self._asking: asyncio.Task[Token | Retry | Wait | Stop] | None = None
        self._token: Token | None = None

    async def get(self, refused: Token | None = None) -> Token | Retry | Wait | Stop:
        """A token that is good for a while; another than the `refused` one. Or why there is none.

        Nothing of a delivery was sent when there is none, so none of the reasons leaves a doubt. Whoever waits shares
        what comes of one question: a hub that is away is not waited for by each in turn.
        """
        token = self._token
        if token is not None and token is not refused and (token.stale_at is None or self._clock() < token.stale_at):
            return token
        if self._asking is None:
            self._asking = asyncio.create_task(self._renew(), name="hub-token")
        # Whoever gives up waiting leaves the question to the others.
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _renew(self) -> Token | Retry | Wait | Stop:
        try:
            self._token, now = None, self._clock()
            found = await self._ask()
            if isinstance(found, Opened):
                self._token = Token(found.token, _stale(now, found.lasts))
                return self._token
            return found
        finally:
            self._asking = None

    async def _ask(self) -> Opened | Retry | Wait | Stop:
        try:
            request = self._login() if self._auth.kind == "session" else self._grant()
        except MappingError as error:
            return Stop(f"the profile's login cannot be made: {error}")
        answer = await self._exchange(request)
        if not isinstance(answer, HubAnswer):
            return Retry(f"no token: {answer.reason}", answer.after, counts=False)
        found = self._hub.profile.answers.opened(answer) if self._auth.kind == "session" else self._granted(answer)
        return found if isinstance(found, Opened) else _failure(found)

    def _login(self) -> Request:
        template, login = self._hub.profile.login, self._auth.login
        assert template is not None and login is not None  # noqa: PT018, S101 the profile was checked
        secrets = {name: self._hub.secrets[name] for name in login.secrets}
        document = {"secrets": secrets, "settings": dict(self._hub.settings), "delivery": {"id": ""}}
        return template.render(document, self._hub.context)

    def _grant(self) -> Request:
        auth, secrets = self._auth, self._hub.secrets
        client, secret = secrets[str(auth.user)], secrets[str(auth.secret)]
        fields = {"grant_type": "client_credentials", **auth.parameters}
        headers = {"Content-Type": FORM}
        if auth.scope is not None:
            fields["scope"] = auth.scope
        if auth.client_by == "form":
            fields |= {"client_id": client, "client_secret": secret}
        else:
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        target = str(self._hub.settings.get("token_url") or auth.token_url)
        return Request("POST", target, headers, urlencode(fields).encode())

    def _granted(self, answer: HubAnswer) -> Opened | Meaning:
        if answer.status in (400, 401, 403):
            # RFC 6749, 5.2: `invalid_client`, `invalid_scope`…; none of them mends itself.
            return Meaning(
                "stop", f"no token is given to us: correct the client's id, secret and scope ({answer.status})"
            )
        failed = self._hub.profile.answers.failed(answer)
        if failed is not None:
            return failed
        try:
            data = json.loads(answer.content)
        except ValueError:
            data = None
        token = data.get("access_token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            return Meaning("retry", "the answer to the token request holds no access_token")
        lasts = data.get("expires_in")
        try:
            return Opened(token, float(lasts) if lasts is not None else None)
        except (TypeError, ValueError):
            return Opened(token, None)


def _stale(now: datetime, lasts: float | None) -> datetime | None:
    if lasts is None:
        return None
    whole = timedelta(seconds=min(max(lasts, 0.0), 1e8))
    # A short-lived one would be stale at once.
    return now + max(whole - _EARLY, whole / 2)


def _failure(meaning: Meaning) -> Retry | Wait | Stop:
    after = None if meaning.after is None else timedelta(seconds=meaning.after)
    match meaning.outcome:
        case "stop" | "dead":
            return Stop(f"the login failed: {meaning.reason}")
        case "wait":
            return Wait(meaning.reason, after)
        case _:
            return Retry(f"no token: {meaning.reason}", after, counts=False)
