"""The normalizer as an arm: from the raw log to published complaints, in a room of its own."""

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

from benchmarks.accepted import SOURCE, sealer, whatsapp
from benchmarks.gate import GatedBus
from benchmarks.pass_through import PassThrough
from benchmarks.services import Room
from normalizer import tables as t
from normalizer.migrations import SERVICE, VERSIONS
from normalizer.service import Normalizer
from normalizer.settling.drafting import Drafter
from normalizer.source import GatherPolicy, SourceView
from runtime.bus.protocol import Record
from runtime.objects.folder import FolderObjects
from runtime.store.engine import Store
from sandbox.city.geography import HOME_REGION
from schemas.ledger import ServiceLedger
from schemas.topics import COMPLAINTS, RAW

TABLES = {SERVICE: VERSIONS}
_COMPARED = "complaints settled = reports to compare with"
"""The check of the books that holds only where duplicates are looked for."""
_LOOK = 0.05
"""Seconds between two looks whether everything is done."""
_PATIENCE = 600.0
"""Seconds after which something is wrong."""


@dataclass(frozen=True, slots=True)
class Normalized:
    """A run."""

    per_second: float
    """Messages a second, from the moment that they could be read to the last event acknowledged."""
    ledger: ServiceLedger
    events: Sequence[bytes]
    """Some of what was published to `complaints`."""


class Normalizing:
    """Runs of one kind; what is large is loaded once."""

    def __init__(self, *, full: bool, folder: FolderObjects) -> None:
        """`full`: understand texts and look for duplicates; else pass all through."""
        self._full = full
        self._objects = folder
        self._sealer = sealer()
        self._drafter = Drafter(self._sealer) if full else PassThrough(self._sealer)
        self._channel = whatsapp()

    async def run(self, room: Room, records: Sequence[Record], *, warm: int, keep: int = 400) -> Normalized:
        """Normalize all records; the clock runs for those after the first `warm`; of the events `keep` are kept.

        Raises:
            RuntimeError: the normalizer cannot work, or its books do not balance.
        """
        await room.bus.publish(RAW.name, records)
        gate = GatedBus(room.bus, RAW.name, keep=keep)
        at_once = GatherPolicy().quiet * 0
        normalizer = Normalizer(
            gate,
            room.store,
            self._sealer,
            self._objects,
            sources={SOURCE: SourceView(self._channel, home=HOME_REGION)},
            registry=CollectorRegistry(),
            gather=GatherPolicy(at_once, at_once, at_once),
            drafter=self._drafter,
            compare=self._full,
        )
        await normalizer.start()
        try:
            gate.opened = warm
            await _settled(gate, room.store, normalizer)
            gc.collect()
            gc.freeze()
            started = time.perf_counter()
            gate.opened = len(records)
            await _settled(gate, room.store, normalizer)
            spent = time.perf_counter() - started
            gc.unfreeze()
            ledger = await normalizer.ledger()
        finally:
            await normalizer.stop()
        spared = set() if self._full else {_COMPARED}
        if wrong := [check.name for check in ledger.checks if not check.holds and check.name not in spared]:
            raise RuntimeError(f"the books of this run do not balance, so it measures nothing: {', '.join(wrong)}")
        return Normalized((len(records) - warm) / spent, ledger, gate.kept.get(COMPLAINTS.name, []))


async def _settled(gate: GatedBus, store: Store, normalizer: Normalizer) -> None:
    """Returns when all that was opened is read, everything has settled, and every event is published."""
    unsettled = select(func.count()).select_from(t.complaints).where(t.complaints.c.settles_at.is_not(None))
    deadline = time.monotonic() + _PATIENCE
    while True:
        if gate.handed >= gate.opened:
            async with store.reading() as connection:
                read = await t.positions.total(connection, RAW.name)
                waiting = int((await connection.execute(unsettled)).scalar_one()) + await t.outbox.waiting(connection)
            if read == gate.opened and not waiting:
                return
        if problems := normalizer.health.problems:
            raise RuntimeError("; ".join(f"{part}: {words}" for part, words in problems.items()))
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done after {_PATIENCE:g} s: {gate.handed} of {gate.opened} records were read")
        await asyncio.sleep(_LOOK)
