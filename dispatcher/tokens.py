"""The token of one hub: OAuth 2.0 client credentials, or a session opened by a login."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from dispatcher.hub import Hub
from recipes.hubs.answers import HubAnswer, Meaning, Opened
from recipes.hubs.auth_model import Auth
from recipes.hubs.grants import grant_request, granted_token
from recipes.hubs.requests import Request
from recipes.mapped import MappingError
from runtime.clock import Clock
from runtime.delivery.outcomes import Ambiguous, Retry, Stop, Wait
from runtime.tokens import Granted, Token, TokenKeeper

Exchange = Callable[[Request], Awaitable[HubAnswer | Retry | Ambiguous]]
"""Sends one request as it is, without credentials of the hub."""


class Tokens:
    """The token of one hub, shared by all its requests."""

    def __init__(self, hub: Hub, auth: Auth, exchange: Exchange, clock: Clock) -> None:
        self._hub = hub
        self._auth = auth
        self._exchange = exchange
        self._keeper: TokenKeeper[Retry | Wait | Stop] = TokenKeeper(self._ask, clock, "hub-token")

    async def get(self, refused: Token | None = None) -> Token | Retry | Wait | Stop:
        """A token that is good for a while; another than the `refused` one. Or why there is none.

        Nothing of a delivery was sent when there is none, so none of the reasons leaves a doubt.
        """
        return await self._keeper.get(refused)

    async def close(self) -> None:
        """Ask no more."""
        await self._keeper.close()

    async def _ask(self) -> Granted | Retry | Wait | Stop:
        try:
            session = self._auth.kind == "session"
            request = self._login() if session else grant_request(self._auth, self._hub.secrets, self._hub.settings)
        except MappingError as error:
            return Stop(f"the profile's login cannot be made: {error}")
        answer = await self._exchange(request)
        if not isinstance(answer, HubAnswer):
            return Retry(f"no token: {answer.reason}", answer.after, counts=False)
        found = self._hub.profile.answers.opened(answer) if session else self._granted(answer)
        return Granted(found.token, found.lasts) if isinstance(found, Opened) else _failure(found)

    def _login(self) -> Request:
        template, login = self._hub.profile.login, self._auth.login
        assert template is not None and login is not None  # noqa: PT018, S101 the profile was checked
        secrets = {name: self._hub.secrets[name] for name in login.secrets}
        document = {"secrets": secrets, "settings": dict(self._hub.settings), "delivery": {"id": ""}}
        return template.render(document, self._hub.context)

    def _granted(self, answer: HubAnswer) -> Opened | Meaning:
        if answer.status in (400, 401, 403):
            # RFC 6749, 5.2: `invalid_client`, `invalid_scope`…; none of them mends itself.
            return Meaning(
                "stop", f"no token is given to us: correct the client's id, secret and scope ({answer.status})"
            )
        failed = self._hub.profile.answers.failed(answer)
        if failed is not None:
            return failed
        found = granted_token(answer.content)
        if found is None:
            return Meaning("retry", "the answer to the token request holds no access_token")
        return Opened(*found)


def _failure(meaning: Meaning) -> Retry | Wait | Stop:
    after = None if meaning.after is None else timedelta(seconds=meaning.after)
    match meaning.outcome:
        case "stop" | "dead":
            return Stop(f"the login failed: {meaning.reason}")
        case "wait":
            return Wait(meaning.reason, after)
        case _:
            return Retry(f"no token: {meaning.reason}", after, counts=False)
