"""The normalizer as a running service: its consumers, its timers, its sweeper."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from prometheus_client import CollectorRegistry

from normalizer import ledger
from normalizer import tables as t
from normalizer.attaching import MediaWriter
from normalizer.commands import CommandWriter
from normalizer.deadlines import Calendar, DeadlineRules
from normalizer.dedup.history import History
from normalizer.dedup.index import CandidateIndex
from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.scoring import Judge
from normalizer.intake.contents import counted
from normalizer.intake.reading import RawReader
from normalizer.intake.targets import Targets
from normalizer.intake.writing import IntakeWriter
from normalizer.metrics import NormalizerMetrics
from normalizer.origin import settle_origin
from normalizer.settling.cases import Cases
from normalizer.settling.deciding import Decider
from normalizer.settling.documents import Documents
from normalizer.settling.drafting import Drafter
from normalizer.settling.rivals import Rivals
from normalizer.settling.settle import Settler
from normalizer.source import GatherPolicy, SourceView
from normalizer.statuses import StatusWriter
from normalizer.understanding.ruling import Ruling
from normalizer.upkeep import Upkeep
from runtime.bus.protocol import Bus, BusUnavailable, Received
from runtime.clock import Clock, system_clock
from runtime.fault_points import reached
from runtime.loops import Loop
from runtime.objects.protocol import Objects
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.outbox import Outgoing
from runtime.store.reader import LogReader
from runtime.telemetry.health import Health
from schemas.ledger import ServiceLedger
from schemas.topics import COMMANDS, MEDIA, RAW, STATUSES

log = structlog.get_logger()

_BATCH = 500
_UPKEEP = 300.0
"""Seconds between two looks after the search for duplicates."""
_POLL = 0.5
"""Seconds that a consumer waits for news before it looks at its other duties."""


class Normalizer:
    """Everything that the normalizer does, in one process."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        sealing: Sealing,
        objects: Objects,
        *,
        sources: Mapping[str, SourceView],
        registry: CollectorRegistry,
        gather: GatherPolicy | None = None,
        deadlines: DeadlineRules | None = None,
        ruling: Ruling | None = None,
        drafter: Drafter | None = None,
        compare: bool = True,
        clock: Clock = system_clock,
    ) -> None:
        """Connects to nothing yet.

        `drafter`: what understands texts, by default ours with `ruling`. `compare`: look for duplicates among settled
        complaints; without it only redeliveries and the parts of one conversation are told.
        """
        policy = gather or GatherPolicy()
        judge = Judge()
        index = CandidateIndex(t.dedup, keys=KeyMaker(vocabulary=judge.vocabulary), clock=clock)
        history = History(t.words, judge.weights)
        self._bus = bus
        self._store = store
        self._metrics = NormalizerMetrics(registry)
        self._reader = RawReader(sources, sealing, objects)
        self._intake = IntakeWriter(store, sealing, Targets(sources, policy), policy, clock)
        self._drafter = drafter or Drafter(sealing, ruling)
        self._homes = {source.home for source in sources.values()}
        decider = Decider(Cases(sealing), self._drafter, sources, index, judge, compare=compare)
        documents = Documents(sealing, Calendar(deadlines or DeadlineRules()))
        self._settler = Settler(
            store, decider, documents, Rivals(index.maker, judge, sealing), index, clock=clock, history=history
        )
        self._upkeep = Upkeep(store, history, judge, index)
        self._statuses = StatusWriter(store, clock, self._metrics.answered)
        self._commands = CommandWriter(store, index, sealing, self._drafter.topics, clock)
        self._media = MediaWriter(store, sealing, clock)
        self._readers = {
            topic: LogReader[Sequence[Outgoing]](
                bus, f"muara.normalizer.{topic}", topic, t.positions, store, most=_BATCH, wait=_POLL
            )
            for topic in (RAW.name, STATUSES.name, COMMANDS.name, MEDIA.name)
        }
        self._begun = False
        self._publishing: asyncio.Task[None] | None = None
        """Of what the last round wrote, while the next one thinks."""
        self.health = Health()
        self._loops = [
            Loop("normalizer.intake", lambda: self._read(RAW.name, self._take_in), self.health, idle=0),
            Loop("normalizer.settling", self._settle, self.health, idle=0.1),
            Loop("normalizer.statuses", lambda: self._read(STATUSES.name, self._statuses.write), self.health, idle=0),
            Loop("normalizer.commands", lambda: self._read(COMMANDS.name, self._commands.write), self.health, idle=0),
            Loop("normalizer.media", lambda: self._read(MEDIA.name, self._attach), self.health, idle=0),
            Loop("normalizer.sweeper", self._sweep, self.health, idle=2),
            Loop("normalizer.upkeep", self._upkeep.round, self.health, idle=_UPKEEP),
        ]

    async def start(self) -> None:
        """Begin to work."""
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Finish what is in hand, and leave."""
        await asyncio.gather(*(loop.stop() for loop in self._loops))
        for reader in self._readers.values():
            await reader.close()
        try:
            await self._published()  # what stays in the outbox is published by whoever starts next
            await self._upkeep.write()
        except StoreUnavailable as away:
            log.warning("words_not_counted", reason=str(away))

    async def ledger(self) -> ServiceLedger:
        """What the tables say."""
        return await ledger.read(self._store)

    async def _read(self, topic: str, write: Callable[[Sequence[Received]], Awaitable[Sequence[Outgoing]]]) -> bool:
        started = time.monotonic()

        async def written(records: Sequence[Received]) -> Sequence[Outgoing]:
            nonlocal started
            started = time.monotonic()
            events = await write(records)
            reached("normalizer.committed")
            return events

        taken = await self._readers[topic].take(written)
        if taken is not None:
            reached("normalizer.offsets")
            self._note(topic, len(taken.records), time.monotonic() - started)
            await self._publish(taken.written)
        return True

    async def _take_in(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        batch = await self._reader.read(records)
        written = await self._intake.write(batch)
        self._metrics.outcomes("intake", written.outcomes)
        self._metrics.outcomes("attachments", counted(each.outcome for each in batch))
        self._loops[1].wake()
        return written.events

    async def _attach(self, records: Sequence[Received]) -> Sequence[Outgoing]:
        await self._media.write(records)
        self._loops[1].wake()
        return ()

    async def _settle(self) -> bool:
        started = time.monotonic()
        if not self._begun:
            # Elsewhere, since whoever reads from Kafka must not fall silent for seconds.
            await asyncio.to_thread(self._drafter.load, self._homes)
            await settle_origin(self._store, self._bus)
            self._begun = True
        if self._publishing is not None and self._publishing.done():
            await self._published()
        settled = await self._settler.settle()
        if settled is None:
            return False
        reached("normalizer.settled")
        self._metrics.outcomes("settling", settled.outcomes)
        self._note("settling", sum(settled.outcomes.values()), time.monotonic() - started)
        await self._published()
        self._publishing = asyncio.create_task(self._publish(settled.events))
        return settled.postponed == 0 or bool(settled.outcomes)

    async def _publish(self, events: Sequence[Outgoing]) -> None:
        try:
            await t.outbox.publish(self._store, self._bus, events)
        except BusUnavailable as away:
            # They are safe in the outbox; the sweeper brings them when the log is back.
            self.health.problem("normalizer.sweeper", str(away))

    async def _published(self) -> None:
        """Returns when the last round's events are on the log, or known to wait for the sweeper."""
        publishing, self._publishing = self._publishing, None
        if publishing is not None:
            await publishing

    async def _sweep(self) -> bool:
        return await t.outbox.sweep(self._store, self._bus) > 0

    def _note(self, stage: str, records: int, seconds: float) -> None:
        self._metrics.batch.labels(stage).observe(records)
        self._metrics.duration.labels(stage).observe(seconds)
        self._metrics.last_success.labels(stage).set_to_current_time()
