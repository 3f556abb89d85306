"""What stands before every route: the tokens, the bad behaviour, the log of requests."""

import asyncio
import hmac
import sqlite3
import time
from email.utils import formatdate
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.hub.behaviour import WRITES, Misbehaviour
from sandbox.hub.cutting import EXTENSION, Cut, Cutter
from sandbox.hub.database import Database
from sandbox.hub.lifecycle import now
from sandbox.hub.whole import Answer

API = "/api/v1"
ADMIN = "/_simulasi"
MAX_BODY = 48 * 1024 * 1024
"""Bytes of a request's body; more is answered with 413."""

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_NO_CUTTER = (
    "server ini dijalankan tanpa pemutus koneksi / this server runs without the protocol that can break a connection: "
    "start it as `HubSimulation`"
)
_WRONG_BODIES = {
    "broken": b'{"tracking_id": "91", "url": , "status"',
    "other_shape": b'["ok", {"data": {"id": 17}}]',
    "html": b"<html><body><h1>Sedang dalam pemeliharaan</h1></body></html>",
    "empty": b"",
}


class _Fate(NamedTuple):
    answer: Answer
    outcome: str
    cut: Cut | None = None


class Front:
    """ASGI middleware around the hub's routes.

    Faults that come before the work leave nothing behind; those that come after it (broken connection, half answer,
    wrong body, and 5xx with `accept_before_5xx`) leave the sender in doubt, which is what they are for.
    """

    def __init__(
        self, app: ASGIApp, *, token: str, admin_token: str, misbehaviour: Misbehaviour, database: Database
    ) -> None:
        self._app = app
        self._tokens = {API: token, ADMIN: admin_token}
        self._misbehaviour = misbehaviour
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _within(scope, API):
            await self._serve_api(scope, receive, send)
        else:
            refusal = self._refusal(scope, ADMIN) if _within(scope, ADMIN) else None
            answer = refusal or await Answer.of(self._app, scope, receive)
            await answer.send(send)

    async def _serve_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        if self._misbehaviour.strikes("latency_ms"):
            await asyncio.sleep(self._misbehaviour.current.latency_ms / 1000)
        fate = self._fail_first(scope) or await self._work(scope, receive)
        cutter = _cutter(scope)
        if fate.cut is not None and cutter is None:
            fate = _Fate(Answer.refusal(500, _NO_CUTTER), "no_cutter")
        self._log(scope, fate, (time.perf_counter() - began) * 1000)
        if fate.cut is None or cutter is None:
            await fate.answer.send(send)
            return
        cutter.arm(fate.cut)
        await fate.answer.send(send)
        cutter.finish()

    def _fail_first(self, scope: Scope) -> _Fate | None:
        behaviour, strikes = self._misbehaviour.current, self._misbehaviour.strikes
        if strikes("outage"):
            answer = Answer.refusal(503, "layanan padam (simulasi) / outage (simulated)", self._retry_after())
            return _Fate(answer, "outage", Cut(0) if behaviour.outage_mode == "closed" else None)
        if strikes("p_401"):
            message = "token ditolak (simulasi) / token refused (simulated)"
            return _Fate(Answer.refusal(401, message, _CHALLENGE), "refused_401")
        if strikes("p_429"):
            message = "terlalu banyak permintaan (simulasi) / too many requests (simulated)"
            return _Fate(Answer.refusal(429, message, self._retry_after()), "limited_429")
        late = behaviour.accept_before_5xx and scope["method"] in WRITES
        if not late and strikes("p_5xx"):
            return _Fate(self._server_error(), "failed_5xx")
        return None

    async def _work(self, scope: Scope, receive: Receive) -> _Fate:
        refusal = self._refusal(scope, API)
        if refusal is not None:
            return _Fate(refusal, f"answered_{refusal.status}")
        answer = await Answer.of(self._app, scope, receive)
        behaviour, strikes = self._misbehaviour.current, self._misbehaviour.strikes
        accepted = scope["method"] in WRITES and answer.status < 300
        if accepted and behaviour.accept_before_5xx and strikes("p_5xx"):
            return _Fate(self._server_error(), "accepted_then_5xx")
        if accepted and strikes("p_drop_after_accept"):
            return _Fate(answer, "dropped", Cut(behaviour.drop_at_byte, behaviour.drop_with))
        if answer.body and strikes("p_half_answer"):
            return _Fate(answer, "half_answer", Cut(len(answer.body) // 2, past_headers=True))
        if strikes("p_wrong_json"):
            return _Fate(Answer(answer.status, _WRONG_BODIES[behaviour.wrong_json], answer.headers), "wrong_json")
        return _Fate(answer, f"answered_{answer.status}")

    def _refusal(self, scope: Scope, prefix: str) -> Answer | None:
        headers = Headers(scope=scope)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        expected = self._tokens[prefix]
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
            message = "token tidak ada atau salah / the bearer token is missing or wrong"
            return Answer.refusal(401, message, _CHALLENGE)
        length = headers.get("content-length")
        if "transfer-encoding" in headers and length is None:
            return Answer.refusal(411, "sebutkan Content-Length / name the Content-Length")
        if length is not None and int(length) > MAX_BODY:
            message = f"badan melebihi {MAX_BODY} bita / the body is larger than {MAX_BODY} bytes"
            return Answer.refusal(413, message, {"Connection": "close"})
        return None

    def _server_error(self) -> Answer:
        status = self._misbehaviour.current.status_5xx
        body = f"<html><body><h1>{status} (simulasi)</h1></body></html>".encode()
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        if status == 503:
            headers += [(name.lower().encode(), value.encode()) for name, value in self._retry_after().items()]
        return Answer(status, body, headers)

    def _retry_after(self) -> dict[str, str]:
        behaviour = self._misbehaviour.current
        if behaviour.retry_after is None:
            return {}
        if behaviour.retry_after_as == "seconds":
            return {"Retry-After": str(behaviour.retry_after)}
        return {"Retry-After": formatdate(time.time() + behaviour.retry_after, usegmt=True)}

    def _log(self, scope: Scope, fate: _Fate, milliseconds: float) -> None:
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


def _cutter(scope: Scope) -> Cutter | None:
    extension = scope.get("extensions", {}).get(EXTENSION, {})
    cutter = extension.get("cutter")
    return cutter if isinstance(cutter, Cutter) else None
