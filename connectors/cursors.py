"""Where polled sources stand, in the connectors' own tables."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.leases import Lease, LeaseLost
from connectors.tables import CURSORS, SEEN
from runtime.store.engine import Store
from runtime.store.statements import chunks, insert_new

_SEEN = "seen"
"""In the state, how many keys are remembered: ours, whatever else a transport keeps there."""


class Cursors:
    """Cursors of all polled sources, each a JSON object of its transport, and the keys of what was seen there."""

    def __init__(self, store: Store, blind: Callable[[str], str], clock: Callable[[], datetime]) -> None:
        """`blind` gives the index under which a key is kept."""
        self._store = store
        self._blind = blind
        self._clock = clock

    async def load(self, source: str) -> dict[str, Any]:
        """The cursor of a source as it was saved; empty if it was never polled.

        Raises:
            StoreUnavailable: our own database is away.
        """
        async with self._store.reading() as connection:
            row = (await connection.execute(select(CURSORS.c.state).where(CURSORS.c.source == source))).one_or_none()
        return {} if row is None else {name: value for name, value in row.state.items() if name != _SEEN}

    async def unseen(self, source: str, keys: Collection[object]) -> list[object]:
        """Those of the keys that are not remembered, in their order."""
        indexes = {self.index(source, key): key for key in keys}
        async with self._store.reading() as connection:
            known = await self._known(connection, source, keys)
        return [key for index, key in indexes.items() if index not in known]

    async def save(self, lease: Lease, cursor: Mapping[str, Any], keys: Collection[object] = ()) -> None:
        """Move a cursor, and remember keys, together. Only after the log's acknowledgement.

        Raises:
            LeaseLost: another process has taken the source over since; nothing was written.
        """
        source = lease.source
        async with self._store.writing() as connection:
            here = CURSORS.c.source == source
            before = select(CURSORS.c.state, CURSORS.c.token).where(here).with_for_update()
            row = (await connection.execute(before)).one_or_none()
            if row is None or row.token != lease.token:
                lease.lose()
                raise LeaseLost(f'another process has taken source "{source}" over')
            new = {self.index(source, key) for key in keys} - await self._known(connection, source, keys)
            if new:
                await connection.execute(
                    insert_new(connection, SEEN), [{"source": source, "key": index} for index in sorted(new)]
                )
            # Counted beside what is counted, in another table, so that the ledger notices when a row is gone.
            state = {**cursor, _SEEN: (row.state.get(_SEEN) or 0) + len(new)}
            await connection.execute(update(CURSORS).where(here).values(state=state, updated_at=self._clock()))

    def index(self, source: str, key: object) -> str:
        """The index under which a key is kept: it tells nothing of it, and is the same each time."""
        return self._blind(f"{source}\x1f{key}")

    async def _known(self, connection: AsyncConnection, source: str, keys: Collection[object]) -> set[str]:
        """The indexes of those of the keys that are remembered."""
        known: set[str] = set()
        for part in chunks(sorted({self.index(source, key) for key in keys})):
            found = await connection.execute(select(SEEN.c.key).where(SEEN.c.source == source, SEEN.c.key.in_(part)))
            known.update(row.key for row in found)
        return known
