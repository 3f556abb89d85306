"""Receives the short messages of one source: one login, kept between the rounds.

A message is answered with OK when the log has it, not before; else the SMSC is asked to send it again, and we log out
until the log is back. Of several processes one is logged in: see `connectors.leases`. What may come again is known by
`connectors.smpp.doubts`.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from connectors.acceptance import NOT_NOW, Acceptance
from connectors.cursors import Cursors
from connectors.leases import Lease, LeaseLost, Leases
from connectors.rounds import repeat, rest
from connectors.serving import Rounds
from connectors.smpp.document import fingerprint, items
from connectors.smpp.doubts import Doubts
from connectors.smpp.failures import BindRefused, SmscUnavailable
from connectors.smpp.pdus import Status
from connectors.smpp.session import Arrival, Session, logged_in
from connectors.smpp.settings import PASSWORD, smsc_settings
from connectors.source import MissingSecret, Source
from recipes.inbound import Item
from runtime.fault_points import reached
from runtime.store.engine import StoreUnavailable

_PAUSE = 0.2
"""Seconds between two rounds; doubled each time while the SMSC is away."""
_BATCH = 100
"""Messages that become durable together."""
_BATCHES = 50
"""Batches of one round, so that a busy source gives signs of life."""
_LATE = 5.0
"""Seconds after which the SMSC may have given up waiting for our answer, so that it sends the message again."""
_LOCKED_OUT = 60.0
"""Seconds before another try after a refused login, since some providers lock out who tries often."""
_TROUBLE = (SmscUnavailable, MissingSecret, StoreUnavailable, *NOT_NOW)


class ShortMessageReceiver:
    """Logs in for one source, and takes what is delivered."""

    def __init__(
        self,
        source: Source,
        acceptance: Acceptance,
        cursors: Cursors,
        leases: Leases,
        clock: Callable[[], datetime],
        *,
        wait: float = 0.5,
    ) -> None:
        """Raises `BadSmscSettings` when the source does not describe an account.

        `wait`: seconds that a round waits for a message.
        """
        self._wait = wait
        self.source = source
        self._settings = smsc_settings(source)
        self._acceptance = acceptance
        self._cursors = cursors
        self._leases = leases
        self._clock = clock
        self._session: Session | None = None
        self._lease: Lease | None = None
        self._doubts = Doubts({}, self._settings.again_within)
        self._locked_out = False
        self._stopping = asyncio.Event()
        self._rounds = Rounds(source, acceptance.metrics, self.round, noun="SMSC", trouble=_TROUBLE, room="smpp")

    @property
    def problem(self) -> str | None:
        """Why the SMSC is not served at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Receive until `stopping`. An SMSC that is away is logged, counted, and tried again, at growing intervals."""
        self._stopping = stopping
        try:
            await repeat(self._one, _PAUSE, stopping)
        finally:
            await self.close()

    async def close(self) -> None:
        """Log out. What was not answered with OK is sent again."""
        session, lease, self._session, self._lease = self._session, self._lease, None, None
        if session is None:
            return
        await session.close()
        self._doubts.forget(session.confirmed())
        self._doubts.reopen()
        if lease is not None and self._doubts.changed:
            try:
                await self._save(lease)
            except (LeaseLost, StoreUnavailable):
                return  # what is remembered too long is harmless

    async def round(self) -> int | None:
        """Take what is delivered within a moment. Returns how many messages; None: another process has the source.

        Raises:
            LeaseLost: another process has taken over in the middle.
            BindRefused, SmscUnavailable, MissingSecret: the SMSC does not let us in, is away, or has hung up.
            StoreUnavailable: our own database does not answer.
            BusUnavailable: the log does not; neither do the others of `NOT_NOW`.
        """
        self._locked_out = False
        try:
            lease = await self._leases.hold(self.source.id)
            if lease is None:
                await self.close()
                return None
            return await self._serve(lease)
        except BaseException as error:
            self._locked_out = isinstance(error, BindRefused)
            await self.close()
            raise

    async def _one(self) -> bool:
        went_well = await self._rounds.one()
        if self._locked_out:
            await rest(_LOCKED_OUT, self._stopping)
        return went_well

    async def _serve(self, lease: Lease) -> int:
        session, taken = await self._logged_in(lease), 0
        if session is None:
            return 0
        for _ in range(_BATCHES):
            arrivals = await session.take(_BATCH, self._wait)
            self._doubts.forget(session.confirmed())
            if not arrivals:
                if self._doubts.changed:
                    await self._save(lease)
                break
            taken += await self._take(lease, session, arrivals)
            if self._stopping.is_set() or await self._leases.hold(self.source.id) is not lease:
                break
        return taken

    async def _logged_in(self, lease: Lease) -> Session | None:
        """None when the process stops meanwhile."""
        if self._session is not None and self._lease is lease:
            return self._session
        await self.close()
        self._doubts = Doubts(await self._cursors.load(self.source.id), self._settings.again_within)
        channel, metrics = self.source.channel.recipe.channel, self._acceptance.metrics
        passwords = self.source.live_secrets(PASSWORD)
        opening = asyncio.create_task(
            logged_in(self._settings, passwords, lambda outcome: metrics.received(channel, outcome))
        )
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((opening, stopped), return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                self._session, self._lease = opening.result(), lease
        finally:
            for task in (opening, stopped):
                task.cancel()
            await asyncio.gather(opening, stopped, return_exceptions=True)
        return self._session

    async def _take(self, lease: Lease, session: Session, arrivals: Sequence[Arrival]) -> int:
        names: set[str] = set()
        try:
            found = await asyncio.to_thread(self._items, arrivals)
            named = [self._named(item, index, names) for item, index in found]
            lease.check()
            if names:
                await self._save(lease)  # before they are durable, so that none gets two names
            await self._acceptance.accept(self.source, named)
        except Exception:  # whatever it was, it is raised again
            # Whether the log has them may be unknown. They come again, and are known then.
            self._doubts.reopen(names)
            with suppress(SmscUnavailable):  # then they come again anyway
                await session.answer(arrivals, Status.NOT_NOW)
            raise
        reached("connectors.polled")
        if time.monotonic() - arrivals[0].at > _LATE:
            self._doubts.reopen(names)
        await session.answer(arrivals, Status.OK, names)
        return len(arrivals)

    def _items(self, arrivals: Sequence[Arrival]) -> list[tuple[Item, str]]:
        """The messages and news, each with the index by which it is known again."""
        found = []
        for arrival in arrivals:
            index = self._cursors.index(self.source.id, fingerprint(arrival.pdu))
            found += [(item, index) for item in items(arrival.pdu, self.source, self._settings.alphabet)]
        return found

    def _named(self, item: Item, index: str, names: set[str]) -> Item:
        if item.external_id is not None or item.receipt is not None:
            return item
        name = self._doubts.name(index, self._clock().timestamp())
        names.add(name)
        return replace(item, external_id=name)

    async def _save(self, lease: Lease) -> None:
        await self._cursors.save(lease, self._doubts.to_state(self._clock().timestamp()))
