"""Sends the deliveries of one destination: as many at a time as it likes, each under a lease, all results recorded."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.clock import Clock
from runtime.delivery.circuit import CircuitPolicy
from runtime.delivery.outcomes import Delivery, Outcome, Retry, Sender, Undecided
from runtime.delivery.queue import Change, DeliveryQueue
from runtime.delivery.resting import Rest, resting_until
from runtime.delivery.trying import TryPolicy, attempt, settle
from runtime.fault_points import reached
from runtime.sealing.protocol import Sealing
from runtime.store.engine import Store

log = structlog.get_logger()

_GATHER = 0.01
"""Seconds that a result waits for company before it is recorded."""
_ANSWER_KEPT = 16 * 1024
"""Bytes of an answer that are kept as evidence."""


def passed() -> float:
    """Seconds since some moment, those among them in which this process, or this machine, was stopped."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send, and what of it a later state may change."""

    frozen: bytes
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Unrenderable:
    """Why it cannot be sent as it is."""

    reason: str


class Owner(Protocol):
    """Whoever owns the deliveries: knows what they say, and what follows when they end."""

    async def render(
        self, connection: AsyncConnection, deliveries: Sequence[Delivery]
    ) -> Mapping[UUID, Rendered | Unrenderable]:
        """What each delivery says now. It is kept, and sent unchanged at every try."""
        ...

    async def ended(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        """In the transaction that records results: write what follows."""
        ...

    async def recorded(self, changes: Sequence[Change]) -> None:
        """After that transaction."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerPolicy:
    """How a destination is served."""

    concurrency: int = 4
    """At a time, in this process."""
    rate: float | None = None
    """Deliveries a second, of all processes together; None: no limit."""
    lease: timedelta = timedelta(seconds=60)
    """Longer than one try with its look-up can take."""
    tries: TryPolicy = field(default_factory=TryPolicy)
    circuit: CircuitPolicy = field(default_factory=CircuitPolicy)
    rests: Sequence[Rest] = ()


@dataclass(frozen=True, slots=True)
class _Result:
    delivery: Delivery
    outcome: Outcome


class Worker:
    """One destination's worker. `step` is a turn of a `Loop`."""

    def __init__(
        self,
        name: str,
        store: Store,
        queue: DeliveryQueue,
        sealing: Sealing,
        *,
        sender: Sender,
        owner: Owner,
        kinds: Sequence[str],
        policy: WorkerPolicy,
        clock: Clock,
        observe: Callable[[Outcome, float], None],
        alone: bool = False,
    ) -> None:
        """`alone`: no other process serves this destination, so leases found at the start have no holder."""
        self.name = name
        self._store = store
        self._queue = queue
        self._sealing = sealing
        self._sender = sender
        self._owner = owner
        self._kinds = kinds
        self._policy = policy
        self._clock = clock
        self._observe = observe
        self._take_all = alone
        self._under_way: set[asyncio.Task[_Result]] = set()
        self._unrecorded: list[_Result] = []

    async def step(self) -> bool:
        """Record what is back, claim what there is room for, wait for the next answer. Says whether there was work."""
        await self._record()
        room = self._policy.concurrency - len(self._under_way)
        if room * 2 >= self._policy.concurrency:
            since = passed()
            for delivery, frozen in await self._claim(room):
                self._under_way.add(asyncio.create_task(self._try(delivery, frozen, since)))
        if self._unrecorded:
            await self._record()
        if not self._under_way:
            return False
        await self._collect(0.5)
        if self._unrecorded and self._under_way:
            # One commit for those that come back together costs as much as one for each.
            await self._collect(_GATHER, all_=True)
        await self._record()
        return True

    async def drain(self) -> None:
        """Finish what is under way; claim nothing more."""
        while self._under_way:
            await self._collect(None)
        await self._record()

    async def _collect(self, seconds: float | None, *, all_: bool = False) -> None:
        until = asyncio.ALL_COMPLETED if all_ else asyncio.FIRST_COMPLETED
        done, self._under_way = await asyncio.wait(self._under_way, timeout=seconds, return_when=until)
        self._unrecorded += [task.result() for task in done]

    async def _try(self, delivery: Delivery, frozen: bytes, since: float) -> _Result:
        """`since`: when its lease began, or earlier, by `passed`."""
        began = time.monotonic()

        def in_time(share: float) -> bool:
            return passed() - since <= self._policy.lease.total_seconds() * share

        try:
            outcome = await attempt(self._sender, delivery, frozen, in_time)
        except Exception as fault:
            # A fault of ours must not take the others along, nor be tried for ever: it counts, and is told.
            log.exception("delivery_fault", destination=self.name, delivery=str(delivery.delivery_id))
            outcome = Retry(f"a fault in Muara itself: {type(fault).__name__}; see the log")
        reached("delivery.answered")
        self._observe(outcome, time.monotonic() - began)
        return _Result(delivery, outcome)

    async def _claim(self, room: int) -> list[tuple[Delivery, bytes]]:
        now = self._clock()
        if resting_until(self._policy.rests, now) is not None:
            return []
        if not self._take_all and not await self._worth_a_look(now, room):
            return []
        waits = {kind: self._after_loss(kind) for kind in self._kinds}
        async with self._store.writing() as connection:
            destination = await self._queue.destination(connection, self.name)
            await self._queue.release(connection, self.name, now, waits, all_=self._take_all)
            in_flight = await self._queue.leased(connection, self.name)
            allowed = destination.room(now, room, in_flight, self._policy.rate)
            claimed = await self._queue.claim(connection, self.name, now, allowed, self._policy.lease)
            if claimed:
                turn = max(delivery.turn for delivery in claimed)
                after = destination.claimed(len(claimed), turn, now, self._policy.rate)
                await self._queue.keep(connection, after, now)
            new = [delivery for delivery in claimed if delivery.request is None]
            rendered = await self._owner.render(connection, new) if new else {}
            good = {key: each for key, each in rendered.items() if isinstance(each, Rendered)}
            await self._queue.freeze(
                connection, {key: (self._seal(key, "request", r.frozen), r.fingerprint) for key, r in good.items()}
            )
        self._take_all = False
        if claimed:
            reached("delivery.leased")
        bad = {key: each.reason for key, each in rendered.items() if isinstance(each, Unrenderable)}
        self._unrecorded += [_Result(d, Undecided(bad[d.delivery_id])) for d in claimed if d.delivery_id in bad]
        return [
            (d, good[d.delivery_id].frozen if d.delivery_id in good else self._open(d))
            for d in claimed
            if d.delivery_id not in bad
        ]

    async def _worth_a_look(self, now: datetime, room: int) -> bool:
        async with self._store.reading() as connection:
            if await self._queue.anything(connection, self.name, now, state="leased"):
                return True
            destination = await self._queue.destination(connection, self.name, lock=False)
            allowed = destination.room(now, room, len(self._under_way), self._policy.rate)
            return allowed > 0 and await self._queue.anything(connection, self.name, now, state="pending")

    def _after_loss(self, kind: str) -> timedelta:
        doubts = self._sender.doubts(kind)
        return timedelta(0) if doubts.repeatable else doubts.settle_after

    async def _record(self) -> None:
        if not self._unrecorded:
            return
        results = list(self._unrecorded)
        now = self._clock()
        async with self._store.writing() as connection:
            destination = await self._queue.destination(connection, self.name)
            changes = []
            for result in results:
                counting = destination.circuit(now) == "closed"
                changes.append(self._settled(result, counting=counting))
                destination = destination.after(result.outcome, now, self._policy.circuit)
            held = await self._queue.finish(connection, changes, now)
            await self._queue.keep(connection, destination, now)
            await self._owner.ended(connection, held)
        del self._unrecorded[: len(results)]
        reached("delivery.recorded")
        if len(held) < len(changes):
            log.warning("lease_lost", destination=self.name, deliveries=len(changes) - len(held))
        await self._owner.recorded(held)

    def _settled(self, result: _Result, *, counting: bool) -> Change:
        delivery = result.delivery
        return settle(
            delivery,
            result.outcome,
            doubts=self._sender.doubts(delivery.kind),
            counting=counting,
            now=self._clock(),
            policy=self._policy.tries,
            seal=lambda answer: self._seal(delivery.delivery_id, "answer", answer[:_ANSWER_KEPT]),
        )

    def _seal(self, delivery_id: UUID, field: str, data: bytes) -> str:
        return self._sealing.seal(data, subject=str(delivery_id), field=field)

    def _open(self, delivery: Delivery) -> bytes:
        assert delivery.request is not None  # noqa: S101 only what was rendered comes here
        return self._sealing.open(delivery.request, subject=str(delivery.delivery_id), field="request")
