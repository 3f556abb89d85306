"""Counts instead of seconds: statements, transactions, records, bytes, calls. A slow machine cannot change them."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from runtime.bus.passing import PassingBus
from runtime.bus.protocol import Bus, Record
from runtime.store.engine import Store

_OF_THE_CONNECTION = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")
"""Statements with which a transaction of SQLite begins; they are counted as transactions."""
_BY_TIME = ("asyncio", "concurrent", "selectors.py", "threading.py", "queue.py", "aiosqlite", "uvloop")
"""Whose calls depend on when others answer."""


class Statements:
    """What goes to the database of a store, while it is looked at."""

    def __init__(self, store: Store) -> None:
        self._engine = store._engine.sync_engine  # noqa: SLF001 nobody else listens to what a store says
        self.counts: Counter[str] = Counter()

    @contextmanager
    def counting(self, stage: str) -> Iterator[None]:
        """Count what is asked for within the block, as `statements_STAGE`, `executions_…`, `transactions_…`.

        A statement with many rows is one statement, and as many executions.
        """

        def on_statement(  # noqa: PLR0917 SQLAlchemy's signature
            connection: Any,  # noqa: ANN401 the driver's
            cursor: Any,  # noqa: ANN401 the driver's
            statement: str,
            parameters: Any,  # noqa: ANN401 the driver's
            context: Any,  # noqa: ANN401 the driver's
            many: bool,
        ) -> None:
            del connection, cursor, context
            if not statement.startswith(_OF_THE_CONNECTION):
                self.counts[f"statements_{stage}"] += 1
                self.counts[f"executions_{stage}"] += len(parameters) if many else 1

        def on_end(connection: Any) -> None:  # noqa: ANN401 the driver's
            del connection
            self.counts[f"transactions_{stage}"] += 1

        event.listen(self._engine, "before_cursor_execute", on_statement)
        event.listen(self._engine, "commit", on_end)
        event.listen(self._engine, "rollback", on_end)
        try:
            yield
        finally:
            event.remove(self._engine, "before_cursor_execute", on_statement)
            event.remove(self._engine, "commit", on_end)
            event.remove(self._engine, "rollback", on_end)


class CountingBus(PassingBus):
    """A log that counts what is published to it."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.records: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append, and count keys, values and headers."""
        self.records[topic] += len(records)
        for record in records:
            headers = sum(len(name) + len(value) for name, value in record.headers.items())
            self.bytes[topic] += len(record.key) + len(record.value) + headers
        await super().publish(topic, records)


@contextmanager
def calls(counts: Counter[str], stage: str) -> Iterator[None]:
    """Count calls of functions, Python's and C's, as `calls_STAGE`: of all but those whose number waiting decides."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        found: Mapping[tuple[str, int, str], tuple[int, ...]] = pstats.Stats(profile).stats  # type: ignore[attr-defined] # the stubs lack it
        counts[f"calls_{stage}"] += sum(
            numbers[1] for (file, _, name), numbers in found.items() if not _is_waiting(file, name)
        )


def _is_waiting(file: str, name: str) -> bool:
    parts = Path(file).parts
    return any(word in parts for word in _BY_TIME) or any(word in name for word in ("_asyncio", "lock", "select."))
