"""What became of complaints at the hubs, as the dispatcher's tables tell it. Reads only."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from dispatcher import tables as t
from runtime.store.engine import Store
from runtime.telemetry.story import Step

SERVICE = "dispatcher"
_STATES = {
    "pending": "waits to be sent",
    "leased": "is being sent",
    "rejected": "refused by the hub: `muara dead list`",
    "parked": "nobody can tell whether the hub has it: `muara hubs parked list`",
    "withheld": "not to be sent",
    "adopted": "stood at the hub already",
    "superseded": "a later one says the same and more",
}


async def trace(store: Store, complaints: Collection[UUID]) -> tuple[list[Step], list[str]]:
    """The steps, and in a few words what each hub has of the newest state of each complaint."""
    d, r, n, c = t.deliveries.c, t.routes.c, t.deadlines.c, t.commands.c
    steps: list[Step] = []
    fates: list[str] = []
    async with store.reading() as connection:
        routed = await connection.execute(
            select(r.routed_at, r.complaint_id, r.hub).where(r.complaint_id.in_(complaints)).order_by(r.routed_at)
        )
        steps += [Step(at, SERVICE, f"{hub}: routed", f"complaint {complaint}") for at, complaint, hub in routed]
        sent = await connection.execute(
            select(t.deliveries).where(d.subject_id.in_(complaints)).order_by(d.created_at, d.destination, d.sequence)
        )
        deliveries = []
        for row in sent:
            deliveries.append(str(row.delivery_id))
            number = f"number {row.receipt}" if row.receipt else ""
            tries = f"{row.attempts} tr{'y' if row.attempts == 1 else 'ies'}" if row.attempts else ""
            said = (_STATES.get(row.state), number, tries, row.reason, f"delivery {row.delivery_id}")
            at = row.finished_at or (row.next_at if row.attempts else row.created_at)
            steps.append(
                Step(at, SERVICE, f"{row.destination}: {row.kind} {row.state}", " · ".join(filter(None, said)))
            )
            if row.kind == "create":
                fates.append(f"{row.destination}: {row.state}{f' as {row.receipt}' if row.receipt else ''}")
        asked = await connection.execute(
            select(c.at, c.action, c.subject, c.origin, c.reason, c.outcome)
            .where(c.subject.in_([*deliveries, *map(str, complaints)]))
            .order_by(c.at)
        )
        for at, action, subject, origin, reason, outcome in asked:
            if outcome == t.NOT_OURS:
                continue  # whose it was tells what came of it
            words = " · ".join(filter(None, (subject, origin, reason, outcome)))
            steps.append(Step(at, SERVICE, f"operator: {action}", words))
        timed = await connection.execute(select(t.deadlines).where(n.complaint_id.in_(complaints)).order_by(n.due))
        for row in timed:
            due = f"{row.step} due" if row.step else "no deadline"
            steps.append(Step(row.due, SERVICE, f"{row.hub}: {due}", f"{row.tracking_id} is {row.state}"))
    return steps, fates


async def of_number(store: Store, number: str) -> list[UUID]:
    """The complaints that hubs have under a number."""
    d = t.deliveries.c
    hubs = select(t.hubs.c.destination)  # so that the index, which begins with the hub, is of use
    statement = select(d.subject_id).distinct().where(d.destination.in_(hubs), d.receipt == number)
    async with store.reading() as connection:
        return list((await connection.execute(statement)).scalars())


async def beginning_with(store: Store, lowest: UUID, highest: UUID, *, most: int) -> list[tuple[UUID, UUID]]:
    """Deliveries whose ids lie between two, `most` of them, each with its complaint."""
    d = t.deliveries.c
    statement = select(d.delivery_id, d.subject_id).where(d.delivery_id.between(lowest, highest))
    async with store.reading() as connection:
        rows = await connection.execute(statement.order_by(d.delivery_id).limit(most))
        return [(delivery, complaint) for delivery, complaint in rows]
