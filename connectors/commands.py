"""What operators ask of the connectors, from `complaints.commands`: to pause sources, and to resume them.

One process of all reads a command and writes it into the table; every process looks there every few seconds.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.source_table import POSITIONS, SOURCES
from runtime.bus.protocol import Bus, Received
from runtime.store.engine import Store
from runtime.store.positions import moves
from runtime.store.reader import LogReader
from runtime.store.statements import insert_new
from schemas.events import Command
from schemas.topics import COMMANDS

GROUP = f"muara.connectors.{COMMANDS.name}"
_BATCH = 100
_log = structlog.get_logger("muara.connectors.commands")


class Commands:
    """Reads and obeys."""

    def __init__(self, bus: Bus, store: Store, sources: frozenset[str], told: Callable[[], None]) -> None:
        """`told` is called when something changed."""
        self._reader = LogReader[None](bus, GROUP, COMMANDS.name, POSITIONS, store, late=True, most=_BATCH)
        self._store = store
        self._sources = sources
        self._told = told

    async def step(self) -> bool:
        """One look at the log, for `runtime.loops`.

        Raises:
            BusUnavailable: the log cannot be read.
            StoreUnavailable: nothing happened; the same commands come again.
        """
        await self._reader.take(self._write)
        return True

    async def close(self) -> None:
        """Leave the group."""
        await self._reader.close()

    async def _write(self, records: Sequence[Received]) -> None:
        done: dict[UUID, tuple[Command, str | None]] = {}
        async with self._store.writing() as connection:
            for command in filter(None, map(_read, records)):
                done[command.event_id] = command, await self._obey(connection, command)
            await POSITIONS.advance(connection, moves(records))
        for command, outcome in done.values():
            if outcome:
                _log.warning(outcome, source=command.subject, by=command.origin, reason=command.reason)
                self._told()

    async def _obey(self, connection: AsyncConnection, command: Command) -> str | None:
        if command.action not in ("pause_source", "resume_source"):
            return None
        if command.subject not in self._sources:
            return "command for a source that is not configured"
        pausing = command.action == "pause_source"
        values: dict[str, Any] = {"paused": None, "paused_at": None}
        if pausing:
            values = {"paused": command.reason or "paused by an operator", "paused_at": command.occurred_at}
        await connection.execute(insert_new(connection, SOURCES), [{"source": command.subject, "habit": {}}])
        await connection.execute(update(SOURCES).where(SOURCES.c.source == command.subject).values(**values))
        return "source paused" if pausing else "source resumed"


def _read(record: Received) -> Command | None:
    try:
        return Command.model_validate_json(record.value)
    except ValidationError as error:
        _log.error(
            "command unreadable",
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None
