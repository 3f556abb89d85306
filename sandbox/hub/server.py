"""The simulated hub as a running server, inside a program's event loop or as a process of its own.

SIMULATION: the shape of the interface is our assumption, see the package.
"""

import asyncio
import logging
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fastapi import FastAPI

from sandbox.hub import lookups
from sandbox.hub.answers import Found, RequestLine, StoredReport, Summary
from sandbox.hub.application import DESCRIPTION, Parts, create_app, furnish
from sandbox.hub.behaviour import Behaviour
from sandbox.hub.database import DatabaseUnavailable
from sandbox.hub.pushing import Pusher
from sandbox.listening import Listening

__all__ = ["HubSimulation", "create_app"]

_LOG = logging.getLogger(__name__)
_PAGE = 5000


class HubSimulation:
    """The simulated hub, listening on a real socket.

    ```python
    async with HubSimulation(path, token="...", admin_token="...") as hub:
        ...  # post to f"{hub.url}/api/v1/pengaduan"
        summary = await hub.summary()
    ```

    `port=0` takes a free one and keeps it over `stop()` and `start()`. `advance_every` (seconds) moves the
    clock by one step each time. No signal handlers are installed; stopping lets requests under way finish, for up to
    three seconds. Told so by its behaviour (`push_to`), it posts its changes.
    """

    def __init__(
        self,
        database: Path,
        *,
        token: str,
        admin_token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        behaviour: Behaviour | None = None,
        advance_every: float | None = None,
    ) -> None:
        self._parts = Parts.make(database, seed, behaviour)
        self._app = FastAPI(title="Simulasi SP4N", version="1-asumsi", description=DESCRIPTION)
        furnish(self._app, self._parts, token=token, admin_token=admin_token)
        self._advance_every = advance_every
        self._server = Listening(self._app, host, port)
        self._running = False
        self._ticking: asyncio.Task[None] | None = None
        self._pusher = Pusher(self._parts.database, self._parts.misbehaviour)
        self._pushing: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the hub listens, such as `http://127.0.0.1:41234`; the API is below `/api/v1`."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open the database and listen.

        Raises:
            DatabaseUnavailable: when the database cannot be opened.
            OSError: when the port is taken or may not be used; the message names it.

        """
        self._server.bind()
        try:
            self._parts.database.open()
        except BaseException:
            self._server.release()
            raise
        await self._server.start()
        self._running = True
        self._pushing = asyncio.create_task(self._pusher.run(), name="hub-pushes")
        if self._advance_every is not None:
            self._ticking = asyncio.create_task(self._tick(self._advance_every), name="hub-clock")

    async def stop(self) -> None:
        """Stop listening, finish what is under way, close the database."""
        if not self._running:
            return
        tasks = [task for task in (self._ticking, self._pushing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await self._server.stop()
        await self._parts.database.close()
        self._running, self._ticking, self._pushing = False, None, None

    async def advance(self, steps: int = 1) -> int:
        """Move the clock; return how many changes of state that made."""
        return await self._parts.database.run(lambda c: self._parts.life.advance(c, steps))

    def behave(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of Behaviour
        """Behave as said from the next request on; what is not said is good behaviour.

        Raises:
            pydantic.ValidationError: for a field that `Behaviour` does not know, or a wrong value.

        """
        self._parts.misbehaviour.change(Behaviour.model_validate({"seed": self._parts.life.seed, **changes}))

    @property
    def behaviour(self) -> Behaviour:
        """How the hub behaves now; `next_n` shows what is left."""
        return self._parts.misbehaviour.current

    async def summary(self) -> Summary:
        """Count what the hub holds."""
        return await self._parts.database.run(lookups.summary)

    async def find(self, reference: str) -> list[Found]:
        """Find the reports that carry a sender's reference."""
        return await self._parts.database.run(lambda c: lookups.by_reference(c, reference))

    async def reports(self) -> list[StoredReport]:
        """List all reports as they were sent."""
        found: list[StoredReport] = []
        while True:
            after = int(found[-1].tracking_id) if found else 0
            page = await self._parts.database.run(partial(lookups.stored, after=after, limit=_PAGE))
            if not page:
                return found
            found += page

    async def requests(self) -> list[RequestLine]:
        """List all requests to the API, without bodies."""
        found: list[RequestLine] = []
        while True:
            after = found[-1].number if found else 0
            page = await self._parts.database.run(partial(lookups.request_lines, after=after, limit=_PAGE))
            if not page:
                return found
            found += page

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.advance()
            except DatabaseUnavailable:
                _LOG.exception("the simulated hub's clock could not be moved; it is tried again")
