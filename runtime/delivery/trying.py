"""One try of one delivery, with its doubts settled first; and what the outcome makes of the delivery."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runtime.delivery.backoff import Backoff
from runtime.delivery.outcomes import (
    Absent,
    Ambiguous,
    Delivered,
    Delivery,
    Doubts,
    Found,
    Outcome,
    Rejected,
    Retry,
    Sender,
    Stop,
    Undecided,
    Wait,
)
from runtime.delivery.queue import Change


@dataclass(frozen=True, slots=True)
class TryPolicy:
    """How long to go on."""

    attempts: int = 12
    """Tries that count, after which a delivery is parked."""
    backoff: Backoff = field(default_factory=Backoff)


LATE = Wait("whoever was to send it was held up for too long first", timedelta(0))
"""Nothing was sent, and it may be claimed again at once, if nobody else has it by now."""


async def attempt(
    sender: Sender, delivery: Delivery, frozen: bytes, in_time: Callable[[float], bool] = lambda _: True
) -> Outcome:
    """Send it, unless an earlier try may have succeeded and only a look-up can tell.

    `in_time` says whether no more than such a share of the lease has passed. A process that was stopped, or whose
    machine was, may wake up when its lease has ended, somebody else has looked, found nothing, and sent: it must not
    send, too.
    """
    if not in_time(0.25):
        return LATE
    doubts = sender.doubts(delivery.kind, frozen)
    if not delivery.doubt or doubts.repeatable:
        return await sender.send(delivery, frozen)
    found = await sender.lookup(delivery, frozen)
    if isinstance(found, Found):
        return Delivered(found.receipt, found.url, found.answer)
    if isinstance(found, Absent):
        if doubts.absence_proves:
            return await sender.send(delivery, frozen) if in_time(0.5) else LATE
        return Undecided("an earlier try may have been taken, and that the hub shows none proves nothing", found.answer)
    return found.again or Undecided(f"an earlier try may have been taken: {found.reason}")


def settle(
    delivery: Delivery,
    outcome: Outcome,
    *,
    doubts: Doubts,
    counting: bool,
    now: datetime,
    policy: TryPolicy,
    seal: Callable[[bytes], str],
) -> Change:
    """What an outcome makes of a delivery. Without `counting` (the circuit was not closed) no attempt is used up."""
    answer = getattr(outcome, "answer", b"")
    sealed = seal(answer) if answer else None
    match outcome:
        case Delivered():
            return Change(
                delivery, "delivered", None, delivery.attempts + 1, answer=sealed, receipt=outcome.receipt,
                url=outcome.url,
            )  # fmt: skip
        case Rejected():
            return Change(delivery, "rejected", outcome.reason, delivery.attempts + 1, answer=sealed)
        case Undecided():
            # The doubt is a person's now: when they replay it, they have decided that it is to be sent.
            return Change(delivery, "parked", outcome.reason, delivery.attempts, answer=sealed)
        case Stop():
            return Change(delivery, "pending", outcome.reason, delivery.attempts, delivery.doubt, now)
        case Wait():
            return Change(delivery, "pending", outcome.reason, delivery.attempts, delivery.doubt, now)
        case Retry() | Ambiguous():
            return _later(delivery, outcome, doubts, counting=counting, now=now, policy=policy, sealed=sealed)


def _later(
    delivery: Delivery,
    outcome: Retry | Ambiguous,
    doubts: Doubts,
    *,
    counting: bool,
    now: datetime,
    policy: TryPolicy,
    sealed: str | None,
) -> Change:
    ambiguous = isinstance(outcome, Ambiguous)
    doubt = delivery.doubt or ambiguous
    counts = counting and (ambiguous or (isinstance(outcome, Retry) and outcome.counts))
    attempts = delivery.attempts + 1 if counts else delivery.attempts
    if attempts >= policy.attempts:
        reason = f"given up after {attempts} tries; the last: {outcome.reason}"
        return Change(delivery, "parked", reason, attempts, doubt, answer=sealed)
    wait = outcome.after if outcome.after is not None else policy.backoff.after(attempts)
    if doubt and not doubts.repeatable and ambiguous:
        wait = max(wait, doubts.settle_after)
    return Change(delivery, "pending", outcome.reason, attempts, doubt, now + max(wait, timedelta(0)), sealed)
