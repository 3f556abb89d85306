"""Deliveries in the database: claimed in order under a lease, finished by whoever still holds it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Select, Table, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.delivery.circuit import Destination
from runtime.delivery.outcomes import Delivery, State
from runtime.delivery.turns import Turns
from runtime.store.statements import chunks, insert_new

_UNDER_WAY = ("pending", "leased")
"""While an earlier delivery is one of these, no later one of its subject and destination goes out."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a leased delivery."""

    delivery: Delivery
    state: State
    reason: str | None = None
    attempts: int = 0
    doubt: bool = False
    next_at: datetime | None = None
    answer: str | None = None
    receipt: str | None = None
    url: str | None = None


class DeliveryQueue:
    """The statements on one pair of tables. The caller owns the transactions."""

    def __init__(self, deliveries: Table, destinations: Table, *, loose: Collection[str] = ()) -> None:
        """`loose`: kinds of which a parked one holds up nothing that comes after it."""
        self.table = deliveries
        self._loose = tuple(loose)
        self.destinations = destinations
        self.turns = Turns(deliveries, destinations)

    async def add(self, connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
        """Put deliveries in: `delivery_id`, `subject_id`, `destination`, `kind`, `sequence`, `state`, `created_at`;
        `share`: whose it is, and `urgent`: whether it goes before all others.
        """
        if not rows:
            return
        defaults = dict.fromkeys(
            ("reason", "lease_token", "lease_until", "fingerprint", "request", "answer", "receipt", "url")
        )
        turns = await self.turns.give(connection, rows)
        whole = [
            {"attempts": 0, "doubt": False, "next_at": row["created_at"], "finished_at": None, **defaults, **row}
            | {"turn": turn}
            for row, turn in zip(rows, turns, strict=True)
        ]
        for row in whole:
            del row["urgent"]
        await connection.execute(insert(self.table), whole)

    async def know(self, connection: AsyncConnection, names: Sequence[str], now: datetime) -> None:
        """Make sure that destinations have rows."""
        rows = [{"destination": name, "failures": 0, "changed_at": now} for name in names]
        if rows:
            await connection.execute(insert_new(connection, self.destinations), rows)

    async def destination(self, connection: AsyncConnection, name: str, *, lock: bool = True) -> Destination:
        """A destination's row."""
        statement = select(self.destinations).where(self.destinations.c.destination == name)
        if lock:
            statement = statement.with_for_update()
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return Destination(name)
        return Destination(
            name, row.stopped, row.paused, row.failures, row.open_until, row.wait_until, row.turn, row.paced_until
        )

    async def keep(self, connection: AsyncConnection, destination: Destination, now: datetime) -> None:
        """Write a destination's row."""
        await connection.execute(
            update(self.destinations)
            .where(self.destinations.c.destination == destination.name)
            .values(
                stopped=destination.stopped,
                paused=destination.paused,
                failures=destination.failures,
                open_until=destination.open_until,
                wait_until=destination.wait_until,
                turn=destination.turn,
                paced_until=destination.paced_until,
                changed_at=now,
            )
        )

    async def release(
        self, connection: AsyncConnection, name: str, now: datetime, settle: Mapping[str, timedelta], *, all_: bool
    ) -> int:
        """Take back leases whose holders are gone: what they sent is unknown. `settle`: kind → time until it shows.

        `all_` takes back those that have not ended, too: for a process that knows that it is alone.
        """
        c = self.table.c
        released = 0
        for kind, wait in settle.items():
            held = select(c.delivery_id).where(c.destination == name, c.state == "leased", c.kind == kind)
            ids = await self._lock(connection, held if all_ else held.where(c.lease_until <= now))
            for some in chunks(ids):
                await connection.execute(
                    update(self.table)
                    .where(c.delivery_id.in_(some))
                    .values(
                        state="pending",
                        doubt=True,
                        attempts=c.attempts + 1,
                        next_at=now + wait,
                        reason="whoever was sending it stopped before the answer came",
                        lease_token=None,
                        lease_until=None,
                    )
                )
            released += len(ids)
        return released

    async def _lock(self, connection: AsyncConnection, chosen: Select[UUID]) -> list[UUID]:
        """Everybody locks deliveries in the order of their ids, so that nobody waits in a ring."""
        ordered = chosen.order_by(self.table.c.delivery_id).with_for_update()
        return [delivery_id for (delivery_id,) in await connection.execute(ordered)]

    async def anything(
        self, connection: AsyncConnection, name: str, now: datetime, *, state: Literal["pending", "leased"]
    ) -> bool:
        """Whether something is due, or has an ended lease: a look that takes no lock."""
        c = self.table.c
        due = c.next_at <= now if state == "pending" else c.lease_until <= now
        statement = select(c.delivery_id).where(c.destination == name, c.state == state, due).limit(1)
        return (await connection.execute(statement)).first() is not None

    async def leased(self, connection: AsyncConnection, name: str) -> int:
        """Deliveries to a destination that are being sent, by whomever."""
        statement = select(func.count()).where(self.table.c.destination == name, self.table.c.state == "leased")
        return int((await connection.execute(statement)).scalar_one())

    async def claim(
        self, connection: AsyncConnection, name: str, now: datetime, limit: int, lease: timedelta
    ) -> list[Delivery]:
        """Lease what is due, the lowest turn first, and of each subject at most its first unfinished delivery."""
        if limit <= 0:
            return []
        c, earlier = self.table.c, self.table.alias("earlier")
        blocked = exists().where(
            earlier.c.subject_id == c.subject_id,
            earlier.c.destination == c.destination,
            earlier.c.sequence < c.sequence,
            or_(earlier.c.state.in_(_UNDER_WAY), and_(earlier.c.state == "parked", earlier.c.kind.not_in(self._loose))),
        )
        rows = (
            await connection.execute(
                select(self.table)
                .where(c.destination == name, c.state == "pending", c.next_at <= now, ~blocked)
                .order_by(c.turn, c.created_at)
                .limit(limit)
                .with_for_update(skip_locked=True, of=self.table)
            )
        ).all()
        token = str(uuid4())
        for some in chunks([row.delivery_id for row in rows]):
            await connection.execute(
                update(self.table)
                .where(c.delivery_id.in_(some))
                .values(state="leased", lease_token=token, lease_until=now + lease)
            )
        return [_delivery(row, token) for row in rows]

    async def freeze(self, connection: AsyncConnection, requests: Mapping[UUID, tuple[str, str | None]]) -> None:
        """Keep what is sent (sealed) and its fingerprint, for deliveries that were rendered just now."""
        rows = [{"id_": key, "request_": request, "mark_": mark} for key, (request, mark) in requests.items()]
        if rows:
            statement = update(self.table).where(self.table.c.delivery_id == bindparam("id_"))
            await connection.execute(
                statement.values(request=bindparam("request_"), fingerprint=bindparam("mark_")), rows
            )

    async def finish(self, connection: AsyncConnection, changes: Sequence[Change], now: datetime) -> list[Change]:
        """Write what became of leased deliveries; returns those whose lease we still held."""
        c = self.table.c
        leases: dict[UUID, Any] = {}
        for some in chunks(sorted(change.delivery.delivery_id for change in changes)):
            rows = await connection.execute(
                select(c.delivery_id, c.lease_token, c.next_at, c.answer, c.receipt, c.url)
                .where(c.delivery_id.in_(some), c.state == "leased")
                .order_by(c.delivery_id)
                .with_for_update()
            )
            leases |= {row.delivery_id: row for row in rows}
        held = [each for each in changes if _holds(each.delivery, leases.get(each.delivery.delivery_id))]
        if held:
            written = [_written(change, leases[change.delivery.delivery_id], now) for change in held]
            await connection.execute(
                update(self.table)
                .where(c.delivery_id == bindparam("id_"))
                .values(lease_token=None, lease_until=None, **{name: bindparam(f"{name}_") for name in _FINISHED}),
                written,
            )
        return held

    async def supersede(
        self, connection: AsyncConnection, name: str, subjects: Sequence[UUID], now: datetime, reason: str
    ) -> None:
        """Give up what waits for these subjects and was never tried: something else says it all."""
        c = self.table.c
        for some in chunks(subjects):
            waiting = select(c.delivery_id).where(
                c.destination == name, c.subject_id.in_(some), c.state == "pending", c.request.is_(None)
            )
            for ids in chunks(await self._lock(connection, waiting)):
                await connection.execute(
                    update(self.table)
                    .where(c.delivery_id.in_(ids))
                    .values(state="superseded", reason=reason, finished_at=now)
                )


def _delivery(row: Any, token: str) -> Delivery:  # noqa: ANN401 a row
    return Delivery(
        row.delivery_id, row.subject_id, row.destination, row.kind, row.sequence, row.attempts, row.doubt, token,
        row.request, row.created_at, row.turn,
    )  # fmt: skip


_FINISHED = ("state", "reason", "attempts", "doubt", "next_at", "answer", "receipt", "url", "finished_at")


def _holds(delivery: Delivery, row: Any | None) -> bool:  # noqa: ANN401 a row
    return row is not None and row.lease_token == delivery.token


def _written(change: Change, row: Any, now: datetime) -> dict[str, Any]:  # noqa: ANN401 a row
    """The values of one row; what the change does not name stays."""
    kept = {name: getattr(change, name) or getattr(row, name) for name in ("next_at", "answer", "receipt", "url")}
    return {
        "id_": change.delivery.delivery_id,
        "state_": change.state,
        "reason_": change.reason,
        "attempts_": change.attempts,
        "doubt_": change.doubt,
        "finished_at_": None if change.state == "pending" else now,
        **{f"{name}_": value for name, value in kept.items()},
    }
