"""Reading: a page of the feed after a cursor, and one complaint."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from portal import tables as t
from portal.cursors import BadCursor, Cursor
from runtime.store.engine import Store, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries are wanted. None: whatever it is."""

    agencies: Collection[str] | None = None
    channels: Collection[str] | None = None
    states: Collection[str] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on the complaints."""
        c = t.complaints.c
        columns = ((c.agency, self.agencies), (c.channel, self.channels), (c.state, self.states))
        return [column.in_(sorted(values)) for column, values in columns if values is not None]


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, and where to go on."""

    documents: Sequence[str]
    next: Cursor
    more: bool
    """There are further entries now; otherwise ask again later, from `next`."""


class Feed:
    """The feed, for readers.

    A complaint stands at the number of its newest revision. A reader gets it once at every state that it finds, never
    an old state after a newer one, and in the end the newest of each.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, after: Cursor | None, limit: int, choice: Choice) -> Page:
        """The next entries, at most `limit`.

        Raises:
            BadCursor: the cursor is not one of this feed's.
            StoreUnavailable: the database does not work.
        """
        async with self._store.reading() as connection:
            # Before the entries: whatever was there at this moment is in what is read next, on every database.
            name, last = await _counter(connection)
            start = _start(after, name, last)
            c = t.complaints.c
            statement = (
                select(c.seq, c.document).where(c.seq > start, *choice.conditions()).order_by(c.seq).limit(limit + 1)
            )
            rows = (await connection.execute(statement)).all()
        page = rows[:limit]
        if len(rows) > limit:
            return Page([document for _, document in page], Cursor(name, page[-1][0]), more=True)
        end = max(last, *(seq for seq, _ in page), start)
        return Page([document for _, document in page], Cursor(name, end), more=False)

    async def one(self, complaint_id: UUID, agencies: Collection[str] | None) -> str | None:
        """A complaint's newest document; None when there is none, or it belongs to an agency out of sight.

        Raises:
            StoreUnavailable: the database does not work.
        """
        c = t.complaints.c
        statement = select(c.document).where(c.complaint_id == complaint_id)
        if agencies is not None:
            statement = statement.where(c.agency.in_(sorted(agencies)))
        async with self._store.reading() as connection:
            return (await connection.execute(statement)).scalar_one_or_none()

    async def length(self) -> int:
        """How many entries the feed has.

        Raises:
            StoreUnavailable: the database does not work.
        """
        async with self._store.reading() as connection:
            return (await _counter(connection))[1]


def _start(after: Cursor | None, name: str, last: int) -> int:
    if after is None:
        return 0
    if after.feed != name:
        raise BadCursor("the cursor belongs to another feed")
    if after.seq > last:
        # The database was restored from a backup: its numbers will be given again, to other entries.
        raise BadCursor("the cursor is ahead of this feed, which was restored from a backup")
    return after.seq


async def _counter(connection: AsyncConnection) -> tuple[str, int]:
    row = (await connection.execute(select(t.counter.c.feed, t.counter.c.last).where(t.counter.c.id == 1))).first()
    if row is None:
        raise StoreUnavailable("the feed's counter is gone from the database: restore the database from a backup")
    return row.feed, row.last
