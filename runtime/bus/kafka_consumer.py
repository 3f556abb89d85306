"""Reads from Kafka as a member of a group, from the consumer's own positions: the group only shares partitions out.

What aiokafka would do by itself, and why it may not. An assignment begins at the group's committed offsets, so every
new partition is paused until it was put at our own position. Errors of a rebalance listener are swallowed, so the
listener only takes notes and `poll` does the work. An offset that the log no longer has is silently replaced by the
earliest one, so every first offset is compared with the one that was expected.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from runtime.bus.kafka_batches import READ_BYTES, Batches, Shrunk
from runtime.bus.kafka_clients import Clients, stop_consumer
from runtime.bus.kafka_membership import Membership, own_assignor
from runtime.bus.kafka_placing import Log, Placing
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import BusUnavailable, OnGap, Partition, Positions, Received

_log = structlog.get_logger()

_GLANCE = 0.2
"""Seconds after which a waiting consumer looks whether its partitions have changed."""
_SILENCE = 5.0
"""Seconds without records after which the brokers are asked whether there are any."""


class KafkaConsumer:
    """The `Consumer` protocol on a group. After a failure the next `poll` joins again."""

    def __init__(
        self,
        log: Log,
        clients: Clients,
        settings: KafkaSettings,
        group: str,
        topics: Sequence[str],
        *,
        positions: Positions,
        on_gap: OnGap,
    ) -> None:
        self._log = log
        self._clients = clients
        self._settings = settings
        self.group = group
        self._group = settings.prefix + group
        self._topics = topics
        self._on_gap = on_gap
        self._placing = Placing(log, settings, topics, positions, on_gap)
        self._client: Any = None
        self._membership = Membership(settings.prefix)
        self._batches: Batches | None = None
        self._telling: asyncio.Task[None] | None = None
        self._heard = 0.0
        self._behind: set[Partition] = set()
        self._rebalances_before = 0

    @property
    def assigned(self) -> set[Partition]:
        """The partitions that this member has now."""
        return set(self._membership.assigned)

    @property
    def rebalances(self) -> int:
        """How often partitions were shared out since this member joined."""
        return self._membership.rebalances

    @property
    def rebalances_ever(self) -> int:
        """The same over all memberships: a failure ends one, and the next `poll` begins another."""
        return self._rebalances_before + self._membership.rebalances

    async def join(self, wait: float) -> None:
        """Join the group, and begin at the durable positions if partitions come within `wait` seconds.

        Raises:
            BusUnavailable: no broker answers.
            LogReplaced: the log ends before a position.
        """
        async with self._sound():
            await self._connect()
            await self._membership.wait(wait)
            await self._place()

    async def poll(self, limit: int, wait: float) -> dict[Partition, list[Received]]:
        """Records of the partitions that this member has, at most `limit` together."""
        deadline = time.monotonic() + wait
        while True:
            async with self._sound():
                await self._connect()
                await self._listen()
                await self._place()
                found = await self._take(limit, min(_GLANCE, max(0.0, deadline - time.monotonic())))
            if found or time.monotonic() >= deadline:
                return found

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Tell the group how far we are, for those who watch it. Lost without harm: our own positions count."""
        places = self._membership.assigned
        offsets = {places[partition]: offset for partition, offset in positions.items() if partition in places}
        if self._client is None or not offsets or (self._telling is not None and not self._telling.done()):
            return  # while the brokers are slow, the next one says more
        self._telling = asyncio.create_task(self._tell(self._client, offsets))
        await asyncio.wait({self._telling}, timeout=0.5)

    async def rewind(self) -> None:
        """Go back to the durable positions."""
        async with self._sound():
            self._membership.again()
            if self._client is not None:
                await self._place()

    async def close(self) -> None:
        """Leave the group."""
        await self._leave()

    @asynccontextmanager
    async def _sound(self) -> AsyncIterator[None]:
        """Whatever fails inside, the next call begins at the durable positions again."""
        if self._log.closed:
            raise BusUnavailable("the log is closed")
        try:
            yield
        except KafkaError as error:
            await self._leave()
            raise BusUnavailable(f"{self._settings.shown} gives no records: {_told(error)}") from error
        except BaseException:
            self._membership.again()
            raise

    async def _tell(self, client: Any, offsets: Mapping[Any, int]) -> None:  # noqa: ANN401 untyped
        try:
            await client.commit(offsets)
        except KafkaError as error:  # also CommitFailedError: the partition has gone to another member
            _log.debug("group_not_told", group=self._group, reason=_told(error))

    async def _connect(self) -> None:
        if self._client is not None:
            return
        instance = self._settings.instance
        client = AIOKafkaConsumer(
            # Who joins waits until a member that died is given up: shorter, and the group would never come to rest.
            **self._settings.client(patience=self._settings.session_timeout + 5),
            group_id=self._group,
            group_instance_id=f"{instance}.{self._group}" if instance else None,
            partition_assignment_strategy=[own_assignor()],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(self._settings.session_timeout * 1000),
            heartbeat_interval_ms=int(self._settings.session_timeout * 250),
            fetch_max_bytes=READ_BYTES,
            max_partition_fetch_bytes=READ_BYTES // 4,
        )
        try:
            await self._clients.start(client, stop_consumer, self._settings.connect_timeout)
        except (KafkaError, OSError) as error:  # among them TimeoutError
            raise BusUnavailable(f"{self._settings.shown} cannot be reached: {_told(error)}") from error
        self._client = client
        self._membership = Membership(self._settings.prefix, client)
        client.subscribe([self._settings.prefix + topic for topic in self._topics], listener=self._membership)
        self._heard = time.monotonic()

    async def _leave(self) -> None:
        client, self._client = self._client, None
        self._rebalances_before += self._membership.rebalances
        self._batches, self._membership = None, Membership(self._settings.prefix)
        if self._telling is not None:
            self._telling.cancel()
        if client is not None:
            await stop_consumer(client)

    async def _place(self) -> None:
        """Put partitions that are new to us at their durable positions."""
        while (round_ := self._membership.unplaced) is not None:
            places = dict(self._membership.assigned)
            self._batches = None
            begin = await self._placing.begin(places) if places else {}
            if not self._membership.settle(round_):
                continue  # shared out anew meanwhile
            for partition, offset in begin.items():
                self._client.seek(places[partition], offset)
                self._client.resume(places[partition])
            self._batches = Batches(self._client, places, begin, self._on_gap)
            self._heard = time.monotonic()

    async def _take(self, limit: int, wait: float) -> dict[Partition, list[Received]]:
        if self._batches is None or not self._batches.next:
            await self._membership.wait(wait)
            return {}
        try:
            found = await self._batches.take(limit, wait)
        except Shrunk as shrunk:
            await self._placing.refuse(shrunk.partition, self._batches.next[shrunk.partition])
        if self._batches.torn:
            self._membership.again()
        if found:
            self._heard = time.monotonic()
            self._behind = set()
        return found

    async def _listen(self) -> None:
        """After a long silence: are the brokers there, and is it true that there is nothing?"""
        if time.monotonic() - self._heard < _SILENCE:
            return
        self._heard = time.monotonic()
        behind = await self._placing.look(self._batches.next if self._batches is not None else {})
        if behind & self._behind:
            _log.warning("consumer_stuck", group=self._group, partitions=len(behind))
            await self._leave()
            await self._connect()
        self._behind = behind


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__
