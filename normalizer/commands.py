"""What operators ask of the normalizer, from `complaints.commands`. Each is noted with what came of it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.categorizing import Categorizing
from normalizer.dedup.index import CandidateIndex
from normalizer.parts import storable
from normalizer.replaying import discard, replay
from normalizer.splitting import Splitter
from normalizer.verdicts import Verdicts
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from schemas.events import Command

log = structlog.get_logger()

Handler = Callable[[AsyncConnection, Command, UUID, datetime], Awaitable[tuple[str, Sequence[Outgoing]]]]


class CommandWriter:
    """Obeys commands."""

    def __init__(
        self, store: Store, index: CandidateIndex, sealing: Sealing, topics: Collection[str], clock: Clock
    ) -> None:
        """`topics`: the keys of the categories that there are."""
        self._store = store
        self._clock = clock
        verdicts = Verdicts(index, Splitter(sealing))
        self._categorizing = Categorizing(sealing, topics)
        self._handlers: dict[str, Handler] = {
            "replay": replay,
            "discard": discard,
            "merge": verdicts.merge,
            "link": verdicts.link,
            "dismiss": verdicts.dismiss,
            "undo": verdicts.undo,
        }

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Obey a batch, in order; returns what is to be published.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        outgoing: list[Outgoing] = []
        async with self._store.writing() as connection:
            await t.positions.advance(connection, moves(records))
            for record in records:
                now = self._clock()
                command = _read(record)
                outcome, events = await self._obey(connection, command, now)
                outgoing += events
                await connection.execute(insert(t.commands), [_history(record, command, outcome, now)])
            await t.outbox.write(connection, outgoing)
        return outgoing

    async def _obey(
        self, connection: AsyncConnection, command: Command | None, now: datetime
    ) -> tuple[str, Sequence[Outgoing]]:
        if command is None:
            return "unreadable", ()
        asked = select(func.count()).select_from(t.commands).where(t.commands.c.event_id == command.event_id)
        if (await connection.execute(asked)).scalar_one():
            return "the same command as before", ()
        handler = self._handlers.get(command.action)
        if handler is None:
            return "not for the normalizer", ()
        try:
            subject = UUID(command.subject)
        except ValueError:
            return "the subject is no id", ()
        if command.action == "dismiss" and command.category is not None:
            return await self._categorizing.set(connection, command.category, subject, now), ()
        return await handler(connection, command, subject, now)


def _read(record: Received) -> Command | None:
    try:
        return Command.model_validate_json(record.value)
    except ValidationError as error:
        log.error(  # noqa: TRY400 a traceback would quote what was written
            "command_unreadable",
            partition=record.partition.number,
            offset=record.offset,
            problems=[problem["type"] for problem in error.errors(include_input=False)],
        )
        return None


def _history(record: Received, command: Command | None, outcome: str, now: datetime) -> dict[str, Any]:
    return {
        "partition": record.partition.number,
        "offset": record.offset,
        "event_id": command.event_id if command else UUID(int=0),
        "action": command.action if command else "unreadable",
        "subject": storable(command.subject) if command else "",
        "origin": command.origin if command else "unknown",
        "reason": storable(command.reason) if command else None,
        "outcome": outcome,
        "at": now,
    }
