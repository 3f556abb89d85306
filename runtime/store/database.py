"""The port between the unit of work and a kind of database, and what both kinds have in common."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine


class DatabaseAway(Exception):
    """The database does not work now; in words that say what to do."""


class Database(Protocol):
    """One kind of database: how it is opened, whose turn it is, what its errors mean."""

    engine: AsyncEngine
    """Its connections."""

    def options(self, *, writing: bool) -> dict[str, object]:
        """Execution options of a connection that begins a transaction which writes, or only reads."""
        ...

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Held by a transaction that writes."""
        ...

    def committed(self) -> None:
        """After a commit.

        Raises:
            DatabaseAway: it went nowhere.
        """
        ...

    def trouble(self, error: DBAPIError | OSError) -> str | None:
        """What to do about an error in words; None when it is a fault of the data."""
        ...
