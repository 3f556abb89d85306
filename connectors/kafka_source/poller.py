"""Reads the topic of one source: one connection, kept open between the rounds.

A position moves when the log has what lies before it, so that a crash in between publishes some records again, under
the same ids, which is harmless. Of several processes one reads: see `connectors.leases`. What the agency's brokers
have removed before we came is a loss, which is told and counted. Reading begins at the last record that was taken: in a
topic that was made anew, another one stands there.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog

from connectors.acceptance import NOT_NOW, Acceptance
from connectors.cursors import Cursors
from connectors.kafka_source.cursor import Cursor, Mark, Place
from connectors.kafka_source.records import TopicRecord, items
from connectors.kafka_source.settings import cluster, topic_settings
from connectors.kafka_source.topic import AgencyTopic, Bounds, OutOfReach, TopicUnavailable
from connectors.leases import Lease, Leases
from connectors.serving import Rounds
from connectors.source import Source
from recipes.inbound import Item
from runtime.fault_points import reached
from runtime.store.engine import StoreUnavailable

LOST = "lost"
"""Counted as an outcome: the agency's brokers had removed it before it was read."""
_LOOK = 5.0
"""Seconds between two looks, where nothing comes, at whether the topic is there and as it was."""
_BYTES = 4 * 1024 * 1024
"""Bytes of records that become durable together, unless one alone is larger."""
_BATCHES = 50
"""Batches of one round, so that a long topic gives signs of life."""
_TROUBLE = (TopicUnavailable, StoreUnavailable, *NOT_NOW)
_log = structlog.get_logger("muara.connectors.kafka")


