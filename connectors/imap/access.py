"""What lets us into a mailbox: a password, or a token that somebody gives out (XOAUTH2)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx

from connectors.imap.failures import LoginRefused, quoted
from connectors.imap.settings import CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, MailboxSettings
from connectors.source import Source
from runtime.tokens import Granted, Token, TokenKeeper

_PATIENCE = 20.0
_LONG = 64 * 1024


class NoAccess(Exception):
    """No token is to be had; says what to correct."""


class Access:
    """The secrets of one source."""

    def __init__(self, source: Source, settings: MailboxSettings, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._settings = settings
        self._refresh: str | None = None
        """What came in the place of the refresh token, from those who give a new one each time."""
        self._tokens: TokenKeeper[NoAccess] = TokenKeeper(self._ask, clock, f"imap-token-{source.id}")

    async def let_in(self, open_: Callable[[str], Awaitable[None]]) -> None:
        """Call `open_` with a secret that is valid now, and with another one if the first is refused.

        Raises:
            LoginRefused: all are refused.
            MissingSecret: none is configured.
            NoAccess: there is no token.
        """
        if self._settings.auth == "password":
            *first, last = self._source.live_secrets(PASSWORD)
            for password in first:
                try:
                    return await open_(password)
                except LoginRefused:
                    continue  # during a rotation there are two
            return await open_(last)
        token = await self._token()
        try:
            return await open_(token.value)
        except LoginRefused:
            return await open_((await self._token(token)).value)

    async def close(self) -> None:
        """Ask no more."""
        await self._tokens.close()

    async def _token(self, refused: Token | None = None) -> Token:
        found = await self._tokens.get(refused)
        if isinstance(found, NoAccess):
            raise found
        return found

    async def _ask(self) -> Granted | NoAccess:
        settings = self._settings
        where = f"`token_url` {httpx.URL(settings.token_url or '').host}"
        form = self._form()
        hidden = tuple(form[name] for name in (CLIENT_SECRET, REFRESH_TOKEN) if name in form)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE, follow_redirects=False) as client:
                answer = await client.post(settings.token_url or "", data=form, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            return NoAccess(
                f"{where} does not answer ({type(error).__name__}): correct the address, or let a firewall pass it"
            )
        try:
            found = answer.json() if len(answer.content) <= _LONG else None
        except ValueError:
            found = None
        token = found.get("access_token") if isinstance(found, dict) else None
        if not answer.is_success or not isinstance(found, dict) or not isinstance(token, str) or not token:
            return NoAccess(f"{where} gives no token ({answer.status_code} {_told(found, hidden)}): {self._remedy()}")
        if isinstance(new := found.get("refresh_token"), str) and new and REFRESH_TOKEN in form:
            self._refresh = new
        lasts = found.get("expires_in")
        return Granted(token, float(lasts) if isinstance(lasts, int | float | str) and _is_number(lasts) else None)

    def _form(self) -> dict[str, str]:
        """RFC 6749, 4.4.2 and 6; the client proves itself in the body (2.3.1), as Google and Microsoft want it."""
        settings = self._settings
        form = {"grant_type": settings.grant, "client_id": settings.client_id or ""}
        if settings.scope:
            form["scope"] = settings.scope
        if settings.grant == "refresh_token":
            form[REFRESH_TOKEN] = self._refresh or self._source.live_secrets(REFRESH_TOKEN)[0]
        if settings.grant == "client_credentials" or self._source.secrets.get(CLIENT_SECRET):
            form[CLIENT_SECRET] = self._source.live_secrets(CLIENT_SECRET)[0]
        return form

    def _remedy(self) -> str:
        if self._settings.grant == "refresh_token":
            return "correct `client_id` and the secrets, or have the mailbox's owner agree once more"
        return "correct `client_id`, `scope` and the secret, and see whether the secret has expired"


def _told(found: object, hidden: tuple[str, ...]) -> str:
    """What RFC 6749, 5.2 lets an endpoint say."""
    if not isinstance(found, dict):
        return "without JSON"
    said = [found[name] for name in ("error", "error_description") if isinstance(found.get(name), str)]
    return quoted(": ".join(said), hidden) or "without a reason"


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]  # that is the question
    except (TypeError, ValueError):
        return False
    return True
