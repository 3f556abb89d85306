"""Polls one table. A row is taken once it is visible, however late it committed, and never twice by intent.

Three nets, each for what slips through the one before it:

1. the mark: each round reads what lies beyond it;
2. the overlap: each round also looks again a little behind it, since transactions commit in another order than they
   took their numbers and times;
3. the sweep: at longer intervals all keys are compared with those that were seen.

The mark moves, and rows count as seen, only when the log has them. A crash in between publishes some rows again, under
the same ids, which is harmless. Of several processes one polls: see `connectors.leases`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from connectors.acceptance import NOT_NOW, Acceptance
from connectors.cursors import Cursors
from connectors.leases import Lease, Leases
from connectors.marks import BadMark, Mark, furthest, lowered
from connectors.serving import Rounds
from connectors.source import Source
from connectors.sql.agency import AgencyTable, AgencyUnavailable, TableMisfit, UnreadableRow
from connectors.sql.cursor import Cursor
from connectors.sql.settings import database_url, table_settings
from recipes.inbound import Inbound, Item
from runtime.fault_points import reached
from runtime.store.engine import StoreUnavailable

_JSON = "application/json"
_TROUBLE = (AgencyUnavailable, TableMisfit, BadMark, StoreUnavailable, *NOT_NOW)
_log = structlog.get_logger("muara.connectors.sql")


class TablePoller:
    """Polls the table of one source."""

    def __init__(
        self,
        source: Source,
        acceptance: Acceptance,
        cursors: Cursors,
        leases: Leases,
        clock: Callable[[], datetime],
    ) -> None:
        """Raises `BadTableSettings` when the source does not describe a table."""
        self.source = source
        self._settings = table_settings(source)
        self._table = AgencyTable(database_url(source), self._settings, source.zone)
        self._acceptance = acceptance
        self._cursors = cursors
        self._leases = leases
        self._clock = clock
        self._rounds = Rounds(source, acceptance.metrics, self.round, noun="table", trouble=_TROUBLE, room="sql")

    @property
    def problem(self) -> str | None:
        """Why the table is not served at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until `stopping`. A database that is away is logged, counted, and tried again, at growing intervals."""
        await self._rounds.run(self._settings.interval, stopping)

    async def round(self) -> int | None:
        """One round: a sweep if one is due, and whatever is new. Returns how many rows were taken; None: another
        process polls this table.

        Raises:
            LeaseLost: another process has taken over in the middle.
            AgencyUnavailable: the agency's database does not answer.
            TableMisfit: its table is not as the settings say.
            BadMark: the mark's column is no mark.
            StoreUnavailable: our own database does not answer.
            BusUnavailable: the log does not; neither do the others of `NOT_NOW`.
        """
        lease = await self._leases.hold(self.source.id)
        if lease is None:
            return None
        cursor = Cursor.from_state(await self._cursors.load(self.source.id))
        if cursor.swept_at is None and self._settings.start == "now":
            await self._sweep(lease, cursor, take=False)
            return 0
        taken = await self._poll(lease, cursor)
        cursor = Cursor.from_state(await self._cursors.load(self.source.id))
        if cursor.swept_at is None or (self._clock() - cursor.swept_at).total_seconds() >= self._settings.sweep_every:
            taken += await self._sweep(lease, cursor, take=True)
        return taken

    async def close(self) -> None:
        """Give back what is held."""
        await self._table.close()

    async def _poll(self, lease: Lease, cursor: Cursor) -> int:
        settings, taken, after = self._settings, 0, None
        low = None
        if cursor.mark is not None:
            low = lowered(cursor.mark, settings.overlap_seconds, settings.overlap_numbers)
        while page := await self._table.newer(low, after, settings.batch):
            after = page[-1]
            moved = replace(cursor, mark=self._moved(cursor.mark, [mark for mark, _ in page]))
            count = await self._take(lease, [key for _, key in page], moved, unmoved=moved == cursor)
            taken, cursor = taken + count, moved
            if len(page) < settings.batch:
                break
        return taken

    async def _sweep(self, lease: Lease, cursor: Cursor, *, take: bool) -> int:
        taken, after = 0, None
        while keys := await self._table.keys(after, self._settings.batch):
            after = keys[-1]
            if take:
                taken += await self._take(lease, keys, cursor, unmoved=True)
            else:
                await self._cursors.save(lease, cursor.to_state(), keys)
        if nameless := await self._table.without_key():
            _log.error("rows without a key are not read", source=self.source.id, rows=nameless)
        await self._cursors.save(lease, replace(cursor, swept_at=self._clock()).to_state())
        if taken:
            _log.warning("the sweep found rows that every round had missed", source=self.source.id, rows=taken)
        return taken

    async def _take(self, lease: Lease, keys: Sequence[object], cursor: Cursor, *, unmoved: bool) -> int:
        """Publish the rows among these that are not on the log yet, then move the cursor."""
        unseen = await self._cursors.unseen(self.source.id, keys)
        rows = await self._table.rows(unseen) if unseen else {}
        present = [key for key in unseen if key in rows]
        if present:
            items = await asyncio.to_thread(self._items, [(key, rows[key]) for key in present])
            lease.check()
            await self._acceptance.accept(
                self.source,
                items,
                historical=self._settings.historical,
                provenance=[self._settings.table] * len(items),
            )
        if present or not unmoved:
            reached("connectors.polled")
            await self._cursors.save(lease, cursor.to_state(), present)
            reached("connectors.cursor_saved")
        return len(present)

    def _items(self, rows: Sequence[tuple[object, bytes | UnreadableRow]]) -> list[Item]:
        return [item for key, payload in rows for item in self._named(key, payload)]

    def _named(self, key: object, payload: bytes | UnreadableRow) -> list[Item]:
        if isinstance(payload, UnreadableRow):
            return [Item(b"{}", _JSON, external_id=f"row:{key}", defect=str(payload))]
        items = self.source.channel.split(Inbound(payload, _JSON), zone=self.source.zone)
        # A row always has a name, even if its recipe finds none: it may be read again after a crash.
        return [
            item if item.external_id is not None else replace(item, external_id=f"row:{key}:{index}")
            for index, item in enumerate(items)
        ]

    def _moved(self, current: Mark | None, found: Sequence[Mark]) -> Mark | None:
        """The furthest mark of a page; those that lie in the future by mistake stand at its end."""
        now = self._clock()
        for mark in found:
            current = furthest(current, mark, now, self.source.zone)
        return current