class TopicPoller:
    """Reads the topic of one source."""

    def __init__(
        self,
        source: Source,
        acceptance: Acceptance,
        cursors: Cursors,
        leases: Leases,
        clock: Callable[[], datetime],  # noqa: ARG002 as every poller takes it
        *,
        doubt: float | None = None,
    ) -> None:
        """Raises `BadTopicSettings` when the source does not describe a topic.

        `doubt`: seconds that a topic which seems too short may take to prove that it is not, since a new leader can
        lag for a moment; those of the address when nothing is said.
        """
        self.source = source
        self._settings = topic_settings(source)
        brokers = cluster(source)
        self._doubt = brokers.doubt if doubt is None else doubt
        self._topic = AgencyTopic(brokers, self._settings.topic, self._settings.batch)
        self._acceptance = acceptance
        self._cursors = cursors
        self._leases = leases
        self._cursor = Cursor(self._settings.topic)
        self._unchecked: set[int] = set()
        """Partitions whose last record was not compared yet."""
        self._looked_at = 0.0
        self._short_since: float | None = None
        self._stopping = asyncio.Event()
        self._rounds = Rounds(source, acceptance.metrics, self.round, noun="topic", trouble=_TROUBLE, room="kafka")

    @property
    def problem(self) -> str | None:
        """Why the topic is not served at the moment."""
        return self._rounds.problem

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until `stopping`. A broker that is away is logged, counted, and tried again, at growing intervals."""
        self._stopping = stopping
        try:
            await self._rounds.run(self._settings.interval, stopping)
        finally:
            await self.close()

    async def close(self) -> None:
        """Hang up; the next round begins where the cursor stands."""
        await self._topic.close()

    async def round(self) -> int | None:
        """Read what is new. Returns how many records were taken; None: another process reads this topic.

        Raises:
            LeaseLost: another process has taken over in the middle.
            TopicUnavailable: the brokers do not give the topic.
            StoreUnavailable: our own database does not answer.
            BusUnavailable: the log does not; neither do the others of `NOT_NOW`.
        """
        lease = await self._leases.hold(self.source.id)
        if lease is None:
            await self._topic.hang_up()
            return None
        try:
            return await self._read(lease)
        except OutOfReach:
            await self._topic.hang_up()
            return 0
        except BaseException:
            # The client stands behind what it gave; the cursor only behind what is durable.
            await self._topic.hang_up()
            raise

    async def _read(self, lease: Lease) -> int:
        if not self._topic.is_open or set(self._topic.partitions()) - self._cursor.partitions.keys():
            await self._begin(lease)
        taken = 0
        for _ in range(_BATCHES):
            records = await self._topic.records()
            if not records:
                await self._pass_marks(lease)
                await self._look()
                break
            fresh = self._fresh(records)
            if fresh is None:
                await self._save(lease, self._cursor)
                await self._topic.hang_up()
                break
            taken += await self._take(lease, fresh)
            if self._stopping.is_set() or await self._leases.hold(self.source.id) is not lease:
                break
        return taken

    async def _begin(self, lease: Lease) -> None:
        """Place every partition, and read from there."""
        await self._topic.open()
        known = Cursor.from_state(await self._cursors.load(self.source.id), self._settings.topic)
        bounds = await self._topic.bounds(self._topic.partitions())
        self._doubt_short(known, bounds)
        cursor, lost, anew = known, dict[int, int](), list[int]()
        for partition, bound in bounds.items():
            place = known.partitions.get(partition)
            if place is None:
                passed = self._settings.since == "now" and not known.begun
                cursor = cursor.moved(partition, Place(bound.end if passed else bound.first))
            elif place.next > bound.end:
                anew.append(partition)
                cursor = cursor.moved(partition, Place(bound.first))
            elif place.next < bound.first:
                lost[partition] = bound.first - place.next
                cursor = cursor.moved(partition, Place(bound.first))
        if cursor != known:
            await self._save(lease, cursor)
        self._cursor = cursor
        self._tell_lost(lost)
        for partition in anew:
            self._tell_anew(partition)
        starts = {partition: self._start(cursor.partitions[partition], bounds[partition]) for partition in bounds}
        self._unchecked = {partition for partition in bounds if starts[partition] < cursor.partitions[partition].next}
        self._topic.read_from(starts)
        self._looked_at = time.monotonic()

    def _start(self, place: Place, bound: Bounds) -> int:
        mark = place.mark
        return mark.offset if mark is not None and bound.first <= mark.offset < place.next else place.next

    def _fresh(self, records: Sequence[TopicRecord]) -> list[TopicRecord] | None:
        """Without what is durable already; None when the topic turns out to be another one, which the cursor knows."""
        fresh = []
        for record in records:
            place = self._cursor.partitions[record.partition]
            if record.partition in self._unchecked:
                self._unchecked.discard(record.partition)
                mark = place.mark
                if mark is not None and record.offset == mark.offset and _mark(record) != mark:
                    self._cursor = self._cursor.moved(record.partition, Place(0))
                    self._tell_anew(record.partition)
                    return None
            if record.offset >= place.next:
                fresh.append(record)
        return fresh

    async def _take(self, lease: Lease, records: Sequence[TopicRecord]) -> int:
        taken = 0
        for part in _portions(records):
            split = await asyncio.to_thread(self._items, part)
            lease.check()
            await self._acceptance.accept(
                self.source,
                [item for _, item in split],
                historical=self._settings.historical,
                provenance=[record.place for record, _ in split],
            )
            reached("connectors.polled")
            cursor = self._cursor
            for record in part:
                cursor = cursor.moved(record.partition, Place(record.offset + 1, _mark(record)))
            await self._save(lease, cursor)
            reached("connectors.cursor_saved")
            taken += len(part)
        return taken

    def _items(self, records: Sequence[TopicRecord]) -> list[tuple[TopicRecord, Item]]:
        return [(record, item) for record in records for item in items(record, self.source, self._settings.value)]

    async def _save(self, lease: Lease, cursor: Cursor) -> None:
        await self._cursors.save(lease, cursor.to_state())
        self._cursor = cursor

    async def _pass_marks(self, lease: Lease) -> None:
        """Move behind what is no record, such as the end of a transaction: its removal is no loss."""
        cursor = self._cursor
        for partition in self._topic.assigned():
            place, position = cursor.partitions[partition], await self._topic.position(partition)
            if position > place.next:
                cursor = cursor.moved(partition, Place(position, place.mark))
        if cursor != self._cursor:
            await self._save(lease, cursor)

    async def _look(self) -> None:
        """Where nothing comes: is the topic still there, and as long as it was? The client alone says nothing."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK:
            return
        if not await self._topic.exists():
            await self._topic.hang_up()  # the next round says so
            return
        bounds = await self._topic.bounds(self._topic.partitions())
        self._looked_at = now
        places = self._cursor.partitions
        if any(p not in places or places[p].next > bound.end for p, bound in bounds.items()):
            await self._topic.hang_up()  # the next round settles it

    def _doubt_short(self, cursor: Cursor, bounds: dict[int, Bounds]) -> None:
        short = [p for p, bound in bounds.items() if p in cursor.partitions and cursor.partitions[p].next > bound.end]
        now = time.monotonic()
        if not short:
            self._short_since = None
            return
        self._short_since = now if self._short_since is None else self._short_since
        if now - self._short_since < self._doubt:
            raise TopicUnavailable(
                f'the topic "{self._settings.topic}" is shorter than what was read of it (partition {short[0]}); should'
                " it stay so, it was made anew, and is read from its beginning"
            )
        self._short_since = None

    def _tell_lost(self, lost: dict[int, int]) -> None:
        for partition, count in lost.items():
            words = (
                f'up to {count} records of the topic "{self._settings.topic}", partition {partition}, were removed by'
                " the agency's brokers before they were read: ask the agency for them, and for a longer retention"
            )
            _log.error("records lost", source=self.source.id, partition=partition, records=count, why=words)
            self._acceptance.metrics.received(self.source.channel.recipe.channel, LOST, count)
            self._acceptance.activity.failed(self.source.id, words)

    def _tell_anew(self, partition: int) -> None:
        words = (
            f'the topic "{self._settings.topic}" was made anew (partition {partition}), and is read from its beginning;'
            " whether all of the old one had been read cannot be told"
        )
        _log.error("topic made anew", source=self.source.id, partition=partition, why=words)
        self._acceptance.activity.failed(self.source.id, words)


def _mark(record: TopicRecord) -> Mark:
    return Mark(record.offset, record.timestamp, record.size)


def _portions(records: Sequence[TopicRecord]) -> Iterator[list[TopicRecord]]:
    """In parts that are not too large; one record at least."""
    part, size = list[TopicRecord](), 0
    for record in records:
        if part and size + record.size > _BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += record.size
    if part:
        yield part
