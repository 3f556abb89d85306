"""What operators ask of the dispatcher, from `complaints.commands`. Each is noted with what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.receipts import receipt_event
from dispatcher.rendering import CREATE
from dispatcher.routing import APPROVAL, SHADOW
from runtime.bus.protocol import Received
from runtime.clock import Clock
from runtime.delivery.queue import DeliveryQueue
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing
from runtime.store.positions import moves
from runtime.store.statements import chunks
from schemas.events import Command

log = structlog.get_logger()

Handler = Callable[[AsyncConnection, Command, datetime], Awaitable[str]]


class CommandWriter:
    """Obeys commands."""

    def __init__(self, store: Store, queue: DeliveryQueue, clock: Clock) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._handlers: dict[str, Handler] = {
            "replay": self._replay,
            "discard": self._discard,
            "approve": self._approve,
            "pause": self._pause,
            "resume": self._resume,
            "adopt": self._adopt,
        }
        self._events: list[Outgoing] = []

    async def write(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        """Obey a batch, in order; returns the receipts of what was adopted.

        Raises:
            StoreUnavailable: nothing happened.
            PositionMoved: another instance has these records.
        """
        self._events = []
        async with self._store.writing() as connection:
            for record in records:
                now = self._clock()
                command = _read(record)
                outcome = await self._obey(connection, command, now)
                await connection.execute(insert(t.commands), [_history(record, command, outcome, now)])
            await t.positions.advance(connection, moves(records))
            await t.outbox.write(connection, self._events)
        return self._events

    async def _obey(self, connection: AsyncConnection, command: Command | None, now: datetime) -> str:
        if command is None:
            return "unreadable"
        handler = self._handlers.get(command.action)
        return t.NOT_OURS if handler is None else await handler(connection, command, now)

    async def _replay(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        """Try a rejected or parked delivery again, as if for the first time. Asked twice, it goes once."""
        row = await _delivery(connection, command.subject)
        if row is None:
            return "no such delivery here"
        if row.state not in ("rejected", "parked"):
            return f"not rejected or parked: it is {row.state}"
        values: dict[str, Any] = {
            "state": "pending",
            "reason": None,
            "attempts": 0,
            "next_at": now,
            "finished_at": None,
        }
        if row.state == "rejected":
            # The hub has nothing of it, so it may be said anew: from the newest revision, by the present profile.
            values |= {"request": None, "doubt": False}
        await connection.execute(
            update(t.deliveries).where(t.deliveries.c.delivery_id == row.delivery_id).values(**values)
        )
        return "to be sent again"

    async def _discard(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        """Give a delivery up; if it was the complaint itself, what waits behind it, too."""
        row = await _delivery(connection, command.subject)
        if row is None:
            return "no such delivery here"
        if row.state not in ("rejected", "parked", "withheld"):
            return f"only what is rejected, parked or withheld can be discarded: it is {row.state}"
        await connection.execute(
            update(t.deliveries)
            .where(t.deliveries.c.delivery_id == row.delivery_id)
            .values(state="withheld", reason="discarded", finished_at=now)
        )
        if row.kind == CREATE:
            await self._queue.supersede(
                connection, row.destination, [row.subject_id], now, "the complaint itself was discarded"
            )
        return "discarded"

    async def _approve(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        """Let go what waits for it: one delivery, those of one complaint, or `all`."""
        d = t.deliveries.c
        waiting = select(d.delivery_id).where(d.state == "withheld", d.reason.in_((APPROVAL, SHADOW)))
        if command.subject != "all":
            subject = _uuid(command.subject)
            if subject is None:
                return 'the subject is neither an id nor "all"'
            waiting = waiting.where(or_(d.delivery_id == subject, d.subject_id == subject))
        # Everybody locks deliveries in the order of their ids, so that nobody waits in a ring.
        ids = list((await connection.execute(waiting.order_by(d.delivery_id).with_for_update())).scalars())
        await self._queue.turns.give_anew(connection, ids)
        for some in chunks(ids):
            await connection.execute(
                update(t.deliveries)
                .where(d.delivery_id.in_(some))
                .values(state="pending", reason=None, request=None, next_at=now, finished_at=None)
            )
        return f"approved: {len(ids)}" if ids else "nothing of that waits for approval"

    async def _adopt(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        """The hub has it, as a person says who has seen it there: note the hub's number, and never send it."""
        number = (command.target or "").strip()
        if not number:
            return "the hub's number is missing"
        row = await _delivery(connection, command.subject)
        if row is None:
            return "no such delivery here"
        if row.kind != CREATE:
            return f"only a complaint itself has a number of the hub's: this is its {row.kind}"
        if row.state not in ("pending", "parked", "rejected", "withheld"):
            return f"it is {row.state}, which stands"
        await connection.execute(
            update(t.deliveries)
            .where(t.deliveries.c.delivery_id == row.delivery_id)
            .values(state="adopted", reason="seen at the hub by a person", receipt=number, finished_at=now)
        )
        self._events.append(
            receipt_event(row.subject_id, row.destination, number, url=None, at=now, now=now, adopted=True)
        )
        return "adopted"

    async def _pause(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        if not await _knows(connection, command.subject):
            return "no such hub here"
        hub = await self._queue.destination(connection, command.subject)
        await self._queue.keep(connection, replace(hub, paused=command.reason or "paused by an operator"), now)
        return "paused"

    async def _resume(self, connection: AsyncConnection, command: Command, now: datetime) -> str:
        if not await _knows(connection, command.subject):
            return "no such hub here"
        hub = await self._queue.destination(connection, command.subject)
        await self._queue.keep(connection, hub.resumed(), now)
        return "resumed"


async def _delivery(connection: AsyncConnection, subject: str) -> Any | None:  # noqa: ANN401 a row
    delivery_id = _uuid(subject)
    if delivery_id is None:
        return None
    statement = select(t.deliveries).where(t.deliveries.c.delivery_id == delivery_id).with_for_update()
    return (await connection.execute(statement)).one_or_none()


async def _knows(connection: AsyncConnection, hub: str) -> bool:
    return (await connection.execute(select(t.hubs).where(t.hubs.c.destination == hub))).first() is not None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _read(record: Received) -> Command | None:
    try:
        return Command.model_validate_json(record.value)
    except ValidationError:
        log.exception("command_unreadable", partition=record.partition.number, offset=record.offset)
        return None


def _history(record: Received, command: Command | None, outcome: str, now: datetime) -> dict[str, Any]:
    return {
        "partition": record.partition.number,
        "offset": record.offset,
        "event_id": command.event_id if command else UUID(int=0),
        "action": command.action if command else "unreadable",
        "subject": command.subject if command else "",
        "origin": command.origin if command else "unknown",
        "reason": command.reason if command else None,
        "outcome": outcome,
        "at": now,
    }
