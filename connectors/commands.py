"""What operators ask of the connectors, from `complaints.commands`: to pause sources, and to resume them.

One process of all reads a command and writes it into the table; every process looks there every few seconds.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.source_table import POSITIONS, SOURCES
from runtime.bus.protocol import Bus, Consumer, Received
from runtime.store.engine import Store
from runtime.store.positions import PositionMoved, moves
from runtime.store.statements import insert_new
from schemas.events import Command
from schemas.topics import COMMANDS

GROUP = f"muara.connectors.{COMMANDS.name}"
_BATCH = 100
_POLL = 0.5
"""Seconds that a look at the log waits for something new."""
_log = structlog.get_logger("muara.connectors.commands")


class Commands:
    """Reads and obeys."""

    def __init__(
        self, bus: Bus, store: Store, sources: frozenset[str], clock: Callable[[], datetime], told: Callable[[], None]
    ) -> None:
        """`told` is called when something changed."""
        self._bus = bus
        self._store = store
        self._sources = sources
        self._clock = clock
        self._told = told
        self._consumer: Consumer | None = None

    async def step(self) -> bool:
        """One look at the log, for `runtime.loops`.

        Raises:
            BusUnavailable: the log cannot be read.
            StoreUnavailable: nothing happened; the same commands come again.
        """
        if self._consumer is None:
            self._consumer = await self._bus.subscribe(
                GROUP, [COMMANDS.name], POSITIONS.source(self._store), POSITIONS.on_gap(self._store)
            )
        consumer = self._consumer
        batch = await consumer.poll(_BATCH, _POLL)
        records = [record for partition in sorted(batch) for record in batch[partition]]
        if not records:
            return True
        try:
            await self._write(records)
        except PositionMoved as moved:
            _log.warning("position moved", reason=str(moved))
            await consumer.rewind()
            return True
        except BaseException:
            await consumer.rewind()
            raise
        await consumer.commit({partition: batch[partition][-1].offset + 1 for partition in batch})
        return True

    async def close(self) -> None:
        """Leave the group."""
        if self._consumer is not None:
            await self._consumer.close()
            self._consumer = None

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
