"""What is true in the end: the ledger, what the city and the driver sent, and the hub's own table and log."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select

import dispatcher.tables
from muara.audit import Audit, audit
from muara.config import load_config
from muara.demonstration.results import found_messages
from muara.ground import Ground, open_books, open_ground
from muara.home import Home
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import StoreUnavailable
from sandbox.city.truth import Key
from sandbox.hub.answers import RequestLine
from sandbox.hub.server import HubSimulation
from tests.outside import Place


@dataclass
class Verdict:
    """What was found."""

    audit: Audit
    missing: list[Key] = field(default_factory=list)
    """What was sent and is nowhere."""
    doubled: int = 0
    problems: list[str] = field(default_factory=list)


async def rest(place: Place, *, patience: float = 240.0) -> Audit:
    """Wait until nothing is in flight any more and nothing is added; the last ledger, whatever it says, at the end."""
    deadline = time.monotonic() + patience
    before = -1
    async with open_books(Home(place.home), load_config(place.home)) as books:
        while True:
            try:
                found = await audit(books)
            except (StoreUnavailable, BusUnavailable):
                if time.monotonic() > deadline:
                    raise
            else:
                calm = found.terms["in_flight"] == 0 and found.terms["received"] == before
                before = found.terms["received"]
                if calm or time.monotonic() > deadline:
                    return found
            await asyncio.sleep(0.7)


async def judge(place: Place, hub: HubSimulation, sent: Collection[Key]) -> Verdict:
    """Compare everything. All services have come to rest."""
    with patch.dict("os.environ", place.scene.secrets):
        async with open_ground(Home(place.home), load_config(place.home)) as ground:
            verdict = Verdict(await audit(ground))
            found = await found_messages(ground)
            verdict.missing = [key for key in sent if key not in found]
            await _compare(ground, hub, verdict)
    ledger = verdict.audit
    if not ledger.balanced:
        verdict.problems += [ledger.line(), *ledger.faults, *(str(check) for check in ledger.checks if not check.holds)]
    return verdict


async def _compare(ground: Ground, hub: HubSimulation, verdict: Verdict) -> None:
    d = dispatcher.tables.deliveries.c
    async with ground.store.reading() as connection:
        rows = (
            await connection.execute(
                select(d.delivery_id, d.subject_id, d.kind, d.state, d.sequence, d.receipt).order_by(
                    d.subject_id, d.sequence
                )
            )
        ).all()
    reports = await hub.reports()
    summary = await hub.summary()
    verdict.doubled = max(summary.doubled, verdict.audit.terms["doubled"])
    ours = {(str(row.subject_id), row.receipt) for row in rows if row.kind == "create" and row.state == "delivered"}
    theirs = {(report.referensi, report.tracking_id) for report in reports}
    if only := ours - theirs:
        verdict.problems.append(f"{len(only)} complaints are delivered by our books and unknown to the hub")
    # What waits for a person may be at the hub or not: that is what it waits for.
    parked = {str(row.subject_id) for row in rows if row.kind == "create" and row.state == "parked"}
    if only := {each for each in theirs - ours if each[0] not in parked}:
        verdict.problems.append(f"{len(only)} reports of the hub are not in our books")
    if wrong := out_of_order(await hub.requests(), [(row.subject_id, row.delivery_id) for row in rows]):
        verdict.problems.append(f"the hub got the changes of {wrong} complaints in another order than theirs")


def out_of_order(log: Sequence[RequestLine], deliveries: Sequence[tuple[UUID, UUID]]) -> int:
    """Of how many complaints the hub's log has the deliveries in another order. `deliveries`: complaint and delivery,
    those of a complaint in our order; one that was never sent says nothing.
    """
    first: dict[str, int] = {}
    for line in log:
        if line.idempotency_key and line.method in ("POST", "PATCH") and line.status < 300:
            first.setdefault(line.idempotency_key, line.number)
    last: dict[UUID, int] = {}
    wrong: set[UUID] = set()
    for complaint, delivery in deliveries:
        number = first.get(str(delivery))
        if number is not None:
            if number < last.get(complaint, 0):
                wrong.add(complaint)
            last[complaint] = number
    return len(wrong)
