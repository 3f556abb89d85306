"""Where each complaint stands at its hub, and until when: one row for each report, moved by what the hub tells.

A row begins with the hub's receipt (the sweep finds it) or with the first state that the hub tells, whichever comes
first. A state that is older by the hub's clock than the one that is known moves nothing.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher import tables as t
from dispatcher.deadlines import Deadline, DeadlineRules
from dispatcher.rendering import CREATE
from runtime.store.engine import Store
from runtime.store.statements import chunks, insert_returning_new
from schemas.parts import State, Step

_SOME = 500
Place = tuple[datetime, UUID]
"""How far receipts were looked through: when the last one came, and the id of its delivery."""


@dataclass(frozen=True, slots=True)
class Told:
    """A state that a hub told."""

    complaint_id: UUID
    tracking_id: str
    state: State
    at: datetime


@dataclass(frozen=True, slots=True)
class NearDeadline:
    """A deadline that is near or missed."""

    hub: str
    complaint_id: UUID
    tracking_id: str
    state: State
    since: datetime
    step: Step
    due: datetime
    missed: bool


class DeadlineBook:
    """The rows of one hub."""

    def __init__(self, name: str, rules: DeadlineRules) -> None:
        self._name = name
        self._rules = rules

    async def begin(self, store: Store, after: Place | None) -> Place | None:
        """Add rows for some receipts that have none, from a place on; says where to go on when there may be more.

        Rows that exist are left out by a look-up of their ids: joined, a planner that does not know the tables yet
        compares every receipt with every row.
        """
        d, x = t.deliveries.c, t.deadlines.c
        some = (
            select(d.delivery_id, d.subject_id, d.finished_at)
            .where(d.destination == self._name, d.finished_at.is_not(None), d.receipt.is_not(None), d.kind == CREATE)
            .order_by(d.finished_at, d.delivery_id)
            .limit(_SOME)
        )
        if after is not None:
            at, delivery = after
            some = some.where(d.finished_at >= at, (d.finished_at > at) | (d.delivery_id > delivery))
        async with store.reading() as connection:
            found = (await connection.execute(some)).all()
            ids = [row.subject_id for row in found]
            timed = select(x.complaint_id).where(x.hub == self._name, x.complaint_id.in_(ids))
            known = set((await connection.execute(timed)).scalars()) if ids else set()
        missing = [each for each in ids if each not in known]
        if missing:
            async with store.writing() as connection:
                reports = await connection.execute(_reports(self._name).where(d.subject_id.in_(missing)))
                await self._insert(connection, [self._first(row, None) for row in reports])
        return (found[-1].finished_at, found[-1].delivery_id) if len(found) == _SOME else None

    async def move(self, connection: AsyncConnection, told: Iterable[Told]) -> list[tuple[Step, bool]]:
        """Inside the unit of work that makes the states durable. Rows are locked in the order of their ids.

        Returns the steps that ended by it, and whether each was done in time, by the hub's clock.
        """
        ended: list[tuple[Step, bool]] = []
        newest: dict[UUID, Told] = {}
        for each in told:
            if each.complaint_id not in newest or each.at >= newest[each.complaint_id].at:
                newest[each.complaint_id] = each
        d = t.deliveries.c
        for some in chunks(sorted(newest)):
            known = await self._locked(connection, some)
            missing = [each for each in some if each not in known]
            if missing:
                reports = await connection.execute(_reports(self._name).where(d.subject_id.in_(missing)))
                made = await self._insert(connection, [self._first(row, newest[row.subject_id]) for row in reports])
                # Somebody else may have begun one at the same moment, with a state that is older.
                known |= await self._locked(connection, [each for each in missing if each not in made])
            changes = [
                change
                for key, row in known.items()
                if row.since <= newest[key].at and (change := self._change(row, newest[key])) is not None
            ]
            if changes:
                await connection.execute(_MOVE, changes)
            for change in changes:
                row = known[change["id_"]]
                if row.step is not None and (change["step_"], change["due_"]) != (row.step, row.due):
                    ended.append((row.step, change["since_"] <= row.due))
        return ended

    async def _locked(self, connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
        x = t.deadlines.c
        wanted = select(t.deadlines).where(x.hub == self._name, x.complaint_id.in_(ids)).order_by(x.complaint_id)
        return {row.complaint_id: row for row in await connection.execute(wanted.with_for_update())} if ids else {}

    async def _insert(self, connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[UUID]:
        made = {each[0] for each in await insert_returning_new(connection, t.deadlines, rows, "complaint_id")}
        if made:
            await connection.execute(_TIMED, [{"id_": each, "hub_": self._name} for each in made])
        return made

    def _first(self, report: Row[Any], told: Told | None) -> dict[str, Any]:
        document = json.loads(report.document)
        begun = report.finished_at or (told.at if told is not None else report.created_at)
        status = document.get("status") or {}
        state: State = "received"
        since, number = begun, report.receipt
        if status.get("hub") == self._name and status.get("since"):
            state, since = status["state"], datetime.fromisoformat(status["since"])
        if told is not None and (status.get("hub") != self._name or told.at >= since):
            state, since, number = told.state, told.at, told.tracking_id
        facts = {
            "classification": document.get("classification", "pengaduan"),
            "category": (document.get("category") or {}).get("key"),
        }
        kept = {
            "complaint_id": report.subject_id,
            "hub": self._name,
            "tracking_id": number,
            "begun_at": begun,
            "state": state,
            "since": since,
            **facts,
        }
        return kept | _columns(self._rules.deadline(state, since, begun, **facts))

    def _change(self, row: Row[Any], told: Told) -> dict[str, Any] | None:
        if (row.state, row.since) == (told.state, told.at):
            return None  # told again
        deadline = self._rules.deadline(
            told.state, told.at, row.begun_at, classification=row.classification, category=row.category
        )
        columns = _columns(deadline)
        if deadline is not None and (deadline.step, deadline.due) == (row.step, row.due):
            columns |= {"told": row.told, "next_at": row.next_at}  # the same deadline: what was said of it holds
        key = {"id_": row.complaint_id, "hub_": self._name, "state_": told.state, "since_": told.at}
        return key | {f"{name}_": value for name, value in columns.items()}


async def near(store: Store, hub: str | None, now: datetime) -> list[NearDeadline]:
    """Deadlines that are near or missed, the oldest first."""
    x = t.deadlines.c
    wanted: list[ColumnElement[bool]] = [x.step.is_not(None), (x.told != "") | (x.next_at <= now)]
    statement = select(t.deadlines).where(*wanted, *([x.hub == hub] if hub else [])).order_by(x.due, x.complaint_id)
    async with store.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        NearDeadline(r.hub, r.complaint_id, r.tracking_id, r.state, r.since, r.step, r.due, missed=r.due <= now)
        for r in rows
    ]


def _reports(hub: str) -> Select[Any]:
    """What a hub was sent and may be timed: nothing that comes from the past."""
    d, c = t.deliveries.c, t.complaints.c
    return (
        select(d.subject_id, d.receipt, d.finished_at, d.created_at, c.document)
        .join(t.complaints, c.complaint_id == d.subject_id)
        .where(d.destination == hub, d.kind == CREATE, ~c.historical)
    )


def _columns(deadline: Deadline | None) -> dict[str, Any]:
    if deadline is None:
        return {"step": None, "due": None, "next_at": None, "told": ""}
    return {"step": deadline.step, "due": deadline.due, "next_at": deadline.approaching, "told": ""}


_MOVE = (
    update(t.deadlines)
    .where(t.deadlines.c.complaint_id == bindparam("id_"), t.deadlines.c.hub == bindparam("hub_"))
    .values({name: bindparam(f"{name}_") for name in ("state", "since", "step", "due", "next_at", "told")})
)
_TIMED = (
    update(t.routes)
    .where(t.routes.c.complaint_id == bindparam("id_"), t.routes.c.hub == bindparam("hub_"))
    .values(timed=1)
)
