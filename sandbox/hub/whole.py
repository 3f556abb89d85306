"""A whole HTTP answer in one piece: taken from a route, and sent when it is decided what becomes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LABEL = ("X-Simulation", "assumption")
"""Stands on every answer: nothing here claims to be the real interface."""

_SET_HERE = (b"content-length", LABEL[0].lower().encode())


@dataclass(slots=True)
class Answer:
    """Status, headers and body."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    @classmethod
    def refusal(cls, status: int, message: str, headers: Mapping[str, str] | None = None) -> Self:
        """Make an answer in the hub's shape of errors."""
        body = json.dumps({"galat": [{"kolom": "", "pesan": message}]}, ensure_ascii=False).encode()
        extra = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        return cls(status, body, [(b"content-type", b"application/json"), *extra])

    @classmethod
    async def of(cls, app: ASGIApp, scope: Scope, receive: Receive) -> Self:
        """Let a route answer, and hold the answer back."""
        answer = cls(500, b"")

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = list(message.get("headers", []))
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")

        await app(scope, receive, keep)
        return answer

    async def send(self, send: Send) -> None:
        """Send it, with the length it has and the label of the simulation."""
        kept = [(name, value) for name, value in self.headers if name.lower() not in _SET_HERE]
        own = [(b"content-length", str(len(self.body)).encode()), (_SET_HERE[1], LABEL[1].encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": [*kept, *own]})
        await send({"type": "http.response.body", "body": self.body})
