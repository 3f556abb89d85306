"""The bad behaviour around an application's routes, in front of the work and behind it."""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.hub.behaviour import WRITES, Misbehaviour
from sandbox.hub.cutting import EXTENSION, Cut, Cutter
from sandbox.hub.whole import Answer

CHALLENGE = {"WWW-Authenticate": "Bearer"}
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


class Fate(NamedTuple):
    """What becomes of a request."""

    answer: Answer
    outcome: str
    """In a word, for the log."""
    cut: Cut | None = None


class Faults:
    """ASGI middleware that misbehaves as told.

    Faults that come before the work leave nothing behind; those that come after it (broken connection, half answer,
    wrong body, and 5xx with `accept_before_5xx`) leave the sender in doubt, which is what they are for.
    """

    def __init__(
        self,
        app: ASGIApp,
        misbehaviour: Misbehaviour,
        *,
        refuse: Callable[[Scope], Answer | None],
        log: Callable[[Scope, Fate, float], None],
    ) -> None:
        """`refuse` looks at a request before the routes do; `log` hears what became of it, and in how many ms."""
        self._app = app
        self._misbehaviour = misbehaviour
        self._refuse = refuse
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        began = time.perf_counter()
        if self._misbehaviour.strikes("latency_ms"):
            await asyncio.sleep(self._misbehaviour.current.latency_ms / 1000)
        fate = self._fail_first(scope) or await self._work(scope, receive)
        cutter = _cutter(scope)
        if fate.cut is not None and cutter is None:
            fate = Fate(Answer.refusal(500, _NO_CUTTER), "no_cutter")
        self._log(scope, fate, (time.perf_counter() - began) * 1000)
        if fate.cut is None or cutter is None:
            await fate.answer.send(send)
            return
        cutter.arm(fate.cut)
        await fate.answer.send(send)
        cutter.finish()

    def _fail_first(self, scope: Scope) -> Fate | None:
        behaviour, strikes = self._misbehaviour.current, self._misbehaviour.strikes
        if strikes("outage"):
            answer = Answer.refusal(503, "layanan padam (simulasi) / outage (simulated)", self._retry_after())
            return Fate(answer, "outage", Cut(0) if behaviour.outage_mode == "closed" else None)
        if strikes("p_401"):
            message = "token ditolak (simulasi) / token refused (simulated)"
            return Fate(Answer.refusal(401, message, CHALLENGE), "refused_401")
        if strikes("p_429"):
            message = "terlalu banyak permintaan (simulasi) / too many requests (simulated)"
            return Fate(Answer.refusal(429, message, self._retry_after()), "limited_429")
        late = behaviour.accept_before_5xx and scope["method"] in WRITES
        if not late and strikes("p_5xx"):
            return Fate(self._server_error(), "failed_5xx")
        return None

    async def _work(self, scope: Scope, receive: Receive) -> Fate:
        refusal = self._refuse(scope)
        if refusal is not None:
            return Fate(refusal, f"answered_{refusal.status}")
        answer = await Answer.of(self._app, scope, receive)
        behaviour, strikes = self._misbehaviour.current, self._misbehaviour.strikes
        accepted = scope["method"] in WRITES and answer.status < 300
        if accepted and behaviour.accept_before_5xx and strikes("p_5xx"):
            return Fate(self._server_error(), "accepted_then_5xx")
        if accepted and strikes("p_drop_after_accept"):
            return Fate(answer, "dropped", Cut(self._misbehaviour.breaks_at(), behaviour.drop_with))
        if answer.body and strikes("p_half_answer"):
            return Fate(answer, "half_answer", Cut(len(answer.body) // 2, past_headers=True))
        if strikes("p_wrong_json"):
            return Fate(Answer(answer.status, _WRONG_BODIES[behaviour.wrong_json], answer.headers), "wrong_json")
        return Fate(answer, f"answered_{answer.status}")

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


def _cutter(scope: Scope) -> Cutter | None:
    extension = scope.get("extensions", {}).get(EXTENSION, {})
    cutter = extension.get("cutter")
    return cutter if isinstance(cutter, Cutter) else None
