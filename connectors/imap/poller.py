"""Reads the mailbox of one source: one connection, in a thread of its own, kept open between the rounds.

A position moves when the log has what lies before it, so that a crash in between publishes some mails again, under the
same ids, which is harmless. Of several processes one reads: see `connectors.leases`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from connectors.acceptance import NOT_NOW, Acceptance
from connectors.cursors import Cursors
from connectors.imap.access import Access, NoAccess
from connectors.imap.connection import Connection
from connectors.imap.failures import LoginRefused, MailboxUnavailable, Refused
from connectors.imap.folder import Folder, Visit
from connectors.imap.position import Position
from connectors.imap.settings import mailbox_settings
from connectors.imap.worker import Worker
from connectors.leases import Lease, Leases
from connectors.rounds import repeat, rest
from connectors.serving import Rounds
from connectors.source import MissingSecret, Source
from runtime.store.engine import StoreUnavailable

_PAUSE = 0.2
"""Seconds between two rounds, where the server tells of new mail; doubled while it is away."""
_LOCKED_OUT = 60.0
"""Seconds before another try after a refused login, since some servers lock out who tries often."""
_GRACE = 3.0
"""Seconds that a stopping process leaves to a call that has begun."""
_TROUBLE = (MailboxUnavailable, Refused, NoAccess, MissingSecret, StoreUnavailable, *NOT_NOW)
_log = structlog.get_logger("muara.connectors.imap")


class MailboxPoller:
    """Reads the folders of one source."""

    def __init__(
        self,
        source: Source,
        acceptance: Acceptance,
        cursors: Cursors,
        leases: Leases,
        clock: Callable[[], datetime],
    ) -> None:
        """Raises `BadMailboxSettings` when the source does not describe a mailbox."""
        self.source = source
        self._settings = settings = mailbox_settings(source)
        self._acceptance = acceptance
        self._cursors = cursors
        self._leases = leases
        self._access = Access(source, settings, clock)
        self._connection: Connection | None = None
        self._worker = Worker(f"imap-{source.id}", self._interrupt, 10 * settings.timeout)
        self._folders = [Folder(name, source, settings, acceptance, self._worker, clock) for name in settings.folders]
        self._rounds = Rounds(source, acceptance.metrics, self._next, noun="mailbox", trouble=_TROUBLE, room="imap")
        self._stopping = asyncio.Event()
        self._waits = False
        self._locked_out = False
        self._deaf = False
        """IDLE was offered and then refused."""
        self._partly: str | None = None
        """What is wrong with single folders."""

    @property
    def problem(self) -> str | None:
        """Why the mailbox is not served at the moment, or not all of it."""
        return self._rounds.problem or self._partly

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until `stopping`. A server that is away is logged, counted, and tried again, at growing intervals."""
        self._stopping = stopping
        hurry = asyncio.create_task(self._hurry(), name=f"imap-hurry-{self.source.id}")
        try:
            await repeat(self._one, _PAUSE, stopping)
        finally:
            hurry.cancel()
            await self.close()

    async def close(self) -> None:
        """Log out."""
        await self._hang_up()
        await self._access.close()
        self._worker.close()

    async def _hurry(self) -> None:
        """Let a call end that would keep a stopping process waiting."""
        await self._stopping.wait()
        await asyncio.sleep(_GRACE)
        self._interrupt()

    async def _one(self) -> bool:
        if await self._rounds.one():
            self._waits = True
            return True
        self._waits = False
        await self._hang_up()
        if self._locked_out:
            await rest(_LOCKED_OUT, self._stopping)
        return False

    async def _next(self) -> int | None:
        """Wait for news, unless it is the first round or the last one failed; then a round."""
        if self._waits:
            await self._wait()
        if self._stopping.is_set():
            return None
        self._locked_out = False
        try:
            return await self.round()
        except LoginRefused:
            self._locked_out = True
            raise

    async def round(self) -> int | None:
        """Read all folders once. Returns how many mails were taken; None: another process reads this mailbox.

        Raises:
            LeaseLost: another process has taken over in the middle.
            LoginRefused, NoAccess, MissingSecret: the server, or who gives out its tokens, does not let us in.
            MailboxUnavailable: the server is away.
            StoreUnavailable: our own database does not answer.
            BusUnavailable: the log does not; neither do the others of `NOT_NOW`.
        """
        lease = await self._leases.hold(self.source.id)
        if lease is None:
            self._partly = None
            await self._hang_up()
            return None
        connection = await self._connected()
        states = dict((await self._cursors.load(self.source.id)).get("folders") or {})
        taken, problems = 0, []
        for folder in self._folders:
            visit = Visit(connection, lease, partial(self._save, lease, states, folder.name), self._go_on(lease))
            state = states.get(folder.name)
            try:
                await folder.read(visit, Position.from_state(state) if state else None)
            except Refused as refusal:
                problems.append(f"{folder.name}: {refusal}")
            taken += visit.taken
        problem = "; ".join(problems) or None
        if problem and problem != self._partly:
            _log.error("folder not served", source=self.source.id, why=problem)
            self._acceptance.metrics.round_failed(self.source.channel.recipe.channel)
        self._partly = problem
        return taken

    async def _connected(self) -> Connection:
        if self._connection is None:
            connection = Connection(self._settings)
            await self._access.let_in(lambda secret: self._worker.call(self._open, connection, secret))
        if self._connection is None:
            raise MailboxUnavailable(f"the connection to {self._settings.server} was cut")
        return self._connection

    def _open(self, connection: Connection, secret: str) -> None:
        self._connection = connection
        try:
            connection.open(secret)
        except BaseException:
            self._connection = None
            connection.close()
            raise

    async def _save(self, lease: Lease, states: dict[str, Any], folder: str, position: Position) -> None:
        states[folder] = position.to_state()
        await self._cursors.save(lease, {"folders": states})

    async def _wait(self) -> None:
        """Until there is news, or it is time to look by ourselves."""
        settings, first = self._settings, self._folders[0].name
        lease = await self._leases.hold(self.source.id)
        connection = self._connection
        if (
            lease is None
            or connection is None
            or self._partly
            or self._deaf
            or not settings.idle
            or not connection.can_idle
        ):
            await rest(settings.interval, self._stopping)
            return
        seconds = settings.renew
        if len(self._folders) > 1:
            seconds = min(seconds, settings.interval)
            await self._worker.call(connection.select, first, changing=settings.after != "keep")
            state = (await self._cursors.load(self.source.id)).get("folders", {}).get(first)
            if state and await self._worker.call(connection.newer, state["uid"]):
                return  # it came while the others were read
        try:
            await self._worker.call(connection.wait, seconds, self._go_on(lease))
        except Refused as refusal:
            self._deaf = True
            _log.warning("no news from the server; it is asked at intervals", source=self.source.id, why=str(refusal))

    def _go_on(self, lease: Lease) -> Callable[[], bool]:
        return lambda: lease.valid and not self._stopping.is_set()

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._worker.call(connection.close)

    def _interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()
