"""One owner for each source that Muara asks by itself, however many processes could ask it.

A lease ends by the database's clock unless it is renewed, and each new one has a higher token. Cursors are written
under the token, so that whoever was asleep while another took over cannot write any more. Its owner also counts the
seconds by itself, and stops before it accepts anything more. What slips through between the two comes twice, under the
same ids.
"""

import asyncio
import math
import time
import uuid
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import BigInteger, ColumnElement, literal_column, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.rounds import rest
from connectors.tables import CURSORS, LEASES
from runtime.store.engine import Store, StoreUnavailable

_NOW = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
}
"""The database's clock in microseconds since the epoch."""
_log = structlog.get_logger("muara.connectors.leases")


class LeaseLost(Exception):
    """The source is not ours any more: another process has it, or may have it by now."""


class Lease:
    """The right to ask one source, for a while."""

    def __init__(self, source: str, token: int, until: float, monotonic: Callable[[], float]) -> None:
        """`until`, in seconds of the monotonic clock, is not later than the end by the database's clock."""
        self.source = source
        self.token = token
        self.until = until
        self._monotonic = monotonic

    @property
    def valid(self) -> bool:
        """Whether it is still ours, as far as we know."""
        return self._monotonic() < self.until

    def check(self) -> None:
        """Before anything is accepted in its name.

        Raises:
            LeaseLost: it has ended.
        """
        if not self.valid:
            raise LeaseLost(f'the lease of source "{self.source}" has ended; another process may have it')

    def lose(self) -> None:
        """It was found to be somebody else's."""
        self.until = -math.inf


class Leases:
    """The leases of one process."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        length: float = 30.0,
        alone: bool = False,
        paused: Callable[[str], bool] = lambda _: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Knows of no lease yet.

        Args:
            store: where the tables are.
            clock: dates the cursors.
            length: seconds without renewal after which a lease ends.
            alone: no other process asks these sources: what a crash left is taken over at once, and nothing is renewed.
                Where that is wrong, the later process wins, and the earlier one's cursors are fenced off.
            paused: whether a source is not to be asked at the moment.
            monotonic: seconds that no change of the clock moves.
        """
        self._store = store
        self._clock = clock
        self._length = length
        self._alone = alone
        self._paused = paused
        self._monotonic = monotonic
        self._owner = str(uuid.uuid4())
        self._held: dict[str, Lease] = {}
        self._not_before: dict[str, float] = {}

    async def hold(self, source: str) -> Lease | None:
        """Our lease of a source: the one we have, or a new one; None while another process has it, or it is paused.

        Raises:
            StoreUnavailable: our own database does not answer.
        """
        if self._paused(source):
            return None
        lease = self._held.get(source)
        if lease is not None and lease.valid:
            return lease
        began = self._monotonic()
        if began < self._not_before.get(source, -math.inf):
            return None
        async with self._store.writing() as connection:
            token = await self._claim(connection, source)
        if token is None:
            self._not_before[source] = self._monotonic() + self._length / 6
            return None
        lease = Lease(source, token, math.inf if self._alone else began + self._length, self._monotonic)
        self._held[source] = lease
        _log.info("serving source", source=source, token=token)
        return lease

    async def renew(self) -> None:
        """Prolong all leases that are still ours.

        Raises:
            StoreUnavailable: our own database does not answer; the leases end when their time has come.
        """
        held = sorted(self._held.items())
        if not held:
            return
        began = self._monotonic()
        lost = []
        async with self._store.writing() as connection:
            for source, lease in held:
                renewed = await connection.execute(
                    update(LEASES)
                    .where(LEASES.c.source == source, LEASES.c.token == lease.token)
                    .values(expires_at=self._end(connection))
                )
                if renewed.rowcount != 1:
                    lost.append(lease)
        for source, lease in held:
            if lease not in lost:
                lease.until = began + self._length
            elif self._held.get(source) is lease:
                lease.lose()
                del self._held[source]
                _log.warning("lease lost", source=source, token=lease.token)

    async def run(self, stopping: asyncio.Event) -> None:
        """Renew until `stopping`. Does nothing for a process that is alone."""
        if self._alone:
            return
        while not stopping.is_set():
            try:
                await self.renew()
            except StoreUnavailable as error:
                _log.warning("leases not renewed", why=str(error))
            await rest(self._length / 3, stopping)

    async def release(self) -> None:
        """Give all leases back, so that others need not wait for their end. After the last round of every source."""
        held, self._held = self._held, {}
        if self._alone or not held:
            return
        try:
            async with self._store.writing() as connection:
                for source, lease in sorted(held.items()):
                    await connection.execute(
                        update(LEASES)
                        .where(LEASES.c.source == source, LEASES.c.token == lease.token)
                        .values(expires_at=_now(connection))
                    )
        except StoreUnavailable as error:
            _log.warning("leases not given back; they end by themselves", why=str(error))

    async def _claim(self, connection: AsyncConnection, source: str) -> int | None:
        """A new token if the source is free, or was ours; written into its cursor in the same transaction."""
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(LEASES).values(source=source, owner=self._owner, token=1, expires_at=self._end(connection))
        free = or_(LEASES.c.expires_at <= _now(connection), LEASES.c.owner == self._owner)
        statement = statement.on_conflict_do_update(
            index_elements=["source"],
            set_={
                "owner": statement.excluded.owner,
                "token": LEASES.c.token + 1,
                "expires_at": statement.excluded.expires_at,
            },
            where=None if self._alone else free,
        )
        token = (await connection.execute(statement.returning(LEASES.c.token))).scalar_one_or_none()
        if token is None:
            return None
        cursor = insert(CURSORS).values(source=source, state={}, updated_at=self._clock(), token=token)
        await connection.execute(
            cursor.on_conflict_do_update(index_elements=["source"], set_={"token": cursor.excluded.token})
        )
        return int(token)

    def _end(self, connection: AsyncConnection) -> ColumnElement[int]:
        return _now(connection) + int(self._length * 1_000_000)


def _now(connection: AsyncConnection) -> ColumnElement[int]:
    return literal_column(_NOW[connection.dialect.name], BigInteger)
