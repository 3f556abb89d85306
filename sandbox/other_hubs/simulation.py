"""What the simulations have in common: a socket, bad behaviour, and a record of the requests."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.hub.behaviour import Behaviour, Misbehaviour
from sandbox.hub.faults import Fate, Faults
from sandbox.listening import Listening


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came over the socket, and what became of it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    outcome: str


class Simulation:
    """A hub on a real socket, from `start` to `stop`, or as an asynchronous context."""

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._misbehaviour = Misbehaviour(Behaviour())
        self._faults = Faults(app, self._misbehaviour, refuse=lambda _: None, log=self._note)
        self._server = Listening(self._record, host, port)
        self._bodies: dict[int, bytes] = {}
        self.seen: list[Seen] = []
        """Every request, in the order in which it was decided."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop()

    def behave(self, **changes: Any) -> None:  # noqa: ANN401 the fields of Behaviour
        """Behave as said from the next request on; what is not said is good behaviour. Raises as pydantic does."""
        self._misbehaviour.change(Behaviour.model_validate(changes))

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        said = False

        async def again() -> Message:
            nonlocal said
            if said:
                return {"type": "http.disconnect"}
            said = True
            return {"type": "http.request", "body": body, "more_body": False}

        self._bodies[id(scope)] = body
        try:
            await self._faults(scope, again, send)
        finally:
            del self._bodies[id(scope)]

    def _note(self, scope: Scope, fate: Fate, _: float) -> None:
        query = scope["query_string"].decode()
        target = scope["raw_path"].decode() + (f"?{query}" if query else "")
        self.seen.append(
            Seen(scope["method"], target, dict(Headers(scope=scope)), self._bodies[id(scope)], fate.outcome)
        )
