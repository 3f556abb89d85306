"""A hub at a tenth of its speed for an hour: memory stays flat, people are told, and all of it arrives in order."""

import gc
import tracemalloc
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from benchmarks.stepped import Works, works
from runtime.bus.protocol import Record
from runtime.delivery.outcomes import Delivered, Delivery, Outcome, Wait
from runtime.store.engine import Store
from schemas.complaint import Complaint, PrivatePart
from schemas.events import ComplaintEvent
from schemas.identity import NAMESPACE, event_id
from schemas.parts import Reporter
from schemas.topics import COMPLAINTS

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yml"
MINUTE = 60.0
A_MINUTE = 4
"""Complaints that come in a minute."""
USUAL, SLOW = 10, 1
"""Reports that the hub takes in a minute."""
TOLD_AFTER = 1800
"""Seconds of age from which the alert's condition is true."""


class Hub:
    """Takes so many a minute, and asks whoever brings more to come again."""

    def __init__(self, plant: Works) -> None:
        self.plant = plant
        self.speed = USUAL
        self.taken: list[Delivery] = []
        self._minute: tuple[int, int] = (0, 0)
        plant.worker._sender.send = self.send  # type: ignore[method-assign]  # the hub's end of the line

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        del frozen
        minute = int(self.plant.clock().timestamp() // MINUTE)
        count = self._minute[1] if self._minute[0] == minute else 0
        if count >= self.speed:
            return Wait("too many at once", timedelta(seconds=MINUTE))
        self._minute = minute, count + 1
        self.taken.append(delivery)
        return Delivered(str(len(self.taken)))


def complaint(plant: Works, name: str, revision: int) -> Complaint:
    complaint_id, now = uuid5(NAMESPACE, name), plant.clock()
    private = PrivatePart(
        title="Lampu mati", text=f"Lampu mati ({name}, {revision})", name="Siti", phone="+6281100000001"
    )
    return Complaint(
        complaint_id=complaint_id,
        revision=revision,
        agency="kota",
        channel="whatsapp_cloud",
        source="wa",
        title="Lampu mati",
        text="Lampu mati",
        reporter=Reporter(name="S***"),
        private=plant.sealer.seal(private.model_dump_json().encode(), subject=str(complaint_id), field="private"),
        sent_at=now,
        received_at=now,
        updated_at=now,
    )


async def publish(plant: Works, complaints: Sequence[Complaint]) -> None:
    records = []
    for each in complaints:
        event = ComplaintEvent(
            event_id=event_id(each.complaint_id, "complaint", each.revision),
            occurred_at=plant.clock(),
            origin="normalizer",
            complaint=each,
        )
        records.append(Record(str(each.complaint_id), event.model_dump_json().encode()))
    await plant.bus.publish(COMPLAINTS.name, records)


async def age(plant: Works) -> float:
    """The metric that the alert looks at."""
    await plant.show()
    metric = plant.dispatcher._metrics.oldest.labels("sp4n")
    return float(metric._value.get())


async def test_a_hub_at_a_tenth_of_its_speed_for_an_hour(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    async with works(tmp_path, store) as plant:
        hub = Hub(plant)
        hub.speed = SLOW
        ages: list[float] = []
        used: list[int] = []
        names: list[str] = []
        tracemalloc.start()
        for minute in range(60):
            new = [f"{minute:02}-{number}" for number in range(A_MINUTE)]
            changed = [names[-1]] if names else []  # one that came a minute ago says more
            await publish(plant, [complaint(plant, n, 1) for n in new] + [complaint(plant, n, 2) for n in changed])
            names += new
            await plant.plan()
            await plant.send()
            ages.append(await age(plant))
            if minute in {29, 59}:
                gc.collect()
                used.append(tracemalloc.get_traced_memory()[0])
            plant.clock.forward(MINUTE)
        tracemalloc.stop()

        # It grows in the tables, and there alone: what half an hour adds is 120 complaints of some 5 kB each.
        assert len(hub.taken) == 60 * SLOW
        assert used[1] - used[0] < 250_000, "the backlog is in memory"
        # The alert's condition became true, and not before its time.
        assert f"muara_delivery_oldest_pending_age_seconds) > {TOLD_AFTER}" in RULES.read_text(encoding="utf-8")
        assert ages[10] < TOLD_AFTER < ages[59]
        assert ages == sorted(ages)

        hub.speed = USUAL
        minutes = 0
        while await plant.dispatcher.unfinished():
            plant.clock.forward(MINUTE)
            await plant.send()
            minutes += 1
            assert minutes < 60, "it does not recover"
        assert await age(plant) == 0
        assert [check.name for check in (await plant.dispatcher.ledger()).checks if not check.holds] == []

        reports = [each for each in hub.taken if each.kind == "create"]
        came = {uuid5(NAMESPACE, name): number // A_MINUTE for number, name in enumerate(names)}
        assert {each.subject_id for each in reports} == came.keys()
        assert len(reports) == len(names), "something was sent twice"
        order = [came[each.subject_id] for each in reports]
        assert order == sorted(order), "who came later went first"
        last: dict[UUID, int] = {}
        for each in hub.taken:
            assert last.get(each.subject_id, 0) < each.sequence
            last[each.subject_id] = each.sequence
    await store.close()
