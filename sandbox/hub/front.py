"""What stands before every route: the tokens, the bad behaviour, the log of requests."""

import hmac
import sqlite3

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.hub.behaviour import Misbehaviour
from sandbox.hub.database import Database
from sandbox.hub.faults import CHALLENGE, Fate, Faults
from sandbox.hub.lifecycle import now
from sandbox.hub.whole import Answer

API = "/api/v1"
ADMIN = "/_simulasi"
MAX_BODY = 48 * 1024 * 1024
"""Bytes of a request's body; more is answered with 413."""


class Front:
    """ASGI middleware around the hub's routes; only the API misbehaves."""

    def __init__(
        self, app: ASGIApp, *, token: str, admin_token: str, misbehaviour: Misbehaviour, database: Database
    ) -> None:
        self._app = app
        self._faulty = Faults(app, misbehaviour, refuse=lambda scope: self._refusal(scope, API), log=self._log)
        self._tokens = {API: token, ADMIN: admin_token}
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _within(scope, API):
            await self._faulty(scope, receive, send)
        else:
            refusal = self._refusal(scope, ADMIN) if _within(scope, ADMIN) else None
            answer = refusal or await Answer.of(self._app, scope, receive)
            await answer.send(send)

    def _refusal(self, scope: Scope, prefix: str) -> Answer | None:
        headers = Headers(scope=scope)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        expected = self._tokens[prefix]
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
            message = "token tidak ada atau salah / the bearer token is missing or wrong"
            return Answer.refusal(401, message, CHALLENGE)
        length = headers.get("content-length")
        if "transfer-encoding" in headers and length is None:
            return Answer.refusal(411, "sebutkan Content-Length / name the Content-Length")
        if length is not None and int(length) > MAX_BODY:
            message = f"badan melebihi {MAX_BODY} bita / the body is larger than {MAX_BODY} bytes"
            return Answer.refusal(413, message, {"Connection": "close"})
        return None

    def _log(self, scope: Scope, fate: Fate, milliseconds: float) -> None:
        key = Headers(scope=scope).get("idempotency-key")
        values = (now(), scope["method"], scope["path"], key, fate.answer.status, fate.outcome, milliseconds)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO requests (at, method, path, idempotency_key, status, outcome, milliseconds)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

        self._database.defer(insert)


def _within(scope: Scope, prefix: str) -> bool:
    path: str = scope["path"]
    return path == prefix or path.startswith(f"{prefix}/")
