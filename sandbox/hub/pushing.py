"""The hub tells its changes by itself: it posts them to whoever asked for it, until they are taken.

ASSUMPTION, as everything about this interface: one request holds changes as `GET /perubahan` lists them, signed with
HMAC-SHA256 over the body, in hexadecimal digits, in `X-Simulasi-Tanda: sha256=…`.
"""

import asyncio
import hmac
import json
import logging
import sqlite3

import httpx

from sandbox.hub import lookups
from sandbox.hub.behaviour import Behaviour, Misbehaviour
from sandbox.hub.database import Database, DatabaseUnavailable

SIGNATURE = "X-Simulasi-Tanda"
_LIMIT = 200
_BUSY, _IDLE = 0.05, 0.25
"""Seconds between two looks for news, while somebody wants to be told, and while nobody does."""
_AGAIN = 0.3
"""Seconds until what was not taken is posted again."""
_LOG = logging.getLogger(__name__)


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers of a request with this body."""
    mark = hmac.digest(secret.encode(), body, "sha256").hex()
    return {"Content-Type": "application/json", SIGNATURE: f"sha256={mark}"}


class Pusher:
    """Posts changes as `Behaviour` says. How far it came is in the database, so that a restart forgets none."""

    def __init__(self, database: Database, misbehaviour: Misbehaviour) -> None:
        self._database = database
        self._misbehaviour = misbehaviour

    async def run(self) -> None:
        """For ever."""
        # Plain HTTP on one machine: reading certificates would only take time.
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=10) as http:  # noqa: S501
            while True:
                behaviour = self._misbehaviour.behaviour
                try:
                    taken = behaviour.push_to is None or await self._step(http, behaviour)
                except (DatabaseUnavailable, httpx.HTTPError) as error:
                    _LOG.warning("changes could not be posted (%s); they are posted again", type(error).__name__)
                    taken = False
                await asyncio.sleep((_BUSY if behaviour.push_to else _IDLE) if taken else _AGAIN)

    async def _step(self, http: httpx.AsyncClient, behaviour: Behaviour) -> bool:
        """Post what is new; says whether all of it was taken."""
        since = await self._database.run(_position)
        found = await self._database.run(lambda connection: lookups.changes(connection, since, _LIMIT))
        changes = [change.model_dump(mode="json") for change in found.perubahan]
        if not changes:
            return True
        requests = [[change] for change in reversed(changes)] if behaviour.push_backwards else [changes]
        for request in requests:
            body = json.dumps({"perubahan": request}).encode()
            headers = signed(body, behaviour.push_secret)
            for _ in range(2 if behaviour.push_twice else 1):
                answer = await http.post(behaviour.push_to or "", content=body, headers=headers)
                if not answer.is_success:
                    _LOG.warning("changes were answered %s; they are posted again", answer.status_code)
                    return False
        reached = changes[-1]["nomor"]
        await self._database.run(lambda connection: _move(connection, reached))
        return True


def _position(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM settings WHERE name = 'pushed'").fetchone()
    return int(row["value"]) if row else 0


def _move(connection: sqlite3.Connection, reached: int) -> None:
    connection.execute("INSERT OR REPLACE INTO settings VALUES ('pushed', ?)", (str(reached),))
